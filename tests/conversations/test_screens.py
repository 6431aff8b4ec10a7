"""The screens around the conversations: within the limits, complete in every language, no promise that is not kept."""

from datetime import UTC, date, datetime
from functools import partial
from itertools import product

import pytest

from conversations.engine.facts import Deployment
from conversations.meetings import agenda
from conversations.people import menu
from conversations.signals import followed
from domain.meetings import planning
from domain.meetings.planning import Details
from domain.screens import Screen, Text
from domain.signals import workflow
from domain.signals.workflow import Kind, Status
from domain.staff.promises import ReportReader
from handlers.telegram.render import MESSAGE_LIMIT, render
from locales.texts import LANGUAGES

DEPLOYMENT = Deployment("Stichting Voorbeeld", "020 555 0100")
DAY = date(2026, 11, 21)


Brief = partial(workflow.SignalBrief, "a" * 26, Kind.NUISANCE, Status.RECEIVED, DAY, news=False)
Turn = partial(workflow.Turn, from_staff=False, language="nl", day=DAY, files=())
Followed = partial(
    workflow.Followed,
    signal_id="a" * 26, code="SNW-2345-6789", kind=Kind.DISCRIMINATION, status=Status.IN_PROGRESS, received_on=DAY,
    mine=True, line_cut=False, reads=3, last_read=DAY, about="police", role="witness", neighbourhood=None, details={},
    turns=(), may_withdraw=True, may_reopen=True,
)  # fmt: skip
DETAILS = Details({"nl": "&" * 60}, "p" * 120, "a" * 120, {"ar": "<" * 800}, {"nl": "i" * 800}, (52.3, 4.8))
Mine = partial(planning.Mine, people=6, waiting=True, place=12)
# With the longest texts that staff can give.
Meeting = partial(
    planning.Shown,
    meeting_id="a" * 26, cancelled=False, over=False, sequence=0, details=DETAILS,
    starts_at=datetime(2026, 11, 28, 13, tzinfo=UTC), ends_at=datetime(2026, 11, 28, 15, tzinfo=UTC), reminded=True,
    free=3, left=3,
)  # fmt: skip
FILES = tuple(workflow.File("b" * 26, kind, 5, "kept", "") for kind in ("photo", "voice"))
LONG = Followed(turns=tuple(Turn(words=f"{number} " + "x" * 2900, files=FILES) for number in range(5)))
SCREENS: dict[str, Screen] = {
    **{f"language {language}": menu.language_choice(language, DEPLOYMENT) for language in LANGUAGES},
    "warning": menu.warning(DEPLOYMENT),
    "menu": menu.main(unfinished=False),
    "menu with more": menu.main(unfinished=True),
    "unfinished": menu.unfinished(),
    "privacy": menu.privacy(DEPLOYMENT),
    "help": menu.explanation(DEPLOYMENT),
    "settings": menu.settings(),
    **{
        f"receipt {reads}": followed.receipt(
            "a" * 26, "SNW-2345-6789", "b" * 26, reads, DEPLOYMENT, wants_help=True, shut_out=True
        )
        for reads in ReportReader
    },
    "no signals": followed.my_signals([], 0),
    "many signals": followed.my_signals([Brief(news=True)] * 9, 1),
    "signal": followed.signal(Followed(turns=(Turn(words="Hallo"), Turn(words="Dag", from_staff=True, language="ar")))),
    **{f"long signal {page}": followed.signal(LONG, page) for page in range(5)},
    **{f"signal {status}": followed.signal(Followed(status=status)) for status in Status},
    "choices": followed.choices(Followed()),
    "no meetings": agenda.agenda([], 0),
    **{f"many meetings {page}": agenda.agenda([Meeting(), Meeting(cancelled=True)] * 5, page) for page in range(4)},
    **{f"meeting with {free} free": agenda.meeting(Meeting(free=free)) for free in (None, 0, 1, 3)},
    "meeting in line": agenda.meeting(Meeting(mine=Mine())),
    "meeting at the head of the line": agenda.meeting(Meeting(mine=Mine(place=1))),
    "meeting with a place": agenda.meeting(Meeting(mine=Mine(waiting=False))),
    "meeting cancelled": agenda.meeting(Meeting(cancelled=True)),
    "meeting over": agenda.meeting(Meeting(over=True)),
    "meeting unknown": agenda.unknown(),
    "answered": agenda.answered(Meeting(mine=Mine()), Mine(), kept=True),
    "answered with a place": agenda.answered(Meeting(mine=Mine()), Mine(waiting=False), kept=False),
    "meeting too small": agenda.meeting(Meeting(mine=Mine(fits=False))),
    "party too large": Screen(agenda.too_many(Meeting(mine=Mine()), 5)),
    "away": agenda.away(said_before=True),
    "closed": agenda.closed(),
}


@pytest.mark.parametrize(("name", "language"), list(product(SCREENS, LANGUAGES)))
def test_every_screen_is_within_the_limits_in_every_language(name: str, language: str) -> None:
    screen = SCREENS[name]
    shown = render(screen, language)
    assert len(shown.html) <= MESSAGE_LIMIT * 2
    assert sum(len(row) for row in screen.buttons) <= 6
    assert all(1 <= len(row) <= 3 for row in screen.buttons)
    labels = [button["text"] for row in shown.keyboard for button in row]
    assert len(labels) == len(set(labels))
    assert all(len(button["callback_data"].encode()) <= 64 for row in shown.keyboard for button in row)


def test_the_warning_says_everything_that_can_not_be_promised() -> None:
    shown = render(SCREENS["warning"], "nl").html
    promises = (
        "Telegram kan lezen",
        "naam en nummer niet",
        "vertellen wie je bent",
        "wel een antwoord",
        "/wis",
        "politie",
        "112",
    )
    ways = ("Stichting Voorbeeld", "020 555 0100")
    assert all(said in shown for said in (*promises, *ways))


def test_every_page_of_a_dialogue_is_shown_whole() -> None:
    shown = "".join(render(followed.signal(LONG, page), "nl").html for page in range(5))
    for turn in LONG.turns:
        assert turn.words in shown


def test_staff_answers_name_their_language_in_the_readers_own() -> None:
    signal = Followed(turns=(Turn(words="مرحبا", from_staff=True, language="ar"),))
    shown = {language: render(followed.signal(signal), language).html for language in LANGUAGES}
    named = {"nl": "(Arabisch)", "en": "(Arabic)", "tr": "(Arapça)", "ar": "(العربية)"}
    assert all(words in shown[language] for language, words in named.items())


@pytest.mark.parametrize("reads", ReportReader)
def test_who_wants_help_hears_that_they_are_asked_first_where_somebody_can_ask(reads: ReportReader) -> None:
    shown = render(SCREENS[f"receipt {reads}"], "nl").html
    assert ("vragen je eerst" in shown) == (reads in (ReportReader.TEAM, ReportReader.CONFIDANT))
    assert "MDRA (mdra.nl): 020-638 55 51" in shown
    assert "vijf werkdagen" not in shown


def test_the_privacy_page_tells_of_every_kind_of_thing_that_is_kept() -> None:
    shown = render(SCREENS["privacy"], "nl").html
    assert all(kept in shown for kept in ("je meldingen", "bijeenkomst", "stem", "nieuws"))


def test_a_withdrawn_signal_takes_no_addition() -> None:
    offered = [button.go for row in SCREENS["signal withdrawn"].buttons for button in row]
    assert "add" not in offered


@pytest.mark.parametrize(
    ("signal", "deed", "offered"),
    [
        (Followed(), "cut_line", True),
        (Followed(mine=False), "cut_line", False),
        (Followed(line_cut=True), "cut_line", False),
        (Followed(may_withdraw=False), "withdraw", False),
        (Followed(may_reopen=False), "reopen", False),
    ],
)
def test_only_what_is_possible_is_offered(signal: workflow.Followed, deed: str, offered: bool) -> None:
    assert (deed in [button.go for row in followed.choices(signal).buttons for button in row]) == offered


@pytest.mark.parametrize("reads", ReportReader)
def test_news_is_promised_only_where_somebody_reads(reads: ReportReader) -> None:
    shown = followed.receipt("a" * 26, "SNW-2345-6789", "b" * 26, reads, DEPLOYMENT, wants_help=False, shut_out=False)
    promised = Text("signals.receipt.next") in shown.lines
    assert promised == (reads in (ReportReader.TEAM, ReportReader.CONFIDANT))


@pytest.mark.parametrize("language", LANGUAGES)
def test_photos_and_voices_are_counted_apart_and_what_was_lost_is_no_photo(language: str) -> None:
    files = tuple(workflow.File("b" * 26, kind, 5, state, "") for kind, state in
                  [("photo", "kept"), ("photo", "waiting"), ("photo", "refused"), ("voice", "gone")])  # fmt: skip
    shown = followed.signal(Followed(turns=(Turn(words="", files=files),)))
    counted = {line.key: line.count for line in shown.lines if isinstance(line, Text) and line.count is not None}
    assert counted == {"signals.head.reads_confidant": 3, "signals.turn.photos": 2, "signals.files.lost": 2}
    assert render(shown, language).html


def test_the_list_turns_its_pages_and_comes_round() -> None:
    pages = [followed.my_signals([Brief()] * 9, page) for page in range(3)]
    more = [[button.value for row in page.buttons for button in row if button.go == "mine"] for page in pages]
    assert more == [["1"], ["2"], ["0"]]


def test_news_in_the_list_is_marked() -> None:
    label = followed.my_signals([Brief(news=True)], 0).buttons[0][0].label
    assert isinstance(label, Text)
    assert label.key == "signals.button.with_news"


def test_what_holds_no_news_is_not_marked() -> None:
    label = followed.my_signals([Brief()], 0).buttons[0][0].label
    assert isinstance(label, Text)
    assert label.key == "signals.button.listed"

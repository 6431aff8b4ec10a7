"""Reporting: what is asked, kept, refused, and what comes out."""

from dataclasses import fields, replace
from datetime import date

import pytest

from conversations.engine.answers import Answer, Corrected, Photographed, Pinned, Spoken, Tapped, Typed
from conversations.engine.flow import BACK, SKIP, SUMMARY, TO_SUMMARY, Flow, Step, advance, start
from conversations.engine.state import State
from conversations.signals.add_to_signal import ADD
from conversations.signals.report_signal import REPORT, report_of
from domain.screens import Text, Words
from domain.signals.workflow import About, GivenFile, Kind, Report, Role
from handlers.chat.buttons import button_of
from handlers.telegram.render import render
from locales.texts import LANGUAGES
from tests.conversations.told import FACTS, finished, keys, running

STORY = "Harde muziek op het plein"
TO_WHERE = (STORY, "nuisance")
TO_SUMMARY_SCREEN = (*TO_WHERE, "Wildeman", "today")


def test_everything_that_was_told_is_in_the_report() -> None:
    answers = (
        "Ik mocht niet naar binnen", "discrimination", "Reimerswaal", "yesterday", "witness", "school", "faith",
        "help", "send",
    )  # fmt: skip
    report = report_of(finished(REPORT, *answers).answers, "tr")
    assert (report.kind, report.story, report.language) == (Kind.DISCRIMINATION, "Ik mocht niet naar binnen", "tr")
    assert (report.neighbourhood, report.when) == ("FJ01", "2026-11-20")
    assert (report.role, report.about, report.why, report.wants_help) == (Role.WITNESS, About.SCHOOL, "faith", True)


def test_only_discrimination_is_asked_who_why_and_help() -> None:
    assert running(REPORT, *TO_SUMMARY_SCREEN).step == "summary"
    assert running(REPORT, "x", "discrimination", "Wildeman", "today").step == "role"


def test_the_shortest_report_is_a_story_a_kind_and_send() -> None:
    report = report_of(finished(REPORT, STORY, "nuisance", TO_SUMMARY, "send").answers, "nl")
    assert (report.kind, report.story, report.neighbourhood, report.when) == (Kind.NUISANCE, STORY, None, "")
    assert (report.role, report.about, report.point) == (Role.VICTIM, About.NOBODY, None)


def test_a_skipped_kind_is_something_else() -> None:
    assert report_of(finished(REPORT, STORY, SKIP, TO_SUMMARY, "send").answers, "nl").kind == Kind.OTHER


def test_nothing_is_sent_while_nothing_was_told() -> None:
    state = running(REPORT, SKIP, "nuisance", TO_SUMMARY, "send")
    assert state.step == "summary"
    assert keys(state)[0] == "report.summary.empty"


def test_several_messages_join_into_one_story() -> None:
    state = running(REPORT, "Een", Typed("twee", 2))
    assert state.step == "kind"
    state = running(REPORT, "Een", Typed("twee", 2), "nuisance", TO_SUMMARY, Typed("drie", 3))
    assert report_of(state.answers, "nl").story == "Een\ntwee\ndrie"
    assert Words("Een\ntwee\ndrie") in state.screen.lines


def test_a_number_that_is_no_choice_does_not_become_part_of_the_story() -> None:
    state = running(REPORT, "Een", "9")
    assert keys(state)[0] == "screens.choice.unclear"
    assert report_of(state.answers, "nl").story == "Een"


@pytest.mark.parametrize("texts", [["a" * 3001], ["a" * 3000, "b"]])
def test_a_text_that_is_too_long_is_refused_with_its_length_and_nothing_is_lost(texts: list[str]) -> None:
    state = running(REPORT, *(Typed(text, number) for number, text in enumerate(texts)))
    refusal = state.screen.lines[0]
    assert isinstance(refusal, Text)
    assert refusal.key == "report.story.too_long"
    assert refusal.values["limit"] == 3000
    assert len(report_of(state.answers, "nl").story) in (0, 3000)


def test_a_story_of_exactly_three_thousand_characters_is_taken() -> None:
    assert running(REPORT, "a" * 3000).step == "kind"


def test_a_corrected_message_replaces_its_part_of_the_story() -> None:
    state = running(REPORT, Typed("Een", 1), Typed("twee", 2), Corrected("TWEE", 2))
    assert report_of(state.answers, "nl").story == "Een\nTWEE"
    assert keys(state)[0] == "report.story.corrected"


def test_a_correction_of_another_message_says_what_to_do() -> None:
    state = running(REPORT, *TO_WHERE, Typed("Wildeman", 7), Corrected("Reimerswaal", 7))
    assert keys(state)[0] == "report.story.not_corrected"
    assert state.answers["neighbourhood"] == "FK01"


def test_a_voice_message_tells_the_story() -> None:
    done = finished(REPORT, Spoken("voice", 42), "nuisance", TO_SUMMARY, "send")
    assert report_of(done.answers, "nl").given == (GivenFile("voice", "voice", 42),)


def test_voice_is_welcome_wherever_words_are_asked() -> None:
    state = running(REPORT, *TO_WHERE, "Wildeman", Spoken("when", 5))
    assert state.step == "summary"
    assert state.answers["voices"] == [["when", 5]]


def test_a_voice_message_over_five_minutes_is_refused() -> None:
    state = running(REPORT, Spoken("long", 301))
    assert keys(state)[0] == "report.voice.too_long"
    assert state.step == "story"
    assert "voices" not in state.answers


def test_an_album_is_counted_and_the_sixth_photo_is_refused() -> None:
    photos = [Photographed(f"photo {number}") for number in range(6)]
    state = running(REPORT, *TO_SUMMARY_SCREEN, "part.photos", *photos)
    assert state.step == "photos"
    assert keys(state)[0] == "report.photos.full"
    after = advance(REPORT, state, Tapped("done", state.serial), FACTS)
    assert isinstance(after, State)
    assert after.step == "summary"
    assert len(report_of(after.answers, "nl").given) == 5


@pytest.mark.parametrize("before", [(), (STORY,), TO_WHERE, TO_SUMMARY_SCREEN])
def test_a_photo_is_kept_from_every_step_and_the_step_stays(before: tuple[str, ...]) -> None:
    step = running(REPORT, *before).step
    state = running(REPORT, *before, Photographed("photo", "met tekst", 9))
    assert state.step == step
    assert state.answers["photos"] == ["photo"]
    assert "met tekst" in report_of(state.answers, "nl").story


def test_photos_can_be_taken_out_again() -> None:
    state = running(REPORT, *TO_SUMMARY_SCREEN, Photographed("photo"), "part.photos", "none")
    assert "photos" not in state.answers


@pytest.mark.parametrize(
    ("part", "answer", "name", "value"),
    [
        ("kind", "damp", "kind", "damp"),
        ("where", "Reimerswaal", "neighbourhood", "FJ01"),
        ("place", "Osdorpplein", "place", "Osdorpplein"),
        ("when", "vorige week", "when", {"words": "vorige week"}),
        ("story", "Anders", "story", [{"ref": 1, "words": "Anders"}]),
    ],
)
def test_each_part_is_changed_from_the_summary_and_leads_back_to_it(
    part: str, answer: str, name: str, value: object
) -> None:
    state = running(REPORT, *TO_SUMMARY_SCREEN, "parts", f"part.{part}", answer)
    assert state.step == "summary"
    assert state.answers[name] == value
    assert not state.changing


def test_changing_a_part_can_be_thought_better_of() -> None:
    state = running(REPORT, *TO_SUMMARY_SCREEN, "parts", "part.when", BACK)
    assert state.step == "summary"
    assert state.answers["when"] == {"day": "2026-11-21"}


# Where


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (["wildemanbuurt"], "FK01"),
        (["reimerswal"], "FJ01"),
        (["delflandplein", "at.FP05"], "FP05"),
        (["list", "district.1", "at.FB05"], "FB05"),
        (["list", "more", "more", "more", "district.0", "more", "at.FA08"], "FA08"),
        ([Pinned(52.3621, 4.8013), "pin.area"], "FK01"),
        (["locate", Pinned(52.3621, 4.8013), "pin.area"], "FK01"),
        ([Pinned(52.3621, 4.8013), "pin.no", "Reimerswaal"], "FJ01"),
    ],
)
def test_a_neighbourhood_is_found_in_many_ways(answers: list[str | Answer], code: str) -> None:
    state = running(REPORT, *TO_WHERE, *answers)
    assert state.step == "when"
    assert state.answers["neighbourhood"] == code
    assert "pin" not in state.answers


def test_the_exact_place_is_kept_only_when_the_resident_says_so() -> None:
    state = running(REPORT, *TO_WHERE, Pinned(52.3621, 4.8013), "pin.exact")
    assert report_of(state.answers, "nl").point == (4.8013, 52.3621)
    changed = running(REPORT, *TO_WHERE, Pinned(52.3621, 4.8013), "pin.exact", BACK, "Reimerswaal")
    assert report_of(changed.answers, "nl").point is None


def test_a_place_outside_nieuw_west_is_refused() -> None:
    state = running(REPORT, *TO_WHERE, Pinned(51.9, 4.5))
    assert keys(state)[0] == "report.where.outside"
    assert state.step == "where"


def test_an_unknown_neighbourhood_is_refused_with_what_to_do() -> None:
    assert keys(running(REPORT, *TO_WHERE, "Xanadu"))[0] == "report.where.unknown"


def test_a_street_is_written_down_and_the_neighbourhood_asked_again() -> None:
    state = running(REPORT, *TO_WHERE, "Hoekenesgracht 12")
    assert state.step == "where"
    assert state.answers["place"] == "Hoekenesgracht 12"


@pytest.mark.parametrize(("letters", "kept"), [(295, True), (296, False)])
def test_a_street_of_at_most_300_characters_is_written_down(letters: int, kept: bool) -> None:
    state = running(REPORT, *TO_WHERE, "y" * letters + "plein")
    assert keys(state)[0] == ("report.where.street" if kept else "report.where.unknown")
    assert ("place" in state.answers) == kept


def test_the_list_of_districts_goes_on_with_its_next_page() -> None:
    pages = [running(REPORT, *TO_WHERE, "list", *["more"] * times).screen for times in range(3)]
    first = [page.buttons[0][0].answer for page in pages]
    assert first == ["district.0", "district.5", "district.10"]


def test_a_poster_of_a_neighbourhood_answers_where() -> None:
    state = start(REPORT, "thread", FACTS, {"neighbourhood": "FA08", "linked": True})
    for value in ("Het is gebeurd", "nuisance"):
        answer = Tapped(value, state.serial) if state.screen.offers(value) else Typed(value)
        after = advance(REPORT, state, answer, FACTS)
        assert isinstance(after, State)
        state = after
    assert state.step == "when"


# Danger


@pytest.mark.parametrize(
    ("answers", "after"),
    [
        (["Hij had een mes"], "kind"),
        ([STORY, Typed("en hij dreigt", 2)], "kind"),
        ([*TO_WHERE, "Wildeman", "elke keer dat hij schiet"], "summary"),
        ([*TO_SUMMARY_SCREEN, Typed("He will kill me", 5)], "summary"),
        ([STORY, "nuisance", TO_SUMMARY, Typed("Beni tehdit etti", 5)], "summary"),
        ([*TO_SUMMARY_SCREEN, "parts", "part.place", "waar hij mij sloeg"], "summary"),
    ],
)
def test_words_of_danger_show_the_numbers_once_before_going_on(answers: list[str | Answer], after: str) -> None:
    state = running(REPORT, *answers)
    assert state.step == "danger"
    numbers = next(line for line in state.screen.lines if isinstance(line, Text) and line.values)
    assert set(numbers.values.values()) == {
        "112", "0900-8844", "0800-2000", "0800-7000", "0800-0113", "0800-0188", "0800-0432"
    }  # fmt: skip
    assert "screens.danger.promise" in keys(state)
    assert running(REPORT, *answers, "on").step == after
    assert running(REPORT, *answers, "on", Typed("Nog een mes", 8)).step != "danger"


@pytest.mark.parametrize("step", [("part.story",), ("part.place",), ("part.when",), ("more", "part.why")], ids="-".join)
def test_words_of_danger_mark_the_report_at_whichever_step_they_are_typed(step: tuple[str, ...]) -> None:
    to_step: list[str | Answer] = [STORY, "discrimination", TO_SUMMARY, "parts", *step]
    calm = finished(REPORT, *to_step, Typed("na het eten", 5), "send")
    assert not report_of(calm.answers, "nl").danger
    told = finished(REPORT, *to_step, Typed("hij heeft een mes", 5), "on", "send")
    assert report_of(told.answers, "nl").danger


def test_the_numbers_stand_on_the_first_screen() -> None:
    assert "screens.danger.numbers" in keys(running(REPORT))


def test_yesterday_is_counted_from_today() -> None:
    assert FACTS.today == date(2026, 11, 21)
    assert running(REPORT, *TO_WHERE, "Wildeman", "yesterday").answers["when"] == {"day": "2026-11-20"}


def test_the_name_of_a_neighbourhood_is_written_out_and_closed_by_no_second_full_stop() -> None:
    noted = running(REPORT, *TO_WHERE, "Osdorpplein").screen
    for language in LANGUAGES:
        assert "Osdorpplein en omgeving" in render(noted, language).html
        assert "omgeving." not in render(noted, language).html
    check = running(REPORT, *TO_WHERE, "Osdorpplein", "today").screen
    assert "Osdorpplein en omgeving" in render(check, "nl").html


@pytest.mark.parametrize("steps", [("osdorp",), ("list",), ("list", "district.0"), (Pinned(52.3621, 4.8013),)])
def test_not_knowing_the_neighbourhood_can_be_said_on_every_list_of_them(steps: tuple[Answer | str, ...]) -> None:
    state = running(REPORT, *TO_WHERE, *steps)
    assert state.step == "where"
    assert running(REPORT, *TO_WHERE, *steps, SKIP).step == "when"


def test_an_addition_is_sent_by_its_number_too() -> None:
    screen = running(ADD, "Het was om elf uur").screen
    send = button_of("1", screen, "nl")
    assert send is not None
    assert send.answer == "send"
    assert button_of("2", screen, "nl") is None


def test_no_number_is_asked_for_where_nothing_has_one() -> None:
    assert keys(running(REPORT, *TO_WHERE, "99"))[0] == "screens.choice.unclear"
    assert keys(running(REPORT, *TO_WHERE, "locate", "99"))[0] == "screens.question.unclear"


def test_what_the_summary_no_longer_shows_is_not_sent_either() -> None:
    to_summary = (
        "Ik mocht niet naar binnen",
        "discrimination",
        "Reimerswaal",
        "today",
        "witness",
        "police",
        "faith",
        "help",
    )
    state = running(REPORT, *to_summary)
    assert "report.summary.about" in keys(state)
    changed = running(REPORT, *to_summary, "parts", "part.kind", "nuisance")
    assert not {"report.summary.about", "report.summary.why", "report.about.shut_out"} & set(keys(changed))
    report = report_of(changed.answers, "nl")
    assert (report.kind, report.about, report.why) == (Kind.NUISANCE, About.NOBODY, "")
    assert (report.role, report.wants_help) == (Role.VICTIM, False)


# The fields of a report that no step fills: they come from elsewhere.
FROM_ELSEWHERE = {"language", "danger"}


def unfilled(flow: Flow) -> set[str]:
    """Fields of a report that no step of the flow fills, or more than one."""
    filled = [name for step in flow.steps for name in step.fills]
    names = {field.name for field in fields(Report)} - FROM_ELSEWHERE
    return (names ^ set(filled)) | {name for name in filled if filled.count(name) > 1}


def nowhere(flow: Flow) -> set[str]:
    """Names of the steps whose answers fill no field of a report, though they should."""
    known = {"danger", "photos", SUMMARY}  # these fill no field themselves; photos go with the story
    return {step.name for step in flow.steps if not step.fills} - known


def test_every_field_of_a_report_is_filled_by_one_step_and_no_answer_ends_nowhere() -> None:
    assert unfilled(REPORT) == set()
    assert nowhere(REPORT) == set()


@pytest.mark.parametrize("step", [step for step in REPORT.steps if step.fills], ids=lambda step: step.name)
def test_a_step_that_forgets_what_it_fills_is_noticed(step: Step) -> None:
    forgetful = tuple(replace(one, fills={}) if one.name == step.name else one for one in REPORT.steps)
    flow = replace(REPORT, steps=forgetful)
    assert unfilled(flow) == set(step.fills)
    assert nowhere(flow) == {step.name}


def test_a_field_that_two_steps_fill_is_noticed() -> None:
    assert unfilled(replace(REPORT, steps=(*REPORT.steps, REPORT.steps[0]))) == set(REPORT.steps[0].fills)

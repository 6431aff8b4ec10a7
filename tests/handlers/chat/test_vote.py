"""A vote on the phone: by code or QR, a tap a plan, cast, changed, and nothing of it left behind."""

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from domain.budget.ballot_codes import shown
from domain.budget.rounds import PlanDraft, RoundState
from domain.screens import Screen
from handlers.chat.session import Session
from handlers.telegram.reaches import reach_of
from services.budget import closing, codes, plans, publishing, round_acts, shut_screens
from services.budget.rounds import Round
from services.outbox import envelopes
from services.people import residents, updates
from tests.handlers.chat.phones import DEPLOYMENT, Bench, Phone, open_bench
from tests.opened import rows
from tests.rounds import drafted, open_round, organiser
from tests.rounds import vote as cast_vote


async def _open(bench: Bench, voters: int = 2, many: int = 6, **changed: object) -> tuple[Round, Sequence[str]]:
    async with bench.database.begin() as work:
        return await open_round(work, voters, many, **changed)


async def _chooses(phone: Phone, *titles: str) -> None:
    """Taps plans by their titles, on whichever page they are."""
    for title in titles:
        await _turns_to(phone, title)
        await phone.taps(title)


async def _turns_to(phone: Phone, title: str) -> None:
    if title not in _labels(phone):
        await phone.taps("Meer plannen")


async def _casts(phone: Phone, code: str, *titles: str) -> None:
    await phone.says(code)
    await _chooses(phone, *titles)
    await phone.taps("Mijn keuze")
    await phone.taps("Nu stemmen")


def _labels(phone: Phone) -> str:
    return " ".join(phone.last.buttons)


async def test_a_resident_types_the_code_chooses_looks_and_casts(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.taps("Stemmen")
    assert "Buurtbudget Geuzenveld" in phone.last.text
    await phone.says(shown(code).lower())
    assert "nog niets gekozen" in phone.last.text
    assert len([label for label in phone.last.buttons if "Plan " in label]) == 5
    await _chooses(phone, "Plan 2", "Plan 6")
    assert "Jouw keuze, 2 van 5:" in phone.last.text
    await phone.taps("Mijn keuze")
    assert "Kies nog 1 plan" in phone.last.text
    assert "Nu stemmen" not in _labels(phone)
    await phone.taps("Verder kiezen")
    await _chooses(phone, "Plan 4")
    await phone.taps("Mijn keuze")
    await phone.taps("Nu stemmen")
    assert "Je stem telt mee" in phone.last.text


async def test_the_code_of_a_letter_opens_the_ballot_after_language_and_warning(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.says(f"/start vote-{code}")
    assert "Kies je taal" in phone.last.text
    await phone.taps("العربية")
    await phone.taps("فهمت")
    assert "ميزانية الحي" in phone.last.text
    assert "لم تختاروا شيئا بعد" in phone.last.text


async def test_numbers_can_be_typed_instead_of_taps(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    for number in ("1", "2", "3"):
        await phone.says(number)
    assert "3 van 5" in phone.last.text
    await phone.says("mijn keuze")
    await phone.says("1")
    assert "Je stem telt mee" in phone.last.text


async def test_who_votes_reads_that_there_is_more_time_and_why(bench: Bench, phone: Phone) -> None:
    made, (code, _) = await _open(bench)
    async with bench.database.begin() as work:
        await round_acts.extend_round(work, organiser(), made.id, made.closes_at + timedelta(days=2), "outage")
    await phone.arrives()
    await phone.says("/stem")
    assert "30 november 2026" in phone.last.text
    assert "Er was een storing. Daarom is er meer tijd" in phone.last.text
    await phone.says(code)
    assert "Er was een storing" in phone.last.text
    await _chooses(phone, "Plan 1")
    assert "Er was een storing" not in phone.last.text


async def test_who_votes_reads_the_first_head_and_which_plan_was_corrected(bench: Bench, phone: Phone) -> None:
    made, (code, _) = await _open(bench)
    async with bench.database.begin() as work:
        plan, *_ = await plans.plans(work, made.id)
        better = PlanDraft({**plan.title, "tr": "1. plan"}, plan.story, plan.place, plan.cost_cents)
        await plans.correct_plan(work, organiser(), made.id, plan.id, better, "translation", plan.version)
    await phone.arrives()
    await phone.says("/stem")
    assert str(made.first_head) in phone.last.text
    await phone.says(code)
    assert "Bij plan 1 kwam een vertaling" in phone.last.text
    await _chooses(phone, "Plan 2")
    assert "vertaling" not in phone.last.text
    await phone.says("/stem")
    assert "Bij plan 1 kwam een vertaling" in phone.last.text


async def test_a_second_tap_takes_a_plan_out_and_a_sixth_plan_is_refused(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await _chooses(phone, "Plan 1", "Plan 1")
    assert "nog niets gekozen" in phone.last.text
    await _chooses(phone, "Plan 1", "Plan 2", "Plan 3", "Plan 4", "Plan 5", "Plan 6")
    assert "Je hebt al 5 plannen" in phone.last.text
    assert "5 van 5" in phone.last.text
    assert "Plan 6" not in phone.last.text


async def test_a_plan_is_read_and_chosen_there(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await phone.taps("Lees meer")
    await _turns_to(phone, "Plan 3")
    await phone.taps("Plan 3")
    assert all(said in phone.last.text for said in ("3.000", "Plein '40-'45", "Wat plan 3 is"))
    assert "3.000,00" not in phone.last.text
    await phone.taps("Kies dit plan")
    assert "Je hebt dit plan gekozen" in phone.last.text
    await phone.taps("Toch niet kiezen")
    assert "Je hebt dit plan gekozen" not in phone.last.text
    await phone.taps("Lees een ander plan")
    await phone.taps("Verder kiezen")
    assert "nog niets gekozen" in phone.last.text


async def test_a_photo_comes_in_a_message_of_its_own(bench: Bench, phone: Phone) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), (40, 120, 60)).save(picture, "JPEG")
    async with bench.database.begin() as work:
        made = await drafted(work, 3)
        draft = PlanDraft({"nl": "Bankjes"}, {"nl": "Om te zitten"}, "Osdorpplein", 500_00, picture.getvalue())
        chief = organiser()
        await plans.add_plan(work, chief, made.id, draft)
        batch = await codes.make_codes(work, chief, made.id, 1)
        await round_acts.move_round(work, chief, made.id, RoundState.VOTING)
    await phone.arrives()
    await phone.says(batch.codes[0])
    await phone.taps("Lees meer")
    before = phone.last.id
    await phone.taps("Bankjes")
    assert phone.last.id != before
    assert phone.pictures[phone.last.id] == picture.getvalue()
    await phone.taps("Kies dit plan")
    assert "gekozen" in phone.last.text


async def test_a_vote_is_changed_by_typing_the_code_again(bench: Bench, phone: Phone) -> None:
    made, (code, _) = await _open(bench)
    await phone.arrives()
    await _casts(phone, code, "Plan 1", "Plan 2", "Plan 3")
    await phone.says(code)
    assert "al gestemd" in phone.last.text
    await _chooses(phone, "Plan 4", "Plan 5", "Plan 6")
    await phone.taps("Mijn keuze")
    await phone.taps("Nu stemmen")
    assert "Alleen deze nieuwe stem telt mee" in phone.last.text
    bench.now = made.closes_at
    async with bench.database.begin() as work:
        await closing.open_and_close_due(work)
        found = await closing.opened(work, made.id)
    assert [one.choices for one in found.ballots] == [(4, 5, 6)]


async def test_two_people_vote_on_one_phone(bench: Bench, phone: Phone) -> None:
    made, codes = await _open(bench)
    await phone.arrives()
    await _casts(phone, codes[0], "Plan 1", "Plan 2", "Plan 3")
    await _casts(phone, codes[1], "Plan 2", "Plan 3", "Plan 4")
    assert "Je stem telt mee" in phone.last.text
    bench.now = made.closes_at
    async with bench.database.begin() as work:
        await closing.open_and_close_due(work)
        found = await closing.opened(work, made.id)
    assert sorted(one.choices for one in found.ballots) == [(1, 2, 3), (2, 3, 4)]


async def test_the_ballot_goes_from_the_phone_when_it_is_cast_the_typed_code_and_numbers_too(
    bench: Bench, phone: Phone
) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says("/stem")
    asked = phone.last.id
    typed = await phone.says(code)
    ballot = phone.last.id
    numbers = [await phone.says(number) for number in ("1", "2", "3")]
    after = phone.last.id
    await phone.taps("Mijn keuze")
    await phone.taps("Nu stemmen")
    assert {asked, typed, ballot, after, *numbers} <= phone.removed
    assert phone.last.id not in phone.removed


async def test_a_receipt_is_shown_to_who_wants_one_and_finds_the_ballot_at_the_close(
    bench: Bench, phone: Phone
) -> None:
    made, (code, _) = await _open(bench)
    await phone.arrives()
    await _casts(phone, code, "Plan 1", "Plan 2", "Plan 3")
    await phone.taps("Laat mijn bewijs zien")
    told = phone.last.text
    message = phone.last.id
    await phone.taps("Haal dit bericht weg")
    assert message in phone.removed
    bench.now = made.closes_at
    async with bench.database.begin() as work:
        await closing.open_and_close_due(work)
        (ballot,) = (await closing.opened(work, made.id)).ballots
    assert ballot.receipt in told


@pytest.mark.parametrize("typed", ["hallo", "11111-11111-1112", "0000000000000Z"])
async def test_a_wrong_code_is_told_and_asked_again(bench: Bench, phone: Phone, typed: str) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says("/stem")
    await phone.says(typed)
    assert "Deze code klopt niet" in phone.last.text
    await phone.says(code)
    assert "nog niets gekozen" in phone.last.text


async def test_a_code_with_a_dash_missing_opens_another_ballot_and_goes_from_the_phone_with_it(
    bench: Bench, phone: Phone
) -> None:
    _, (code, other) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    typed = await phone.says(f"{other[:5]}-{other[5:]}".lower())
    await _chooses(phone, "Plan 1", "Plan 2", "Plan 3")
    await phone.taps("Mijn keuze")
    await phone.taps("Nu stemmen")
    assert typed in phone.removed


async def test_a_code_is_found_in_the_sentence_that_answers_the_question(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says("/stem")
    await phone.says(f"Mijn code is {shown(code)}")
    assert "nog niets gekozen" in phone.last.text


async def test_a_code_is_found_in_a_sentence_also_where_nobody_asked_for_it_and_goes_from_the_phone(
    bench: Bench, phone: Phone
) -> None:
    _, (code, other) = await _open(bench)
    await phone.arrives()
    await phone.says(f"Mijn code is {shown(code)}")
    assert "nog niets gekozen" in phone.last.text
    await _chooses(phone, "Plan 1")
    typed = await phone.says(f"mijn code is {other}.")
    assert "nog niet verstuurd" in phone.last.text
    await _chooses(phone, "Plan 1", "Plan 2", "Plan 3")
    await phone.taps("Mijn keuze")
    await phone.taps("Nu stemmen")
    assert typed in phone.removed


async def test_a_code_in_what_somebody_tells_stays_in_the_story(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says("/melden")
    await phone.says(f"Mijn brief met {shown(code)} was open")
    assert "Waar gaat het over?" in phone.last.text


@pytest.mark.parametrize("asked", [True, False])
async def test_a_typed_receipt_is_told_what_it_is_for_leads_to_the_result_and_is_kept_nowhere(
    bench: Bench, phone: Phone, asked: bool
) -> None:
    made = await _closed(bench)
    _, (code,) = await _open(bench, 1)
    await _published(bench, made)
    async with bench.database.begin() as work:
        receipt = (await cast_vote(work, 1, code, (1, 2, 3))).receipt
    await phone.arrives()
    if asked:
        await phone.says("/stem")
    await phone.says(receipt)
    assert "bewijs van een stem" in phone.last.text
    assert "minder dan 10 stemmen" in phone.last.text
    assert receipt not in str((await _session(bench, phone)).to_plain())
    await phone.taps("Uitslag: Buurtbudget Geuzenveld")
    assert "Er zijn 12 stemmen geteld" in phone.last.text


async def test_guessing_ends_after_ten_codes(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    for _ in range(10):
        await phone.says("00000-00000-0000")
    await phone.says(code)
    assert "te veel verkeerde codes" in phone.last.text


async def test_a_code_opens_also_where_a_report_is_under_way(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("/stem")
    await phone.says("geen code")
    assert "Deze code klopt niet" in phone.last.text
    await phone.says(code)
    assert "nog niets gekozen" in phone.last.text
    await phone.says("/start")
    await phone.taps("Verder gaan")
    assert "geen code" not in phone.last.text


async def test_a_ballot_that_was_left_goes_on_where_it_was(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await _chooses(phone, "Plan 2")
    await phone.says("/start")
    await phone.taps("Stemmen")
    assert "1 van 5: Plan 2" in phone.last.text


async def test_before_the_opening_and_after_the_close_it_is_said_that_the_vote_is_not_open(
    bench: Bench, phone: Phone
) -> None:
    made, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    ballot = phone.last
    await _chooses(phone, "Plan 1", "Plan 2", "Plan 3")
    bench.now = made.closes_at
    await phone.presses("g:cast:", ballot.id)
    assert "stembiljet is er niet meer" in phone.last.text
    async with bench.database.begin() as work:
        await closing.open_and_close_due(work)
    for data in ("g:choose:1.0", "g:ballot:0", "g:read:0", "g:plan:1.0", "g:my_choice:", "g:cast:"):
        await phone.presses(data, ballot.id)
        assert "stembiljet is er niet meer" in phone.last.text
        assert "Er is nu geen stemming" in phone.last.text
        assert "je code" not in phone.last.text
    await phone.says(code)
    assert "niet open" in phone.last.text
    assert "Er is nu geen stemming" in phone.last.text
    assert "“Buurtbudget Geuzenveld”: de stemmen worden geteld" in phone.last.text


async def test_a_hostile_press_changes_nothing_and_is_answered(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    for value in ("choose:99.0", "choose:", "choose:x.y.z", "choose:-1", "plan:99", "ballot:x", "read:99999999"):
        answers = phone.answers
        await phone.presses(f"g:{value}", phone.last.id)
        assert phone.answers > answers
        await phone.presses("g:my_choice:", phone.last.id)
        assert "nog niets gekozen" in phone.last.text
    await phone.presses("g:receipt:nonsense", phone.last.id)
    assert "stembiljet is er niet meer" in phone.last.text


async def test_what_was_chosen_can_be_read_in_no_kept_chat_and_no_waiting_message_after_the_close(
    bench: Bench, phone: Phone
) -> None:
    made, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await _turns_to(phone, "Plan 2")
    bench.silent = True
    await phone.taps("Plan 2")
    kept = await _kept(bench, phone)
    assert sum("Plan 2" in one for one in await _opened(bench, kept)) == 2  # the message that waits, and "shown last"
    assert not any("Plan" in str(replace(one, shut=None)) for one in kept)
    bench.now = made.closes_at
    async with bench.database.begin() as work:
        await closing.open_and_close_due(work)
    assert not any("Plan" in one for one in await _opened(bench, kept))


async def _kept(bench: Bench, phone: Phone) -> list[Screen]:
    """The screens of the outbox, and the one that was shown last."""
    async with bench.database.begin() as work:
        waiting = [envelopes.opened(work.keys, row["envelope"], row["wrapped"]) for row in await rows(work, "outbox")]
    session = await _session(bench, phone)
    return [screen for screen in (*(one.screen for one in waiting), session.shown) if screen is not None]


async def _session(bench: Bench, phone: Phone) -> Session:
    """What is kept of the chat."""
    async with bench.database.begin() as work:
        resident = await residents.arrive(work, phone.reach, None)
        return Session.from_plain(residents.conversation(resident))


async def _opened(bench: Bench, kept: list[Screen]) -> list[str]:
    async with bench.database.begin() as work:
        return [str(await shut_screens.opened(work, screen)) for screen in kept]


async def test_a_press_that_could_not_be_handled_is_kept_without_what_was_chosen(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await _chooses(phone, "Plan 2")
    message = {"message_id": 5, "chat": {"id": phone.chat}, "text": phone.last.text, "reply_markup": {"x": "Plan 2"}}
    press = {"id": "1", "from": {"id": phone.chat}, "data": "g:choose:2.0", "message": message}
    async with bench.database.begin() as work:
        await updates.bury(work, {"update_id": 7, "callback_query": press}, reach_of(phone.chat), "KeyError")
    async with bench.database.begin() as work:
        (kept,) = await updates.buried_of(work, reach_of(phone.chat))
    assert kept["callback_query"]["data"] == "g:choose"
    assert "Plan" not in str(kept)
    assert "2.0" not in str(kept)
    assert kept["callback_query"]["message"] == {"message_id": 5, "chat": {"id": phone.chat}}


@pytest.mark.parametrize("message", [None, "x", 5, [1]])
async def test_a_press_on_what_is_no_message_is_kept_too(bench: Bench, phone: Phone, message: object) -> None:
    press = {"id": "1", "from": {"id": phone.chat}, "data": "g:menu:", "message": message}
    async with bench.database.begin() as work:
        await updates.bury(work, {"update_id": 7, "callback_query": press}, reach_of(phone.chat), "KeyError")
        (kept,) = await updates.buried_of(work, reach_of(phone.chat))
    assert (kept["callback_query"]["data"], kept["callback_query"]["message"]) == ("g:menu", None)


async def test_a_new_code_says_that_the_ballot_before_it_was_not_cast(bench: Bench, phone: Phone) -> None:
    _, (code, other) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await phone.says(other)
    assert "nog niet verstuurd" not in phone.last.text
    await _chooses(phone, "Plan 2")
    await phone.says(code)
    assert "nog niet verstuurd" in phone.last.text
    assert "nog niets gekozen" in phone.last.text


async def test_all_data_are_given_with_a_ballot_that_was_begun_and_the_file_waits_shut(
    bench: Bench, phone: Phone
) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await _chooses(phone, "Plan 2")
    bench.silent = True
    await phone.says("/mijngegevens")
    (file, *_) = await _kept(bench, phone)
    assert file.document is None
    assert file.shut is not None
    bench.silent = False
    await bench.speak()
    document = phone.messages[-2].screen.document
    assert document is not None
    assert '"plans": [\n      2\n    ]' in document.content
    assert "ook een stembiljet" in phone.last.text
    await phone.says("/wis")
    await phone.taps("Ja")
    async with bench.database.begin() as work:
        assert await rows(work, "drafts") == []


async def test_the_published_result_is_told_with_every_plan_and_why(bench: Bench, phone: Phone) -> None:
    made = await _closed(bench)
    await phone.arrives()
    await phone.presses(f"g:result:{made.id}", phone.last.id)
    assert "Er is nu geen stemming" in phone.last.text
    await _published(bench, made)
    await phone.says("/stem")
    assert "worden geteld" not in phone.last.text
    await phone.taps("Uitslag: Buurtbudget Geuzenveld")
    assert "Er zijn 12 stemmen geteld" in phone.last.text
    assert "Dit gaat door: Plan" in phone.last.text
    assert "12 van de 12 stemmers" in phone.last.text
    assert "hele uitslag" not in _labels(phone)
    await phone.taps("Alle plannen")
    assert "“Plan 1” kost" in phone.last.text
    assert "12 stemmen. ✅ Dit plan gaat door" in phone.last.text
    assert "lot" not in phone.last.text
    await phone.taps("Meer plannen")
    assert "Niemand koos dit plan" in phone.last.text
    await phone.taps("Terug")
    await phone.presses(f"g:round:{made.id}", phone.last.id)
    assert "Er zijn 12 stemmen geteld" in phone.last.text


async def test_a_draw_between_equal_plans_is_told_with_the_plans_that_were_equal(bench: Bench, phone: Phone) -> None:
    made, (code,) = await _open(bench, 1, 3, amount_cents=4_000_00, rule="most-votes-skip")
    async with bench.database.begin() as work:
        await cast_vote(work, 1000, code, (1, 2, 3))
    await _close(bench, made)
    await _published(bench, made)
    await phone.arrives()
    await phone.presses(f"g:result:{made.id}.0", phone.last.id)
    lines = [line for line in phone.last.text.split("\n\n") if "kost" in line]
    assert ["niet genoeg geld" in line for line in lines].count(True) == 1
    for line in lines:
        (own,) = re.findall("^“(Plan .)”", line)
        equals = " en ".join(title for title in ("Plan 1", "Plan 2", "Plan 3") if title != own)
        assert line.endswith(f"Het lot besliste: het stond gelijk met {equals}.")
    assert len(lines) == 3


async def test_after_erasing_a_press_for_the_receipt_leaves_no_trace_of_it(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await _casts(phone, code, "Plan 1", "Plan 2", "Plan 3")
    (data,) = (data for label, data in phone.last.buttons.items() if "bewijs" in label)
    message = phone.last.id
    await phone.says("/wis")
    await phone.taps("Ja")
    await phone.presses(data, message)
    assert "Kies je taal" in phone.last.text
    session = await _session(bench, phone)
    assert session.wanted is None
    assert data.rpartition(".")[2] not in str(session.to_plain())
    await phone.presses("g:language:nl", phone.last.id)
    await phone.presses("g:accept:", phone.last.id)
    assert "Wat wil je doen?" in phone.last.text


async def test_who_cast_in_the_last_second_and_is_told_after_the_close_hears_that_it_counts(
    bench: Bench, phone: Phone
) -> None:
    made, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await _chooses(phone, "Plan 1", "Plan 2", "Plan 3")
    await phone.taps("Mijn keuze")
    bench.now, bench.silent = made.closes_at - timedelta(seconds=1), True
    await phone.taps("Nu stemmen")
    bench.now = made.closes_at + timedelta(seconds=2)
    async with bench.database.begin() as work:
        await closing.open_and_close_due(work)
        assert len((await closing.opened(work, made.id)).ballots) == 1
    bench.silent = False
    await bench.speak()
    assert "Je stem telt mee" in phone.last.text
    assert "bewijs" not in phone.last.text + _labels(phone)


async def test_who_presses_the_last_button_twice_reads_that_the_vote_counts(bench: Bench, phone: Phone) -> None:
    _, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await _chooses(phone, "Plan 1", "Plan 2", "Plan 3")
    await phone.taps("Mijn keuze")
    ballot = phone.last
    await phone.taps("Nu stemmen", on=ballot)
    answers = phone.answers
    await phone.taps("Nu stemmen", on=ballot)
    assert (phone.answers, phone.toasts) == (answers, ["screens.stale.toast"])
    assert "Je stem telt mee" in phone.last.text
    await phone.says("1")
    assert "Je bewijs is" in phone.last.text


async def test_who_chose_with_a_code_that_was_blocked_meanwhile_is_asked_for_another_one(
    bench: Bench, phone: Phone
) -> None:
    made, (code, other) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await _chooses(phone, "Plan 1", "Plan 2", "Plan 3")
    await phone.taps("Mijn keuze")
    async with bench.database.begin() as work:
        await codes.block_code(work, organiser(), made.id, code)
    await phone.taps("Nu stemmen")
    assert "Deze code klopt niet" in phone.last.text
    await phone.says("/stem")
    assert "Typ hier de stemcode" in phone.last.text
    await _casts(phone, other, "Plan 1", "Plan 2", "Plan 3")
    assert "Je stem telt mee" in phone.last.text


async def test_cancel_puts_a_ballot_aside_and_says_that_a_vote_before_it_stays(bench: Bench, phone: Phone) -> None:
    made, (code, _) = await _open(bench)
    await phone.arrives()
    await phone.says(code)
    await _chooses(phone, "Plan 1")
    ballot = phone.last.id
    await phone.says("/cancel")
    assert "Je stembiljet is weg" in phone.last.text
    assert "blijft tellen" not in phone.last.text
    assert ballot in phone.removed
    await phone.taps("Stemmen")
    assert "Typ hier de stemcode" in phone.last.text
    await _casts(phone, code, "Plan 1", "Plan 2", "Plan 3")
    await phone.says(code)
    await phone.says("/cancel")
    assert "Die stem blijft tellen" in phone.last.text
    await phone.says("/cancel")
    assert "stembiljet" not in phone.last.text
    bench.now = made.closes_at
    async with bench.database.begin() as work:
        await closing.open_and_close_due(work)
        assert [one.choices for one in (await closing.opened(work, made.id)).ballots] == [(1, 2, 3)]


async def test_where_the_public_address_is_known_the_result_leads_to_its_page(sqlite_url: str) -> None:
    async with open_bench(sqlite_url, replace(DEPLOYMENT, public_url="https://buurt.example")) as bench:
        phone = bench.phone()
        made = await _closed(bench)
        await _published(bench, made)
        await phone.arrives()
        await phone.presses(f"g:result:{made.id}", phone.last.id)
        (url,) = (button["url"] for row in phone.last.shown.keyboard for button in row if "url" in button)
        assert url == f"https://buurt.example/results/{made.id}/"


async def _closed(bench: Bench) -> Round:
    """A vote of 12 that has closed."""
    made, several = await _open(bench, 12)
    for number, code in enumerate(several):
        async with bench.database.begin() as work:
            await cast_vote(work, 1000 + number, code, (1, 2, 4 + number % 3))
    await _close(bench, made)
    return made


async def _close(bench: Bench, made: Round) -> None:
    bench.now = made.closes_at
    async with bench.database.begin() as work:
        await closing.open_and_close_due(work)


async def _published(bench: Bench, made: Round) -> None:
    async with bench.database.begin() as work:
        await publishing.keep(work, publishing.published(*await publishing.closed(work, made.id)))

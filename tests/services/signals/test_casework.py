"""Staff at work on one signal: reading with a reason, answering, moving, codes; what the reporter is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from domain.refusals import NotAllowed
from domain.screens import Text
from domain.signals.workflow import About, GivenFile, Kind, Status
from domain.staff.rights import Reason, Scope, StaffRole
from handlers.telegram.reaches import reach_of
from services.people import residents
from services.signals import attachments, casework, following, reporting
from services.signals.cases import NotHereYet, ReasonNeeded, SignalCodes, UnknownSignal, open_file, open_signal
from services.signals.worklist import worklist
from services.staff.repeats import RepeatedDifferently
from storage.signals.cases import attachments_of, moves_of, signal_by_id
from tests.handlers.api.office import STORY, Office, open_office

REPORTER = reach_of(4711)


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """An office (staff, console and API) on a fresh database."""
    async with open_office(database_url) as opened:
        yield opened


async def test_a_signal_is_read_with_a_reason_asked_once_a_day(office: Office) -> None:
    signal = await office.report()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        with pytest.raises(ReasonNeeded):
            await open_signal(work, staff, signal)
        assert (await open_signal(work, staff, signal, Reason.HANDLING)).turns[0].words == STORY
        assert (await open_signal(work, staff, signal)).reason == Reason.HANDLING
    office.clock.move(days=1)
    async with office.database.begin() as work:
        with pytest.raises(ReasonNeeded):
            await open_signal(work, staff, signal)


async def test_a_reason_is_ones_own(office: Office) -> None:
    signal = await office.report()
    async with office.database.begin() as work:
        await open_signal(work, await office.acting(work, StaffRole.HANDLER), signal, Reason.HANDLING)
        with pytest.raises(ReasonNeeded):
            await open_signal(work, await office.acting(work, StaffRole.HANDLER), signal)


async def test_the_reporter_sees_how_often_it_was_read(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        for _ in range(3):
            case = await open_signal(work, staff, signal, Reason.HANDLING)
        followed = await following.follow(work, REPORTER, signal)
    assert followed
    assert (followed.reads, followed.last_read) == (3, office.clock.now.date())
    assert case.version == 1, "looking is no change"


async def test_an_answer_reaches_the_reporter_neutrally(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        await casework.answer(work, staff, signal, words="We kijken ernaar.\u202e\x07", language="en")
        followed = await following.follow(work, REPORTER, signal)
    assert followed
    assert (followed.turns[-1].words, followed.turns[-1].language) == ("We kijken ernaar.", "en")
    ((chat, screen),) = await office.told()
    assert chat == REPORTER
    assert screen.lines == (Text("signals.news.title"),)
    assert screen.buttons[0][0].value == signal


async def test_an_answer_and_a_new_status_are_one_act_and_one_message(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        case = await open_signal(work, staff, signal, Reason.HANDLING)
        assert Status.RESOLVED in case.reachable
        assert Status.RESOLVED not in case.next_moves
    await office.told()
    async with office.database.begin() as work:
        await casework.answer(work, staff, signal, words="Het is klaar.", to=Status.RESOLVED, version=case.version)
        moves = [(begin, end) for begin, end, _, _ in await moves_of(work, signal)]
        row = await signal_by_id(work, signal)
    assert moves == [("received", "in_review"), ("in_review", "in_progress"), ("in_progress", "resolved")]
    assert row is not None
    assert (row.status, row.ended_on) == (Status.RESOLVED, office.clock.now.date())
    ((_, screen),) = await office.told()
    assert screen.lines == (Text("signals.news.title"), Text("signals.status.resolved"))


async def test_an_answer_with_a_status_that_can_not_be_changes_nothing(office: Office) -> None:
    signal = await office.report()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        for to in (Status.PASSED_ON, Status.WITHDRAWN, Status.RECEIVED):
            with pytest.raises(casework.MoveNotPossible):
                await casework.answer(work, staff, signal, words="Klaar.", to=to, version=1)
        for version in (0, 7):
            with pytest.raises(casework.ChangedMeanwhile):
                await casework.answer(work, staff, signal, words="Klaar.", to=Status.DUPLICATE, version=version)
        only_answers = replace(staff, scopes=frozenset({Scope.READ, Scope.ANSWER}))
        with pytest.raises(NotAllowed):
            await casework.answer(work, only_answers, signal, words="Klaar.", to=Status.DUPLICATE, version=1)
        case = await open_signal(work, staff, signal, Reason.HANDLING)
        assert (case.status, len(case.turns)) == (Status.RECEIVED, 1)


async def test_a_standard_reply_fits_the_kind_of_the_signal(office: Office) -> None:
    damp, discrimination = await office.report(kind=Kind.DAMP), await office.report()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        for signal, reply in ((damp, "help"), (discrimination, "landlord")):
            with pytest.raises(casework.BadWords):
                await casework.answer(work, staff, signal, reply=reply)
        assert await casework.answer(work, staff, damp, reply="landlord")
        assert await casework.answer(work, staff, discrimination, reply="help")


async def test_a_standard_reply_goes_out_in_the_language_the_reporter_reads_now(office: Office) -> None:
    async with office.database.begin() as work:
        resident = await residents.arrive(work, REPORTER, "nl")
        await residents.choose_language(work, resident, "ar")
    signal = await office.report(resident=REPORTER, language="nl")
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        await casework.answer(work, staff, signal, reply="received")
        case = await open_signal(work, staff, signal, Reason.HANDLING)
    assert case.turns[-1].language == "ar"
    assert case.turns[-1].words.startswith("شكرا")


async def test_nobody_is_told_when_the_line_was_cut_but_the_answer_is_there(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        await reporting.cut_line(work, REPORTER, signal)
        staff = await office.acting(work, StaffRole.HANDLER)
        await casework.answer(work, staff, signal, words="We kijken ernaar.")
        await casework.answer(work, staff, signal, reply="received")
        await casework.move(work, staff, signal, Status.IN_REVIEW, 4)
        case = await open_signal(work, staff, signal, Reason.HANDLING)
        row = await signal_by_id(work, signal)
    assert await office.told() == []
    assert case.line_cut
    assert len(case.turns) == 3
    assert row
    assert not row.news


async def test_an_answer_without_words_is_refused(office: Office) -> None:
    signal = await office.report()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        for words in ("", " \n\u200e", "x" * 3001):
            with pytest.raises(casework.BadWords):
                await casework.answer(work, staff, signal, words=words)
        with pytest.raises(casework.BadWords):
            await casework.answer(work, staff, signal, reply="nothing")
        with pytest.raises(casework.BadWords):
            await casework.answer(work, staff, signal, words="Bonjour", language="xx")


async def test_the_same_answer_sent_twice_is_one_answer(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        other = await office.acting(work, StaffRole.HANDLER)
        first = await casework.answer(work, staff, signal, words="Dank je.", version=1, once="abc")
        assert await casework.answer(work, staff, signal, words="Dank je.", version=1, once="abc") == first
        with pytest.raises(RepeatedDifferently):
            await casework.answer(work, staff, signal, words="Iets anders.", once="abc")
        assert await casework.answer(work, other, signal, words="Dank je.", once="abc") != first
    assert len(await office.told()) == 2


async def test_an_answer_that_was_refused_is_not_taken_for_sent_when_it_comes_again(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        for _ in range(2):  # in one unit of work: a page that tells the refusal keeps what came before it
            with pytest.raises(casework.ChangedMeanwhile):
                await casework.answer(work, staff, signal, words="Dank je.", version=7, once="abc")
    assert await office.told() == []


async def test_a_move_follows_the_table_and_is_told(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        with pytest.raises(casework.MoveNotPossible) as refused:
            await casework.move(work, staff, signal, Status.RESOLVED, 1)
        assert refused.value.possible == (Status.IN_REVIEW, Status.DUPLICATE)
        await casework.move(work, staff, signal, Status.IN_REVIEW, 1)
        assert (await open_signal(work, staff, signal, Reason.HANDLING)).status == Status.IN_REVIEW
    ((_, screen),) = await office.told()
    assert screen.lines == (Text("signals.news.title"), Text("signals.status.in_review"))


async def test_an_ended_signal_has_its_day_and_loses_it_when_reopened(office: Office) -> None:
    signal = await office.report()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        for version, status in enumerate((Status.IN_REVIEW, Status.IN_PROGRESS, Status.RESOLVED), 1):
            await casework.move(work, staff, signal, status, version)
        assert (await open_signal(work, staff, signal, Reason.HANDLING)).ended_on == office.clock.now.date()
        await casework.move(work, staff, signal, Status.IN_REVIEW, 4)
        assert (await open_signal(work, staff, signal)).ended_on is None


async def test_who_is_second_is_told_so(office: Office) -> None:
    signal = await office.report(kind=Kind.NUISANCE)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        await casework.move(work, staff, signal, Status.IN_REVIEW, 1)
        with pytest.raises(casework.ChangedMeanwhile):
            await casework.move(work, staff, signal, Status.DUPLICATE, 1)
        with pytest.raises(casework.ChangedMeanwhile):
            await casework.answer(work, staff, signal, words="Dank je.", version=1)
        with pytest.raises(casework.ChangedMeanwhile):
            await casework.set_codes(work, staff, signal, SignalCodes(group="afval"), 1)


async def test_a_withdrawn_signal_is_not_answered(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        await reporting.withdraw(work, REPORTER, signal)
        with pytest.raises(casework.MoveNotPossible):
            await casework.answer(work, staff, signal, words="Dank je.")


async def test_codes_are_official_and_fit_the_kind(office: Office) -> None:
    discrimination, nuisance = await office.report(), await office.report(kind=Kind.NUISANCE)
    good = SignalCodes(("godsdienst", "geslacht"), ("onderwijs",), ("bedreiging",))
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        await casework.set_codes(work, staff, discrimination, good, 1)
        assert (await open_signal(work, staff, discrimination, Reason.HANDLING)).codes == good
        await casework.set_codes(work, staff, nuisance, SignalCodes(group="afval"), 1)
        for signal, codes in (
            (discrimination, SignalCodes(("faith",))),
            (discrimination, SignalCodes(group="afval")),
            (nuisance, good),
            (nuisance, SignalCodes(group="rubbish")),
        ):
            with pytest.raises(casework.BadCodes):
                await casework.set_codes(work, staff, signal, codes, 2)


async def test_unknown_foreign_and_hidden_signals_are_unknown_alike(office: Office) -> None:
    here, there = await office.report(), await office.report(buurt="FL03")
    hidden = await office.report(about=About.POLICE)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER, areas=["Osdorp"])
        await open_signal(work, staff, here, Reason.HANDLING)
        for signal in (there, hidden, "a" * 26, "", "\x00", "x" * 5000, "'; --"):
            with pytest.raises(UnknownSignal):
                await open_signal(work, staff, signal, Reason.HANDLING)
            with pytest.raises(UnknownSignal):
                await casework.move(work, staff, signal, Status.IN_REVIEW, 1)


async def test_a_confidant_works_on_what_is_about_one_of_us(office: Office) -> None:
    signal = await office.report(about=About.POLICE)
    async with office.database.begin() as work:
        confidant = await office.acting(work, StaffRole.CONFIDANT)
        await casework.answer(work, confidant, signal, words="Ik hoor bij geen van hen.")
        for organisation in ("police", "municipality", "school", "corporation:Ymere"):
            employed = await office.acting(work, StaffRole.CONFIDANT, organisation=organisation)
            for act in (open_signal(work, employed, signal, Reason.HANDLING),
                        casework.answer(work, employed, signal, words="Dag"),
                        casework.move(work, employed, signal, Status.IN_REVIEW, 2)):  # fmt: skip
                with pytest.raises(UnknownSignal):
                    await act
            assert (await worklist(work, employed)).lines == ()


async def test_a_viewer_reads_and_no_more(office: Office) -> None:
    signal = await office.report()
    async with office.database.begin() as work:
        viewer = await office.acting(work, StaffRole.VIEWER)
        assert await open_signal(work, viewer, signal, Reason.SUPERVISION)
        with pytest.raises(NotAllowed) as refused:
            await casework.answer(work, viewer, signal, words="Dank je.")
        assert refused.value.scope == Scope.ANSWER
        with pytest.raises(NotAllowed):
            await casework.answer(work, viewer, "unknown", words="Dank je.")


async def test_a_file_is_seen_once_it_is_here_and_the_case_was_opened_today(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        await reporting.add(work, REPORTER, signal, "", (GivenFile("photo", "telegram-file"),))
        (photo,) = await attachments_of(work, signal)
        staff = await office.acting(work, StaffRole.HANDLER)
        with pytest.raises(ReasonNeeded):
            await open_file(work, staff, signal, photo.id)
        await open_signal(work, staff, signal, Reason.HANDLING)
        with pytest.raises(NotHereYet):
            await open_file(work, staff, signal, photo.id)
        await attachments.keep(work, photo.id, attachments.StoredFile("image/jpeg", b"picture"))
        assert await open_file(work, staff, signal, photo.id) == attachments.StoredFile("image/jpeg", b"picture")


async def test_a_file_is_not_found_under_another_signal(office: Office) -> None:
    mine, other = await office.report(resident=REPORTER), await office.report()
    async with office.database.begin() as work:
        await reporting.add(work, REPORTER, mine, "", (GivenFile("photo", "telegram-file"),))
        (photo,) = await attachments_of(work, mine)
        staff = await office.acting(work, StaffRole.HANDLER)
        await open_signal(work, staff, other, Reason.HANDLING)
        with pytest.raises(UnknownSignal):
            await open_file(work, staff, other, photo.id)

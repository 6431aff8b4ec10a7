"""The dialogue with the team: neutral news, answers both ways, taking a signal up again."""

from domain.signals.workflow import Status
from domain.staff.rights import Scope, StaffRole
from services.signals import cases, casework
from services.staff import accounts, sign_in
from services.staff.accounts import Staff
from services.work import Work
from tests.handlers.chat.phones import Bench, Phone


async def _handler(work: Work) -> Staff:
    link = await accounts.create(work, "handler@office.example", StaffRole.HANDLER)
    found = await sign_in.signed_in(work, await sign_in.enter(work, link) or "")
    assert found is not None
    return found


async def _reports(phone: Phone) -> str:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    for label in ("Overlast", "overzicht", "Versturen"):
        await phone.taps(label)
    (signal_id,) = await phone.signals()
    return signal_id


async def test_an_answer_is_told_neutrally_and_read_and_answered(bench: Bench, phone: Phone) -> None:
    signal_id = await _reports(phone)
    async with bench.database.begin() as work:
        acting = await _handler(work)
        await casework.answer(work, acting, signal_id, words="When was it exactly?", language="en")
    await bench.speak()
    assert phone.last.text == "Er is nieuws over je melding."
    await phone.taps("Bekijk")
    assert "When was it exactly?" in phone.last.text
    assert "(Engels)" in phone.last.text
    await phone.taps("Antwoord")
    await phone.says("Om elf uur")
    await phone.says("versturen")
    await phone.says("/mijn")
    await phone.says("1")
    assert "Om elf uur" in phone.last.text


async def test_a_solved_signal_is_taken_up_again_with_a_spoken_reason(bench: Bench, phone: Phone) -> None:
    signal_id = await _reports(phone)
    async with bench.database.begin() as work:
        acting = await _handler(work)
        for status in (Status.IN_REVIEW, Status.IN_PROGRESS, Status.RESOLVED):
            row = await cases.visible(work, acting, signal_id, Scope.MOVE)
            await casework.move(work, acting, signal_id, status, row.version)
    await bench.speak()
    assert "Het is opgelost." in phone.last.text
    await phone.taps("Bekijk")
    await phone.taps("Wat kan ik")
    await phone.taps("weer openen")
    await phone.sends(voice={"file_id": "v", "file_unique_id": "v", "duration": 9})
    await phone.taps("Ja")
    assert "weer open" in phone.last.text
    await phone.says("/mijn")
    await phone.says("1")
    assert "We bekijken je melding." in phone.last.text
    assert "Met een spraakbericht." in phone.last.text

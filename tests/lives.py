"""A resident who uses all of the bot: each table about residents gets a row of theirs, line_cuts by `ask_to_cut`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.broadcasts.rules import Act, Content, Missing
from domain.meetings.planning import Details, MeetingPlan
from domain.pace import Pace
from domain.screens import Screen, Text, Words
from domain.signals.workflow import About, GivenFile, Kind, Report, Role, Status
from domain.staff.rights import SCOPES, Mandate, Reason, StaffRole
from handlers.telegram.reaches import DOOR, reach_of
from services.broadcasts import audience, census, drafts, sending
from services.broadcasts.audience import Wish
from services.budget import voting
from services.meetings import planning, rsvp
from services.outbox import saying
from services.people import residents, updates
from services.people.residents import Resident
from services.signals import attachments, casework, cutting, following, reporting
from services.signals.attachments import StoredFile
from services.signals.cases import SignalCodes, open_signal
from services.speaking import delivering
from services.speaking.delivering import Fate, SendResult
from services.staff import accounts
from services.staff.accounts import Staff
from services.work import Work
from storage.engine.database import Database
from storage.staff import accounts as staff_rows
from tests.rounds import choose, open_round, vote

EMAIL = "staff@example.org"
THREAD = "report"
INVITATION = "تعالوا إلى البيت المفتوح"
ORGANISER = Staff("organiser", b"organiser", Mandate(StaffRole.ORGANISER), SCOPES[StaffRole.ORGANISER])
FAST = Pace(1000, timedelta(milliseconds=1), timedelta(0))


@dataclass(frozen=True)
class Marks:
    """What identifies a resident and what they write, for tests to search for. Each value occurs nowhere else."""

    telegram_id: int = 7_301_946_582
    story: str = "The doorman of De Zwarte Ruiter sent my sister away"
    name: str = "Fatma Yıldırım-Öztürk"
    place: str = "the bench behind the old water tower"
    reply: str = "We have asked the owner of the bar for his side"
    file_id: str = "AgACAgQAAxkBAAIB-a-photo-of-the-door"
    draft: str = "what I have not sent yet"
    unhandled: str = "an update that fell over"


@dataclass(frozen=True)
class Life:
    """What `live` leaves behind: the marks, the signal's id and code, and the bytes of the photo."""

    marks: Marks
    signal_id: str
    code: str
    file: bytes


async def live(database: Database, marks: Marks | None = None) -> Life:
    """Live the life of a resident with these marks, in as many units of work as it takes in real life."""
    marks = marks or Marks()
    async with database.begin() as work:
        me = await residents.arrive(work, reach_of(marks.telegram_id), "tr")
        me = await residents.accept_warning(work, await residents.choose_language(work, me, "ar"))
        await residents.keep_conversation(work, me, {"flows": [marks.draft]})
        await audience.choose(work, me, Wish("FK01"))
        receipt = await reporting.report(work, me.reach, report_of(marks))
        await following.open_by_code(work, me.reach, "SNW-2222-2222")
        await following.open_by_code(work, me.reach, receipt.code)
        await saying.heard(work, me.reach, 11, THREAD)
        for words in (marks.story, "to be refused"):
            await saying.show(work, me.reach, Screen((Words(words),)), thread=THREAD, about=receipt.signal_id)
        await updates.first_time(work, DOOR, 4711)
        await updates.bury(work, {"update_id": 4711, "message": {"text": marks.unhandled}}, me.reach, "KeyError")
        organiser = await somebody_of_the_staff(work, StaffRole.ORGANISER)
        meeting_id = await planning.plan(work, organiser, plan_of(work.now))
        await planning.publish(work, organiser, meeting_id, 1)
        await rsvp.come(work, me.reach, meeting_id, 2)
        _, (code,) = await open_round(work, 1)
        await vote(work, marks.telegram_id, code, [1, 3, 5])
        await voting.enter(work, me.reach, code)
        await choose(work, marks.telegram_id, [2, 4])
    async with database.begin() as work:
        taken = await delivering.take(work, "speaker", 10, FAST)
        said, refused = (row for row in taken if row.envelope.to == me.reach)
        await delivering.start_sending(work, "speaker", [said.id, refused.id])
        await delivering.give_back(work, taken)
    async with database.begin() as work:
        await delivering.settle(
            work, [SendResult(said, Fate.SAID, 12), SendResult(refused, Fate.REFUSED, error="BadRequest")]
        )
    content = b"\xff\xd8\xff a photo of " + marks.place.encode()
    async with database.begin() as work:
        (photo,) = (one for one in await attachments.waiting(work, 10) if one.kind == "photo")
        await attachments.keep(work, photo.attachment_id, StoredFile("image/jpeg", content))
        handler = await somebody_of_the_staff(work)
        case = await open_signal(work, handler, receipt.signal_id, Reason.HANDLING)
        await casework.set_codes(work, handler, receipt.signal_id, SignalCodes(grounds=("leeftijd",)), case.version)
        await casework.answer(work, handler, receipt.signal_id, words=marks.reply, language="nl")
        case = await open_signal(work, handler, receipt.signal_id)
        await casework.move(work, handler, receipt.signal_id, Status.IN_REVIEW, case.version)
        written = await drafts.write(work, ORGANISER, Content({"ar": INVITATION}, Missing.LEAVE_OUT))
        seen = (await sending.preview(work, ORGANISER, written)).seen
        await sending.act(work, ORGANISER, written, Act.SEND, 1, seen=seen)
        await census.go_on(work, few=0)
    return Life(marks, receipt.signal_id, receipt.code, content)


async def ask_to_cut(database: Database, life: Life) -> bool:
    """Ask to cut the line between resident and signal; the clock cuts it later. False: the request was refused."""
    cut, failed = Screen((Text("signals.cut.done"),)), Screen((Text("signals.deed.impossible"),))
    async with database.begin() as work:
        me = await here(work, life.marks.telegram_id)
        return await cutting.ask(work, me.reach, life.signal_id, cut=cut, failed=failed, edit=5, thread="about all")


def report_of(marks: Marks) -> Report:
    """The report that a resident with these marks makes."""
    return Report(
        kind=Kind.DISCRIMINATION,
        story=f"{marks.story}. {marks.name}",
        language="ar",
        given=(GivenFile("photo", marks.file_id), GivenFile("voice", marks.file_id + "-voice", 12)),
        neighbourhood="FK01",
        place=marks.place,
        point=(4.80131, 52.36211),
        when="last night",
        role=Role.WITNESS,
        about=About.NOBODY,
        why="faith",
        wants_help=True,
    )


def plan_of(now: datetime) -> MeetingPlan:
    """An open house in a week."""
    starts = (now + timedelta(days=7)).replace(tzinfo=None, hour=14, minute=0)
    return MeetingPlan(
        Details({"nl": "Open huis"}, "De Honingraat", "Osdorpplein 1"), starts, starts + timedelta(hours=2), 20
    )


async def somebody_of_the_staff(work: Work, role: StaffRole = StaffRole.HANDLER) -> Staff:
    """The member of staff with address EMAIL, made when missing: a handler of everything, with the scopes of `role`."""
    if await staff_rows.member_by_email(work, accounts.email_tag(work, EMAIL)) is None:
        await accounts.create(work, EMAIL, StaffRole.HANDLER)
        await accounts.new_token(work, EMAIL)
    member = await staff_rows.member_by_email(work, accounts.email_tag(work, EMAIL))
    assert member is not None
    found = await accounts.acting(work, member.id)
    assert found is not None
    return replace(found, scopes=SCOPES[role])


async def here(work: Work, telegram_id: int) -> Resident:
    """Give the resident as when they write again."""
    return await residents.arrive(work, reach_of(telegram_id), None)

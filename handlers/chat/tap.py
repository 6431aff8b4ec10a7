"""A tap: one update of a resident while it is handled: who it is from, their session, and how they are answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from conversations.engine.facts import Deployment, Facts
from conversations.engine.fitting import NOTHING, Capabilities
from conversations.engine.state import Done
from conversations.people import notices
from domain.screens import Screen, Text
from domain.signals.workflow import About, Kind
from domain.staff.promises import ReportReader, reader
from domain.staff.rights import Mandate
from handlers.chat.session import Session
from services.outbox import saying
from services.people.residents import Resident
from services.signals.worklist import area_of
from services.staff.accounts import mandates
from services.work import Work

# The thread of messages about all signals of a resident: they are removed from the phone together with any one signal.
ABOUT_ALL = "about all"


# What a button or command does, given its value; and what follows when a conversation was held to its end.
Deed = Callable[["Tap", str], Awaitable[None]]
Ending = Callable[["Tap", Done], Awaitable[None]]


@dataclass(slots=True)
class Tap:
    """One update: the listener makes it with only `work`, the entrance fills it, the listener reads its answer.

    Attributes:
        work: The open unit of work.
        door: What the resident's door can carry.
        message_id: The message that came, or the one whose button was pressed.
        pressed: The update is a press of a button.
        toast: The short answer to a press; alert: it has to be closed by hand.
        listen: The text key whose recording is asked for.
        leave: The chat is a group, to be left.
        forgotten: The resident has erased everything, so nothing may be kept any more.
        urgent: Lines that stand above what is shown next.
        staff: Who may read what; None until `ask_staff`.
        deeds: The deeds of all subjects; endings: their endings. See handlers/subjects.py.
    """

    work: Work
    door: Capabilities = NOTHING
    resident: Resident | None = None
    message_id: int | None = None
    pressed: bool = False
    toast: Text | None = None
    alert: bool = False
    listen: str | None = None
    leave: bool = False
    forgotten: bool = False
    urgent: tuple[Text, ...] = ()
    session: Session = field(default_factory=Session)
    deployment: Deployment = field(default_factory=lambda: Deployment("", ""))
    staff: tuple[Mandate, ...] | None = None
    deeds: Mapping[str, Deed] = field(default_factory=dict)
    endings: Mapping[str, Ending] = field(default_factory=dict)

    @property
    def who(self) -> Resident:
        """The resident. Raises LookupError for an update that is from no resident, as in a group."""
        if self.resident is None:
            raise LookupError("this update is from no resident")
        return self.resident

    @property
    def facts(self) -> Facts:
        """What a conversation needs to know at this moment."""
        return Facts(self.work.today, self.deployment, self.staff, self.door.places)

    async def ask_staff(self) -> tuple[Mandate, ...]:
        """Who may read what. Read once an update, and only before a screen that tells who reads a report."""
        if self.staff is None:
            self.staff = await mandates(self.work)
        return self.staff

    async def reader(self, kind: Kind, neighbourhood: str | None, about: About) -> ReportReader:
        """Who reads a report of that kind, about that organisation."""
        return reader(await self.ask_staff(), kind, area_of(neighbourhood), about)

    async def show(
        self, screen: Screen, *, in_place: bool = False, thread: str | None = None, about: str | None = None
    ) -> None:
        """Send a screen; its buttons can be typed from now on. in_place: replace the message of the pressed button."""
        urgent, self.urgent = self.urgent, ()
        if urgent and screen.shut is not None:  # nothing can be added to what is sealed
            await self.show(notices.only(*urgent))
        elif urgent:
            screen = notices.urgent_first(screen, urgent)
        edit = self.message_id if in_place and self.pressed else None
        language = self.who.language if self.forgotten else ""  # once erased, it can't be looked up when it is sent
        reads = "" if self.forgotten else self.who.language
        await saying.show(
            self.work, self.who.reach, screen, edit=edit, thread=thread, about=about, language=language, reads=reads
        )
        self.session = replace(self.session, shown=screen)

    async def erase_from_phone(self, thread: str) -> bool:
        """Have the messages of a conversation removed from the phone; False: this door can remove none."""
        if self.door.deletes:
            await saying.erase_from_phone(self.work, self.who.reach, thread)
        return self.door.deletes

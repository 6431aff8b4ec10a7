"""One request to a method, with everything that its handler needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.errors import Refused, bad_request
from simulator.parameters import Params, Upload, chat_id_of
from simulator.people import Chat, Group, Json, Message
from simulator.rules import Content
from simulator.world import Bot, World


@dataclass(slots=True)
class Call:
    """A checked request. `facts` goes into the ledger."""

    world: World
    bot: Bot
    method: str
    params: Params
    files: dict[str, Upload]
    content: Content
    carry_out: Callable[[Json], None]  # for a method in a webhook's answer
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> float:
        """The simulated moment."""
        return self.world.clock.now()

    def chat(self) -> Chat:
        """The chat of the request, which the bot may read. Raises Refused: 400 chat not found."""
        chat = self.world.chat(self.bot, chat_id_of(self.params))
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def writable_chat(self) -> Chat:
        """The chat of the request, if the bot may write there. Raises Refused: 400 or 403 with the reason."""
        chat = self.chat()
        owner = chat.owner
        if isinstance(owner, Group):
            _check_group(owner, self.bot.id)
        elif owner.deactivated:
            raise Refused(403, "user is deactivated")
        elif chat.blocked:
            raise Refused(403, "bot was blocked by the user")
        elif not chat.started:
            raise Refused(403, "bot can't initiate conversation with a user")
        return chat

    def message_json(self, chat: Chat, message: Message) -> Json:
        """The message as the answer of every method that gives one back; its id goes into the ledger."""
        self.facts["message_id"] = message.message_id
        return message.as_json(chat.owner.as_chat())


def _check_group(group: Group, bot_id: int) -> None:
    if group.migrated_to is not None:
        raise Refused(400, "group chat was upgraded to a supergroup chat", migrate_to_chat_id=group.migrated_to)
    status = group.status.get(bot_id, "left")
    kind = f"{group.kind} chat" if group.kind == "supergroup" else "group chat"
    if status == "kicked":
        raise Refused(403, f"bot was kicked from the {kind}")
    if status == "left":
        raise Refused(403, f"bot is not a member of the {kind}")

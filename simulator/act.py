"""One resident's deed in one chat: what every action needs, and the message it becomes."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from simulator.entities import plain
from simulator.errors import Misused
from simulator.people import Chat, Json, Message, Resident
from simulator.world import Bot, World

Done = dict[str, Any]  # {update_id, message_id?}


@dataclass(slots=True)
class Act:
    """One resident's deed in one chat. wish: the action as the control API got it, a JSON object."""

    world: World
    bot: Bot
    chat: Chat
    resident: Resident
    wish: Json

    def need(self, name: str, kind: type | tuple[type, ...]) -> Any:
        """A field of the wish. Raises Misused when it is missing or of another type."""
        value = self.wish.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise Misused(f"{self.wish['kind']} needs {name}")
        return value

    def data(self, default: bytes) -> bytes:
        """The bytes of `data_base64`, or `default` when there are none. Raises Misused."""
        value = self.wish.get("data_base64")
        return decoded(value) if value else default

    def message(self, content: Json) -> Done:
        """Put a new message of the resident into the chat and make the update for it."""
        self.chat.started = True
        message = self.bot.new_message(self.chat, self.resident.as_user(), content, self.world.clock.now())
        body = message.as_json(self.chat.owner.as_chat())
        update_id = self.bot.updates.add("message", body, ("chat", self.chat.id), self.chat.id)
        return {"update_id": update_id, "message_id": message.message_id}

    def text_content(self, text: str) -> Json:
        """The content of a text message, with the entities Telegram finds in it. Raises Misused for an empty text."""
        breakages = self.world.knobs.breakages
        stripped, entities = plain(text, code_points="code_points_for_utf16" in breakages)
        if not stripped:
            raise Misused("the text is empty")
        if "no_bot_command_entity" in breakages:
            entities = [entity for entity in entities if entity["type"] != "bot_command"]
        return {"text": stripped, **({"entities": entities} if entities else {})}

    def own_chat_message(self, message_id: Any) -> Message:
        """A message of this chat. Raises Misused."""
        message = self.chat.find(message_id) if isinstance(message_id, int) else None
        if message is None:
            raise Misused(f"no message {message_id} in this chat")
        return message


def decoded(value: Any) -> bytes:
    """Bytes from base64. Raises Misused."""
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise Misused("that is no base64") from None

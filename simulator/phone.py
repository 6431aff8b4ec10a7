"""A resident's phone for tests: it writes, taps and sees. `LocalTelegram` starts the simulator for it."""

import asyncio
import base64
import io
import json
from types import TracebackType
from typing import Any, Self

import aiohttp

from simulator.local_telegram import LocalTelegram

__all__ = ["LocalTelegram", "Phone"]

Json = dict[str, Any]


class Phone:
    """One resident with the bot's chat open; `async with await Phone.new(url) as amina` closes it at the end.

    looks_first: read the chat before each action, so that `sees` knows what is new; a large crowd turns it off.
    """

    looks_first = True

    def __init__(self, session: aiohttp.ClientSession, resident: Json, bot: str | None) -> None:
        self._session = session
        self._bot = bot
        self.id: int = resident["id"]
        self.name: str = resident["first_name"]
        self._seen: Json = {"version": 0, "messages": [], "toasts": []}
        self._before: dict[int, Json] = {}  # the chat at the phone's last own action
        self._toasts_before = 0  # the number of the last toast at that moment

    @classmethod
    async def new(
        cls,
        base_url: str,
        *,
        name: str | None = None,
        language_code: str | None = None,
        resident_id: int | None = None,
        bot: str | None = None,
    ) -> Self:
        """A new resident, or with `resident_id` one who may be there already. `bot` is a token or its beginning."""
        session = aiohttp.ClientSession(base_url)
        wish = {"name": name, "language_code": language_code, "id": resident_id}
        async with session.post("/sim/residents", json=wish) as answer:
            return cls(session, await answer.json(), bot)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connection; the resident stays."""
        await self._session.close()

    async def act(self, kind: str, **wish: Any) -> Json:
        """Any action of the control API; gives {update_id, message_id?}. Raises AssertionError when refused."""
        if self.looks_first:
            await self.chat()
        self._before = {message["message_id"]: message for message in self._seen["messages"]}
        self._toasts_before = max((toast["n"] for toast in self._seen["toasts"]), default=0)
        if self._bot is not None:
            wish["bot"] = self._bot
        body = io.BytesIO(json.dumps({"kind": kind, **wish}).encode())  # a stream: a photo may be large
        async with self._session.post(f"/sim/residents/{self.id}/actions", data=body) as answer:
            done: Json = await answer.json()
            if answer.status != 200:
                raise AssertionError(f"{self.name} can't {kind}: {done}")
            return done

    async def says(self, text: str) -> Json:
        """Writes a text."""
        return await self.act("text", text=text)

    async def starts(self, payload: str | None = None) -> Json:
        """Opens the bot, with `payload` by a deep link."""
        return await self.act("start", payload=payload)

    async def speaks(self, seconds: int, data: bytes | None = None) -> Json:
        """Sends a voice message."""
        return await self.act("voice", seconds=seconds, **_encoded(data))

    async def shows_photo(self, data: bytes | None = None, caption: str | None = None) -> Json:
        """Sends a photo; without bytes, a sample."""
        return await self.act("photo", caption=caption, **_encoded(data))

    async def pins(self, latitude: float, longitude: float) -> Json:
        """Sends a location."""
        return await self.act("location", latitude=latitude, longitude=longitude)

    async def blocks(self) -> Json:
        """Blocks the bot."""
        return await self.act("block")

    async def unblocks(self) -> Json:
        """Takes the block away."""
        return await self.act("unblock")

    async def taps(self, label_or_data: str) -> Json:
        """Presses a button of the newest message that has it: by its label, else its data, else a part of its label.

        A button of the reply keyboard sends its text. Raises AssertionError showing the chat when there is none.
        """
        await self.chat()
        tests = (
            lambda button: button["text"] == label_or_data,
            lambda button: button.get("data") == label_or_data,
            lambda button: label_or_data in button["text"],
        )
        for test in tests:
            for message in reversed(self._seen["messages"]):
                for row in message.get("buttons", []):
                    for button in row:
                        if "data" in button and test(button):
                            return await self.act("press", message_id=message["message_id"], data=button["data"])
            for row in self._seen.get("reply_keyboard", []):
                for button in row:
                    if test(button):
                        return await self.says(button["text"])
        raise AssertionError(f"{self.name} sees no button {label_or_data!r}\n{self.shown()}")

    async def sees(self, part_of_text: str, timeout: float = 10.0) -> Json:
        """Waits for a message, an edit or a toast of the bot with that text, newer than the phone's last own action.

        Gives the message (or the toast). Raises AssertionError showing the whole chat.
        """
        end = asyncio.get_running_loop().time() + timeout
        while True:
            for message in reversed(self._seen["messages"]):
                if self._is_new(message) and part_of_text in _words(message):
                    return dict(message)
            for toast in self._seen["toasts"]:
                if toast["n"] > self._toasts_before and part_of_text in toast["text"]:
                    return dict(toast)
            rest = end - asyncio.get_running_loop().time()
            if rest <= 0:
                raise AssertionError(f"{self.name} does not see {part_of_text!r} in {timeout} s\n{self.shown()}")
            await self.chat(wait=min(rest, 20.0))

    async def sees_nothing_new(self, seconds: float) -> None:
        """Watches for that long. Raises AssertionError when the bot says or edits something."""
        end = asyncio.get_running_loop().time() + seconds
        while (rest := end - asyncio.get_running_loop().time()) > 0:
            await self.chat(wait=rest)
            new = [message for message in self._seen["messages"] if self._is_new(message)]
            if new:
                raise AssertionError(f"{self.name} sees {new}")

    def _is_new(self, message: Json) -> bool:
        return message["from"] == "bot" and self._before.get(message["message_id"]) != message

    @property
    def seen(self) -> Json:
        """The chat as this phone saw it last."""
        return self._seen

    async def chat(self, wait: float = 0.0) -> Json:
        """The chat as it is now; with `wait`, as soon as it differs from what the phone saw last."""
        query = {"after": str(self._seen["version"]), "wait": str(wait)}
        if self._bot is not None:
            query["bot"] = self._bot
        async with self._session.get(f"/sim/residents/{self.id}/chat", params=query) as answer:
            self._seen = await answer.json()
            if answer.status != 200:
                raise AssertionError(self._seen)
        if self._seen["version"] == 0 and wait:
            await asyncio.sleep(0.05)  # no bot has ever spoken to this Telegram: there is nothing to wait on yet
        return self._seen

    @property
    def last(self) -> Json:
        """The bot's newest message that this phone has seen."""
        for message in reversed(self._seen["messages"]):
            if message["from"] == "bot" and not message.get("deleted"):
                return dict(message)
        raise AssertionError(f"{self.name} has no message from the bot")

    def buttons(self) -> list[str]:
        """The labels under the newest message that has buttons."""
        for message in reversed(self._seen["messages"]):
            if "buttons" in message:
                return [button["text"] for row in message["buttons"] for button in row]
        return []

    @property
    def toasts(self) -> list[Json]:
        """Toasts and alerts that this phone has seen: [{text, alert}]."""
        return list(self._seen["toasts"])

    async def fetch(self, file: Json) -> bytes:
        """The bytes of a `photo`, `voice` or `document` of a message."""
        async with self._session.get(file["url"]) as answer:
            return await answer.read()

    def shown(self) -> str:
        """The chat in words, for a failing test."""
        lines = []
        for message in self._seen["messages"]:
            if message.get("deleted"):
                continue
            words = _words(message) or json.dumps(message, ensure_ascii=False)
            rows = " ".join(f"[{button['text']}]" for row in message.get("buttons", []) for button in row)
            lines.append(f"  {message['from']:>8} #{message['message_id']}: {words} {rows}")
        lines.extend(f"     toast: {toast['text']}" for toast in self._seen["toasts"])
        return "\n".join(lines) or "  (an empty chat)"


def _words(message: Json) -> str:
    return str(message.get("text") or message.get("caption") or "")


def _encoded(data: bytes | None) -> Json:
    return {} if data is None else {"data_base64": base64.b64encode(data).decode()}

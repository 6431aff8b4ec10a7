"""python-telegram-bot's requests over aiohttp: a tenth of the processor time of its own transport.

Source of the form: telegram.request.BaseRequest (22.x). Errors say whether a request can have arrived.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.speaking.answers import OddAnswer, result_of

SECONDS = 20.0
UPLOAD_SECONDS = 60.0
CONNECTIONS = 16
ANSWER_LIMIT = 16 * 1024 * 1024
FILE_LIMIT = 21 * 1024 * 1024  # Telegram gives files up to 20 MB


class NotSent(NetworkError):
    """No connection came about: the request surely did not arrive."""


class AiohttpRequest(BaseRequest):
    """One pool of connections to the Bot API."""

    def __init__(self) -> None:
        """Nothing is opened before `initialize`."""
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds that an answer may take."""
        return SECONDS

    async def initialize(self) -> None:
        """Open the pool."""
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=15)
        self._session = aiohttp.ClientSession(connector=connector)

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    async def ask(self, url: str, parameters: dict[str, Any], seconds: float) -> Any:
        """Call a method with plain values and get plain values; `seconds` until the answer must be there.

        For getUpdates: what a library can't understand must still reach us, to become a dead letter.
        """
        return result_of(*await self._asked("POST", url, seconds, ANSWER_LIMIT, json=parameters))

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer without fields that nobody reads: objects of the message just sent cost more than sending it."""
        answer = BaseRequest.parse_json_payload(payload)
        result = answer.get("result")
        if isinstance(result, dict) and "edit_date" in result:
            answer["result"] = True  # as for an inline message: we know what it says
        elif isinstance(result, dict) and "message_id" in result:
            answer["result"] = {name: result[name] for name in ("message_id", "date", "chat")}
        return answer

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One request: (status, body). Raises NotSent, TimedOut or NetworkError; messages never hold the URL."""
        seconds = UPLOAD_SECONDS if request_data and request_data.contains_files else SECONDS
        if isinstance(read_timeout, int | float):
            seconds = max(seconds, float(read_timeout))
        if method == "GET":
            return 200, await self._file(url, seconds)
        name, status, body = await self._asked(method, url, seconds, ANSWER_LIMIT, **_body(request_data))
        result_of(name, status, body)
        return status, body

    async def _file(self, url: str, seconds: float) -> bytes:
        """A file's content. Raises NetworkError when the answer is no file but, say, a page of some proxy."""
        _, status, body = await self._asked("GET", url, seconds, FILE_LIMIT)
        if status != 200:
            raise OddAnswer(f"a file: status {status}")
        return body

    async def _asked(self, method: str, url: str, seconds: float, limit: int, **more: Any) -> tuple[str, int, bytes]:
        """One request: (name of the method, status, body). Raises NotSent, TimedOut or NetworkError, without the URL.

        A redirect is not followed: the token would go along.
        """
        if self._session is None:
            raise NotSent("the transport is closed")
        timeout = aiohttp.ClientTimeout(total=seconds, connect=5)
        try:
            async with self._session.request(method, url, timeout=timeout, allow_redirects=False, **more) as answer:
                if method == "GET" and answer.content_type.startswith(("text/", "application/json")):
                    raise OddAnswer("a page instead of a file")
                body = bytearray()
                async for chunk in answer.content.iter_any():
                    body += chunk
                    if len(body) > limit:
                        raise OddAnswer("too long an answer")
                return url.rpartition("/")[2], answer.status, bytes(body)
        except OddAnswer:
            raise
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(type(error).__name__) from None
        except TimeoutError as error:
            raise TimedOut(type(error).__name__) from None
        except Exception as error:  # whatever a parser makes of an odd answer
            raise NetworkError(type(error).__name__) from None


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if not data.contains_files:
        return {"json": data.parameters}
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return {"data": form}

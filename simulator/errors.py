"""The simulator's two exceptions: Telegram refuses a request, or a test misuses the control API."""

from typing import Any

PREFIXES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


class Refused(Exception):
    """A request that Telegram answers with an error.

    `status` is the HTTP status, `description` the wording after its prefix, `parameters` the ResponseParameters
    (retry_after in seconds, migrate_to_chat_id). Source of the wordings: Client.cpp of tdlib/telegram-bot-api.
    """

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        prefix = PREFIXES.get(self.status)
        text = f"{prefix}: {self.description}" if prefix and self.description else prefix or self.description
        answer: dict[str, Any] = {"ok": False, "error_code": self.status, "description": text}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad_request(description: str) -> Refused:
    """A 400 with that wording."""
    return Refused(400, description)


def too_many_requests(retry_after: int) -> Refused:
    """A 429 that says how many seconds to wait."""
    return Refused(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


class Misused(Exception):
    """The control API was used wrongly; the text says how. Answered with 400."""

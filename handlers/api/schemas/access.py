"""The access log over the API, as an auditor reads it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class AccessLine(BaseModel):
    """One act. Tags are pseudonyms of 32 bytes in hexadecimal: the same tag means the same person or thing."""

    number: int = Field(description="Counts from 1 without gaps.")
    at: datetime = Field(description="When, in UTC.")
    staff: str = Field(description="Tag of the member of staff.")
    signal: str = Field(description="Tag of the signal, round, meeting or broadcast.")
    act: str = Field(
        description="Of a signal: read, file, answer, move, calm or codes. Of a round: round, plans, codes, block, "
        "replace, extend or delete. Of a meeting: plan, change, publish, cancel or delete. Of a broadcast: write, "
        "rewrite, test, send, approve, withdraw, pause, resume, stop or delete."
    )
    reason: str = Field(
        description="With read and file: handling, supervision or request_of_reporter. With extend: why the vote got "
        "more time."
    )
    hash: str = Field(
        description="SHA-256 of the hash before it and this entry as JSON (keys sorted, no blanks), in hexadecimal."
    )


class AccessLog(BaseModel):
    """A page of the log."""

    entries: list[AccessLine] = Field(description="At most 100, in their order; ask on with ?after=number.")
    start_number: int = Field(description="The number before the first entry that is still kept; 0 at the beginning.")
    start_hash: str = Field(description="The hash before the first entry that is still kept.")
    head_number: int = Field(description="The number of the last entry of all.")
    head_hash: str = Field(description="The hash of the last entry of all.")

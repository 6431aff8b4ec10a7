"""Photos and voice messages: fetched from Telegram, cleaned, sealed under their signal's record key."""

from __future__ import annotations

from dataclasses import dataclass, field

from conversations.signals import notices
from domain.sealing import CannotOpen, seal, unseal, unseal_json
from services.signals.reporters import tell
from services.signals.sealed_places import attachment_place
from services.work import Work
from storage.engine import vault
from storage.signals import cases

LOST = ("refused", "gone")
MOST_ATTEMPTS = 60  # the fetcher waits up to a minute between two: an hour in which Telegram may be away


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file that is still with Telegram."""

    attachment_id: str
    kind: str
    file_id: str = field(repr=False)
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of ours: its media type and its bytes."""

    media_type: str
    content: bytes = field(repr=False)


async def waiting(work: Work, most: int) -> list[PendingFile]:
    """Files to fetch, those tried least first."""
    found = []
    for row in await cases.waiting_attachments(work, most):
        key = await _key(work, row.signal_id)
        try:
            if key is None:
                raise CannotOpen("its record's key is gone")
            file_id = unseal_json(key, row.content, attachment_place(row.id, "waiting"))["file_id"]
        except CannotOpen:
            await _settle(work, row.id, state="gone", content=b"")
            continue
        found.append(PendingFile(row.id, row.kind, file_id, row.attempts))
    return found


async def keep(work: Work, attachment_id: str, kept: StoredFile) -> None:
    """Keep a fetched file in place of its file_id. Nothing happens when it was erased in the meantime."""
    row = await cases.attachment_by_id(work, attachment_id)
    key = await _key(work, row.signal_id) if row else None
    if key is None:
        return
    sealed = seal(key, kept.content, attachment_place(attachment_id, "kept"))
    await _settle(work, attachment_id, state="kept", content=sealed, media_type=kept.media_type)


async def refuse(work: Work, attachment_id: str) -> None:
    """Note that we don't accept this file: staff see that there was one, and no more; the reporter is told."""
    await _settle(work, attachment_id, state="refused", content=b"")


async def try_later(work: Work, waiting: PendingFile) -> None:
    """Note that a file could not be fetched now; after MOST_ATTEMPTS it is given up, and the reporter is told."""
    if waiting.attempts + 1 >= MOST_ATTEMPTS:
        await _settle(work, waiting.attachment_id, state="gone", content=b"")
    else:
        await cases.change_waiting_attachment(work, waiting.attachment_id, attempts=waiting.attempts + 1)


async def _settle(work: Work, attachment_id: str, **values: object) -> None:
    """Write what became of a file; once no file of its turn waits any more, tell the reporter how many were lost.

    The signal is locked: of two processes that settle the last two files, one must see that it is the last.
    """
    file = await cases.attachment_by_id(work, attachment_id)
    row = await cases.signal_by_id(work, file.signal_id, lock=True) if file else None
    await cases.change_waiting_attachment(work, attachment_id, **values)
    if file is None or row is None or file.state != "waiting":
        return
    turn = [one for one in await cases.attachments_of(work, row.id) if one.message_id == file.message_id]
    lost = sum(one.state in LOST for one in turn)
    if lost and not any(one.state == "waiting" for one in turn):
        await tell(work, row, notices.files_lost(row.id, lost))


async def opened(work: Work, row: cases.AttachmentRow) -> StoredFile | None:
    """The file, for somebody who may see its signal (the caller has made sure). None when it is not kept (yet)."""
    key = await _key(work, row.signal_id)
    if key is None or row.state != "kept":
        return None
    return StoredFile(row.media_type, unseal(key, row.content, attachment_place(row.id, "kept")))


async def _key(work: Work, signal_id: str) -> bytes | None:
    found = await cases.signal_by_id(work, signal_id)
    try:
        return await vault.open_record(work, found.record_id) if found else None
    except CannotOpen:
        return None

"""Files that were sent, in memory: a file_id finds the bytes, its path is what getFile gives out."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

KEPT_BYTES = 256 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024


@dataclass(slots=True)
class StoredFile:
    """A file that was sent. `file_id` can be sent again; `unique_id` is new at each `add`, unlike on Telegram."""

    file_id: str
    unique_id: str
    path: str
    data: bytes
    mime_type: str
    name: str | None = None


class FileStore:
    """All files; the oldest fall out above KEPT_BYTES."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, StoredFile] = OrderedDict()
        self._by_path: dict[str, StoredFile] = {}
        self._bytes = 0

    def add(self, data: bytes, folder: str, suffix: str, mime_type: str, name: str | None = None) -> StoredFile:
        """Keep these bytes, with the path `folder/file_N.suffix`."""
        token = secrets.token_urlsafe(24)
        path = f"{folder}/file_{secrets.randbelow(10**9)}.{suffix}"
        stored = StoredFile(f"AgAC{token}", f"AQAD{token[:11]}", path, data, mime_type, name)
        self._by_id[stored.file_id] = stored
        self._by_path[path] = stored
        self._bytes += len(data)
        while self._bytes > KEPT_BYTES and len(self._by_id) > 1:
            _, oldest = self._by_id.popitem(last=False)
            del self._by_path[oldest.path]
            self._bytes -= len(oldest.data)
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        """The file with this file_id; None when there is none."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """The file with the path that getFile gave out; None when there is none."""
        return self._by_path.get(path)

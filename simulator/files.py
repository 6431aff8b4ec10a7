"""Files that were sent, in memory: a file_id finds the bytes, its path is what getFile gives out."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

KEPT_BYTES = 256 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024


@dataclass(slots=True)
class StoredFile:
    """`unique_id` is the same for the same bytes sent again, `file_id` is what can be sent again."""

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
        """Keep these bytes as `folder/file_N.suffix`."""
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
        """By file_id."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """By the path that getFile gave out."""
        return self._by_path.get(path)

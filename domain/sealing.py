"""Sealing: AES-256-GCM under a key per record, record keys wrapped for the team, people as keyed pseudonyms.

The one file of the domain that imports `cryptography`. A sealed value is
`version (1 byte) | nonce (12 bytes) | ciphertext and tag`; what is sealed is padded to steps of 256 bytes,
so that a length tells little, and is bound to its place by the additional data `table|row|field|schema`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
PADDING_STEP = 256
_VERSION = b"\x01"
_NONCE_BYTES = 12
_LENGTH_BYTES = 4
_ID = re.compile(r"[a-z2-7]{26}")


class CannotOpen(Exception):
    """A sealed value that was changed, moved to another place, or whose key is gone. Holds no content."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands: moving it elsewhere makes it unreadable."""

    table: str
    row: str
    field: str
    schema: int = 1

    def bound(self) -> bytes:
        """The additional data of the cipher."""
        return f"{self.table}|{self.row}|{self.field}|{self.schema}".encode()


def new_key() -> bytes:
    """A random record key of 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def new_id() -> str:
    """A random id of 128 bits, 26 characters of a-z and 2-7: fit for a deep link or a button."""
    number = int.from_bytes(secrets.token_bytes(16), "big")
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    return "".join(alphabet[(number >> shift) & 31] for shift in range(0, 130, 5))


def is_id(text: str) -> bool:
    """Whether the text has the form of an id. Other text is in no table, and PostgreSQL takes none with a zero byte."""
    return _ID.fullmatch(text) is not None


def seal(key: bytes, content: bytes, place: Place) -> bytes:
    """Seal `content` (up to 4 GiB) under `key` for this place."""
    padding = -(len(content) + _LENGTH_BYTES) % PADDING_STEP
    padded = len(content).to_bytes(_LENGTH_BYTES, "big") + content + bytes(padding)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, padded, place.bound())


def unseal(key: bytes, sealed: bytes, place: Place) -> bytes:
    """The content again. Raises CannotOpen when the key, the place or a single bit is wrong."""
    if sealed[:1] != _VERSION:
        raise CannotOpen("unknown version of sealing")
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        padded = AESGCM(key).decrypt(nonce, ciphertext, place.bound())
    except (InvalidTag, ValueError):
        raise CannotOpen("sealed under another key, for another place, or changed") from None
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def seal_json(key: bytes, content: Any, place: Place) -> bytes:
    """Seal JSON-able values. Broken characters (lone surrogates), which somebody may send, come back as they were."""
    try:
        plain = orjson.dumps(content)
    except TypeError:  # orjson is quick but strict: it refuses such characters, and large numbers
        plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return seal(key, plain, place)


def unseal_json(key: bytes, sealed: bytes, place: Place) -> Any:
    """The values that `seal_json` was given. Raises CannotOpen."""
    plain = unseal(key, sealed, place)
    try:
        return orjson.loads(plain)
    except ValueError:
        return json.loads(plain)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a deployment, read from KEYS_DIR: team keys by number, and the root of all pseudonyms.

    The newest team key wraps, or the one that `wraps` names: a new key wraps only once every process has it. Older
    keys still unwrap until `keys rotate` has re-wrapped everything.
    """

    team: Mapping[int, bytes] = field(repr=False)
    pseudonyms: bytes = field(repr=False)
    wraps: int | None = field(default=None, repr=False)

    @property
    def newest(self) -> int:
        """The number of the newest key."""
        return max(self.team)

    @property
    def wrapping(self) -> int:
        """The number of the key that wraps."""
        return self.newest if self.wraps is None else self.wraps

    def fingerprint(self, number: int) -> str:
        """A hash by which processes compare a team key without showing it; "" for a key that is not on this ring."""
        key = self.team.get(number)
        return hashlib.sha256(b"team key|" + key).hexdigest()[:16] if key else ""

    def wrap(self, record_key: bytes, record: str) -> bytes:
        """Wrap a record key for the team: 4 bytes of key number, then the sealed key."""
        number = self.wrapping
        nonce = secrets.token_bytes(_NONCE_BYTES)
        wrapped = AESGCM(self.team[number]).encrypt(nonce, record_key, f"record|{record}".encode())
        return number.to_bytes(4, "big") + nonce + wrapped

    def unwrap(self, wrapped: bytes, record: str) -> bytes:
        """The record key. Raises CannotOpen when its team key is not on this ring or it was changed."""
        number = int.from_bytes(wrapped[:4], "big")
        if number not in self.team:
            raise CannotOpen(f"team key {number} is not on this ring")
        nonce = wrapped[4 : 4 + _NONCE_BYTES]
        try:
            return AESGCM(self.team[number]).decrypt(nonce, wrapped[4 + _NONCE_BYTES :], f"record|{record}".encode())
        except (InvalidTag, ValueError):
            raise CannotOpen("the wrapped key was changed or belongs to another record") from None

    def tag(self, purpose: str, subject: str) -> bytes:
        """A pseudonym of 32 bytes. Each purpose has a key of its own, so that tables can't be joined."""
        return hmac.digest(_purpose_key(self.pseudonyms, purpose), subject.encode(), "sha256")


@lru_cache(maxsize=64)
def _purpose_key(root: bytes, purpose: str) -> bytes:
    return hmac.digest(root, f"purpose|{purpose}".encode(), "sha256")

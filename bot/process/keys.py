"""Makes, reads and checks the keys of a deployment in KEYS_DIR. They are never kept with the data.

Files: `team-0001.key`, `team-0002.key` … (32 bytes in base64; the newest wraps) and `pseudonyms.key`.
Losing them is losing every word that residents wrote; docs/operations.md says how to keep a copy.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.process.locks import hold
from bot.settings import PREFIX, WrongSetting
from domain.sealing import KEY_BYTES, KeyRing, new_key

_PSEUDONYMS = "pseudonyms.key"
_FIND_OR_MAKE = "put back your copy of them; only for a new database `python -m bot keys new`"
_GOING = ".destroyed"
_TEAM_FORM = re.compile(r"team-([0-9]{4,9})\.key")


def has_keys(folder: Path) -> bool:
    """Whether there is any key; if so, a missing one must come from a copy. Raises WrongSetting."""
    with _usable(folder):
        return folder.is_dir() and bool(_team_files(folder) or (folder / _PSEUDONYMS).exists())


def make_keys(folder: Path) -> bool:
    """Make the first keys. False when there is any key already. Raises WrongSetting where none can be written."""
    if has_keys(folder):
        return False
    with _usable(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder / _PSEUDONYMS, new_key())
    add_team_key(folder)
    return True


def add_team_key(folder: Path) -> int:
    """Add the next team key. Returns its number. Raises WrongSetting where it can't be written."""
    with _usable(folder):
        number = max(_team_files(folder), default=0) + 1
        _write(_team_file(folder, number), new_key())
    return number


def drop_team_keys_before(folder: Path, number: int) -> None:
    """Destroy team keys older than `number`: what was wrapped with them can never be opened again."""
    for old, path in _team_files(folder).items():
        if old < number:
            with suppress(FileNotFoundError):  # another process was first
                path.rename(path.with_suffix(_GOING))
    for path in folder.glob(f"*{_GOING}"):  # also what a crash has left
        with suppress(FileNotFoundError), path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink(missing_ok=True)


def read_keys(folder: Path) -> KeyRing:
    """The keys. Raises WrongSetting when they are missing, damaged, readable by others or just being changed."""
    with _usable(folder):
        _check_folder(folder)
        if not hold(folder, alone=False):
            raise WrongSetting(f"{PREFIX}KEYS_DIR ({folder}): the keys are being changed; start again after that")
        # A key that another process destroys at this very moment is not needed any more.
        team = {number: _read(path) for number, path in _team_files(folder).items() if path.exists()}
    pseudonyms = folder / _PSEUDONYMS
    if not team and not pseudonyms.exists():
        raise WrongSetting(f"{PREFIX}KEYS_DIR ({folder}) holds no keys: {_FIND_OR_MAKE} makes them")
    if not team or not pseudonyms.exists():
        name = "team-NNNN.key" if not team else _PSEUDONYMS
        raise WrongSetting(f"{PREFIX}KEYS_DIR ({folder}): {name} is missing: put back your copy of it")
    return KeyRing(team, _read(pseudonyms))


def hold_alone(folder: Path) -> bool:
    """Keep others from using the keys until this process ends. False while another one has them in memory.

    That process would go on wrapping with a key that is about to be destroyed.
    """
    return hold(folder, alone=True)


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """Turn an OSError about this folder into a WrongSetting that names KEYS_DIR."""
    try:
        yield
    except OSError as error:
        raise WrongSetting(f"{PREFIX}KEYS_DIR ({folder}) can't be used: {error.strerror}") from None


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise WrongSetting(f"{PREFIX}KEYS_DIR ({folder}) is missing: {_FIND_OR_MAKE} makes them")
    for path in (folder, *folder.glob("*.key")):
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            mode = "700" if path.is_dir() else "600"
            raise WrongSetting(f"{PREFIX}KEYS_DIR: others can read {path}: chmod {mode} {path}")


def team_key_name(number: int) -> str:
    """The name of a team key's file."""
    return f"team-{number:04d}.key"


def _team_file(folder: Path, number: int) -> Path:
    return folder / team_key_name(number)


def _team_files(folder: Path) -> dict[int, Path]:
    found = {path: _TEAM_FORM.fullmatch(path.name) for path in sorted(folder.iterdir())}
    return {int(form[1]): path for path, form in found.items() if form}


def _write(path: Path, key: bytes) -> None:
    """Write whole or not at all: a key cut short by a crash would be worse than none."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)  # else the name could be gone after a power cut, and with it whatever was wrapped since
    os.close(folder)


def _read(path: Path) -> bytes:
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except (OSError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise WrongSetting(f"{PREFIX}KEYS_DIR: {path.name} is damaged: put back your copy of it")
    return key

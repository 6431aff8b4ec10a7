"""`make migration NAME='what is new'`: writes the next migration, which you then read and correct by hand."""

from __future__ import annotations

import sys
from tempfile import TemporaryDirectory

from storage.engine.database import create_revision, migrate


def main(arguments: list[str]) -> int:
    """Write the next migration. Returns the exit status: 2 without a name."""
    if len(arguments) != 1 or not arguments[0].strip():
        print("make migration NAME='what is new'", file=sys.stderr)
        return 2
    with TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/newest.db"
        migrate(url)
        create_revision(url, arguments[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

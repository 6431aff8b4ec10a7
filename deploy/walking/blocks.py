"""For deploy/walk.sh: writes each block of shell of a page into its own file, named by its number and heading."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_PART = re.compile(r"^#+ (?P<heading>[^\n]+)$|^```sh\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """(heading, block) of each block of shell, in order; heading: the one that it stands under, "" before the first."""
    found, heading = [], ""
    for part in _PART.finditer(page):
        heading = part["heading"] or heading
        if part["block"] is not None:
            found.append((heading, part["block"]))
    return found


if __name__ == "__main__":
    for number, (under, block) in enumerate(blocks(Path(sys.argv[1]).read_text(encoding="utf-8")), 1):
        name = re.sub(r"\W+", "-", re.sub(r"^\d+\. ", "", under))
        Path(sys.argv[2], f"{number:02d}-{name}.sh").write_text(block, encoding="utf-8")

"""Learning: the same sentences give the same file to the byte, and the file in the repository is theirs."""

from pathlib import Path

import pytest

from conversations.meaning.learning import judged, report, rows_of, write
from locales import sentences


@pytest.mark.proof
def test_learning_again_gives_the_file_in_the_repository_to_the_byte(tmp_path: Path) -> None:
    rows, rareness = rows_of(list(sentences.sentences()))
    found = judged(rows)
    write(rows, rareness, found, tmp_path / "again.npz")
    print(report(found))
    assert (tmp_path / "again.npz").read_bytes() == sentences.MODEL.read_bytes()

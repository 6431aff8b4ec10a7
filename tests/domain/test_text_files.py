"""A text file is read in the encodings that Notepad, Excel and others write."""

import codecs

import pytest

from domain.text_files import decoded


@pytest.mark.parametrize(
    "content",
    ["é1".encode(), "é1".encode("utf-8-sig"), "é1".encode("utf-16"), codecs.BOM_UTF16_BE + "é1".encode("utf-16-be"),
     "é1".encode("utf-32")],
)  # fmt: skip
def test_the_mark_at_the_beginning_says_how(content: bytes) -> None:
    assert decoded(content) == "é1"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        decoded("é".encode("latin-1"))

"""What people say: whole sentences by what they mean, and everyday words by concept; read when the model is learned.

`locales/<language>/sentences/<label>.txt` has a sentence a line. The labels are `danger_<theme>`, `wish_<wish>`,
`harmless` (no danger, with the same words) and `story` (a story, with words of a wish in passing).
`locales/<language>/lexicon.txt` has a concept a line, `knife: mes messen mes*`; a star stands for any ending.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from locales.languages import ALL, SPOKEN

_HERE = Path(__file__).resolve().parent
MODEL = _HERE / "meaning.npz"


class Sentence(NamedTuple):
    """A sentence of the catalogues. language: its folder · label: its file."""

    language: str
    label: str
    words: str


@cache
def spoken_languages() -> tuple[str, ...]:
    """The languages that have sentences, in the order of their codes."""
    known = {*(one.code for one in ALL), *SPOKEN}
    return tuple(sorted(code for code in known if (_HERE / code / "sentences").is_dir()))


def sentences() -> Iterator[Sentence]:
    """All sentences, in an order that is always the same."""
    for language in spoken_languages():
        for path in sorted((_HERE / language / "sentences").glob("*.txt")):
            for line in path.read_text(encoding="utf-8").splitlines():
                yield Sentence(language, path.stem, line)


def lexicon(language: str) -> Mapping[str, tuple[str, ...]]:
    """The words of each concept in a language."""
    lines = (_HERE / language / "lexicon.txt").read_text(encoding="utf-8").splitlines()
    return {concept: tuple(words.split()) for concept, _, words in (line.partition(": ") for line in lines)}

"""A text as numbers: which pieces of letters and words stand in it.

A piece is a run of 2 to 5 characters, a word, or two words next to each other. Each piece has a number below BUCKETS,
made by hashing: nothing has to be kept of the words themselves, and a misspelt word shares most of its pieces with
the right one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.folding import folded

BUCKETS = 1 << 15
LONGEST = 10_000  # characters of a text that are looked at
_LONGEST_WORD = 40
_SIZES = (2, 3, 4, 5)
_FEW_WORDS = 4  # a shorter sentence belongs to the one before it
_MANY_WORDS = 24  # a longer one is cut: what matters in it must not drown
MOST_WINDOWS = 6  # of a text; in a longer one neighbouring sentences are looked at together

_PRIME = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_INVERSE = pow(_PRIME, -1, 1 << 64)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(64 - 15)
_WORD, _PAIR, _NEXT = np.uint64(77), np.uint64(31), np.uint64(0x5BD1E995)
_TOKEN = re.compile(r"[^\W_]+|[.!?\n\u061f]")
_REPEATED = re.compile(r"(\w)\1{2,}")
_ENDS = frozenset(".!?\n\u061f")
# Arabic letters that many people write for each other.
_ALIKE = str.maketrans("\u0649\u0629\u06af\u06a9\u06cc", "\u064a\u0647\u0643\u0643\u064a")

Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of some words. buckets: their numbers · starts, lengths: where each stands in `text`."""

    buckets: Numbers
    starts: Numbers
    lengths: Numbers
    text: str


def pieces(words: Sequence[str]) -> Pieces:
    """The pieces of words; at least one word."""
    plain = f" {' '.join(words)} "
    letters = np.frombuffer(plain.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    sums, inverses = _sums(letters)
    lengths = np.fromiter(map(len, words), dtype=np.intp, count=len(words))
    begins = np.concatenate(([1], 1 + np.cumsum(lengths[:-1] + 1)))
    hashes, starts, sizes = [], [], []
    for size in _SIZES:
        at = np.arange(max(0, len(letters) - size + 1))
        hashes.append(_runs(sums, inverses, at, at + size) + np.uint64(size))
        starts.append(at)
        sizes.append(np.full(len(at), size))
    whole = _runs(sums, inverses, begins, begins + lengths)
    hashes += [whole + _WORD, whole[:-1] * _PAIR + whole[1:] * _NEXT]
    starts += [begins, begins[:-1]]
    sizes += [lengths, begins[1:] + lengths[1:] - begins[:-1]]
    found = ((np.concatenate(hashes) * _SPREAD) >> _SHIFT).astype(np.intp)
    return Pieces(found, np.concatenate(starts), np.concatenate(sizes), plain)


def plain_words(text: str) -> str:
    """The text as its pieces are taken from it: folded, no letter more than twice in a row."""
    return _REPEATED.sub(r"\1\1", folded(text).translate(_ALIKE))


def words_of(text: str) -> list[str]:
    """All words of a text, plain."""
    return [word for sentence in sentences_of(text) for word in sentence]


def sentences_of(text: str) -> list[list[str]]:
    """The words of each sentence, short ones joined and long ones cut; MOST_WINDOWS rows of words at most."""
    found: list[list[str]] = [[]]
    for token in _TOKEN.findall(plain_words(text[:LONGEST])):
        if token not in _ENDS:
            if len(found[-1]) >= _MANY_WORDS:
                found.append([])
            found[-1].append(token[:_LONGEST_WORD])
        elif len(found[-1]) >= _FEW_WORDS:
            found.append([])
    if len(found) > 1 and len(found[-1]) < _FEW_WORDS:
        rest = found.pop()
        found[-1] += rest
    size = -(-len(found) // MOST_WINDOWS)
    rows = ([word for one in found[at : at + size] for word in one] for at in range(0, len(found), size))
    return list(rows) if found[0] else []


def _sums(letters: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Sums from the beginning of letter × power, and the inverse powers: the hash of any run is a difference."""
    powers = np.full(len(letters), _PRIME, dtype=np.uint64)
    inverses = np.full(len(letters) + 1, _INVERSE, dtype=np.uint64)
    powers[0] = inverses[0] = 1
    sums = np.zeros(len(letters) + 1, dtype=np.uint64)
    np.cumsum(letters * np.multiply.accumulate(powers), out=sums[1:])
    return sums, np.multiply.accumulate(inverses)


def _runs(sums: NDArray[np.uint64], inverses: NDArray[np.uint64], begins: Numbers, ends: Numbers) -> NDArray[np.uint64]:
    """The hash of each run of letters, the same wherever it stands."""
    return (sums[ends] - sums[begins]) * inverses[begins]

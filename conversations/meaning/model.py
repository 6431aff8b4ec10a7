"""The model that was learned from sentences: a linear one, read from the file that `make learn` writes.

Its features are the pieces of a text (features.py), the concepts that stand in it (lexicon.py) and each two of them
together. Its heads are the languages, danger, the themes of danger, and the wishes. A head's score is a sum of
weights, so each verdict can say which pieces weighed most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from conversations.meaning.features import BUCKETS, Numbers, pieces
from conversations.meaning.lexicon import concepts, concepts_in
from locales import sentences

PAIRS_WEIGH = 0.7  # of a pair of concepts, where a piece and a concept weigh 1

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned.

    Attributes:
        heads: `language_<code>`, `danger`, `danger_<theme>`, `wish_<wish>`.
        weights: features x heads; kept as whole numbers from -127 to 127, with what 1 stands for by head.
        biases: By head.
        rareness: By feature, how much it says: more when fewer sentences have it.
        sure, perhaps: By language, the score of danger from which it is sure, or perhaps.
        wished: By language, the score from which a wish is one.
    """

    heads: tuple[str, ...]
    weights: NDArray[np.float32]
    biases: NDArray[np.float32]
    rareness: NDArray[np.float32]
    sure: NDArray[np.float32]
    perhaps: NDArray[np.float32]
    wished: NDArray[np.float32]

    def places(self, kind: str) -> slice:
        """The heads of a kind: `language`, `danger_`, `wish`."""
        found = [place for place, head in enumerate(self.heads) if head.startswith(kind)]
        return slice(found[0], found[-1] + 1)


def features() -> int:
    """How many features there are."""
    many = len(concepts())
    return BUCKETS + many + many * (many - 1) // 2


def by_pieces(words: Sequence[str], rareness: NDArray[np.float32]) -> tuple[Numbers, Reals]:
    """The features that are pieces, and their values."""
    found = pieces(words).buckets
    return found, _normed(rareness[found])


def by_concepts(language: str, words: Sequence[str], rareness: NDArray[np.float32]) -> tuple[Numbers, Reals]:
    """The features that are concepts and pairs of concepts in a language, and their values."""
    here = np.array(concepts_in(language, words), dtype=np.intp)
    if not len(here):
        return here, np.zeros(0)
    one, other = np.triu_indices(len(here), 1)
    single, pairs = BUCKETS + here, _pair(here[one], here[other])
    values = np.concatenate((_normed(rareness[single]), PAIRS_WEIGH * _normed(rareness[pairs])))
    return np.concatenate((single, pairs)), values


def _pair(one: Numbers, other: Numbers) -> Numbers:
    """The feature of two concepts; one < other."""
    many = len(concepts())
    found: Numbers = BUCKETS + many + other * (other - 1) // 2 + one
    return found


def _normed(values: NDArray[np.float32]) -> Reals:
    length = float(np.sqrt(np.square(values, dtype=np.float64).sum()))
    return values.astype(np.float64) / (length or 1.0)


@cache
def learned() -> Model:
    """The model in the repository."""
    with np.load(sentences.MODEL) as file:
        heads = tuple(file["heads"].tobytes().decode().split())
        weights = file["weights"].astype(np.float32) * file["scales"]
        return Model(heads, weights, *(file[name] for name in FIELDS))


FIELDS = ("biases", "rareness", "sure", "perhaps", "wished")

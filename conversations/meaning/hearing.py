"""What somebody means by a text: danger, of which kind and how sure; a wish; or neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np

from conversations.meaning.features import BUCKETS, Numbers, pieces, sentences_of
from conversations.meaning.lexicon import concepts, concepts_of
from conversations.meaning.model import Model, Reals, by_concepts, by_pieces, learned
from locales.sentences import spoken_languages

_STRONGEST = 5
_LEAST_WORDS = 2  # fewer are a button, a code or a greeting
_A_WISH = 12  # words at most: who tells more tells a story


class Level(IntEnum):
    """How sure it is that a text tells of danger."""

    NONE = 0
    PERHAPS = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means.

    Attributes:
        danger: How sure it is that it tells of danger.
        theme: Of which kind the danger is, as the catalogues of sentences name it: `violence`, `suicide` …
        wish: What somebody wants of the bot: `vote`, `agenda` …; "" for none.
        language: The language that it seems to be written in.
    """

    danger: Level = Level.NONE
    theme: str = ""
    wish: str = ""
    language: str = ""


NOTHING = Meaning()


def ready() -> None:
    """Read the model and the lexicons now, so that nobody's first message waits for them."""
    learned()
    for language in spoken_languages():
        concepts_of(language, language)


@lru_cache(256)
def meaning_of(text: str) -> Meaning:
    """What a text means, by its worst sentence. A few milliseconds at most, for the longest text."""
    windows, model = sentences_of(text), learned()
    if sum(word.isalpha() for words in windows for word in words) < _LEAST_WORDS:
        return NOTHING
    at = model.heads.index("danger")
    judged = [_scored(model, words) for words in windows]
    language, scores = max(judged, key=lambda one: float(one[1][at] - model.perhaps[_place(model, one[0])]))
    place = _place(model, language)
    level = Level(int(scores[at] >= model.perhaps[place]) + int(scores[at] >= model.sure[place]))
    theme = _best(model, "danger_", scores)[0] if level else ""
    wish, score = _best(model, "wish_", scores)
    meant = len(windows) == 1 and len(windows[0]) <= _A_WISH and score >= model.wished[place]
    return Meaning(level, theme, wish if meant else "", language)


def strongest(text: str) -> list[str]:
    """The pieces and concepts that weighed most for danger in a text, the strongest first."""
    windows, model = sentences_of(text), learned()
    if not windows:
        return []
    head = model.heads.index("danger")
    words, (language, _) = max(
        ((words, _scored(model, words)) for words in windows), key=lambda one: float(one[1][1][head])
    )
    found = pieces(words)
    index, values = by_pieces(words, model.rareness)
    weighed = {
        found.text[start : start + length].strip(): float(value * model.weights[at, head])
        for start, length, at, value in zip(found.starts, found.lengths, index, values, strict=True)
    }
    index, values = by_concepts(language, words, model.rareness)
    many = len(concepts())
    weighed |= {
        f"[{concepts()[at - BUCKETS]}]": float(value * model.weights[at, head])
        for at, value in zip(index, values, strict=True)
        if at < BUCKETS + many
    }
    return sorted((piece for piece in weighed if len(piece) > 2), key=lambda piece: -weighed[piece])[:_STRONGEST]


def _scored(model: Model, words: Sequence[str]) -> tuple[str, Reals]:
    """The language of a sentence, and its scores by head."""
    scores = _sum(model, *by_pieces(words, model.rareness))
    spoken = model.places("language")
    language = model.heads[spoken][int((scores + model.biases)[spoken].argmax())]
    language = language.removeprefix("language_")
    scores += _sum(model, *by_concepts(language, words, model.rareness))
    return language, scores + model.biases


def _place(model: Model, language: str) -> int:
    return model.heads[model.places("language")].index(f"language_{language}")


def _sum(model: Model, index: Numbers, values: Reals) -> Reals:
    found: Reals = (values.astype(np.float32) @ model.weights[index]).astype(np.float64)
    return found


def _best(model: Model, kind: str, scores: Reals) -> tuple[str, float]:
    """The head of a kind that scores highest, without its kind, and its score."""
    place = model.places(kind)
    at = int(scores[place].argmax())
    return model.heads[place][at].removeprefix(kind), float(scores[place][at])

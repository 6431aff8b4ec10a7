"""`python -m conversations.meaning.learning`: learns the model from the catalogues, and prints how well it does.

The same sentences give the same file to the byte: the order is drawn from a fixed seed, and every sum is made in a
fixed order. Learning is ridge regression by coordinate ascent on the dual (Shalev-Shwartz and Zhang, "Stochastic
Dual Coordinate Ascent", 2013): exact in the end, and one pass looks at one sentence at a time.

How well it does is measured by cross-validation: each sentence is judged by a model that has not seen it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversations.meaning.features import Numbers, words_of
from conversations.meaning.model import Reals, by_concepts, by_pieces, features
from locales import sentences
from locales.sentences import Sentence

FOLDS = 5
PASSES = 12
RIDGE = 0.5  # how much weights are held back
_SEED = 1
_STEP_BIAS = 0.1
# Of a hundred harmless sentences so many may be taken for danger surely, or perhaps; of stories for a wish.
SURE, PERHAPS, WISHED = 0.02, 0.09, 0.01


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence of the catalogues as features. pieces, concepts: which ones, and their values."""

    sentence: Sentence
    words: tuple[str, ...]
    pieces: tuple[Numbers, Reals]
    concepts: tuple[Numbers, Reals]


def rows_of(found: Sequence[Sentence]) -> tuple[list[Row], NDArray[np.float32]]:
    """The sentences as features, and how rare each feature is among them."""
    words = [tuple(words_of(one.words)) for one in found]
    count = np.zeros(features())
    ones = np.ones(features(), dtype=np.float32)
    for one, said in zip(found, words, strict=True):
        for index, _ in (by_pieces(said, ones), by_concepts(one.language, said, ones)):
            count[np.unique(index)] += 1
    rareness = np.where(count >= 2, np.log((len(found) + 1) / np.maximum(count, 1)), 0).astype(np.float32)
    return [
        Row(one, said, _merged(*by_pieces(said, rareness)), _merged(*by_concepts(one.language, said, rareness)))
        for one, said in zip(found, words, strict=True)
    ], rareness


def _merged(index: Numbers, values: Reals) -> tuple[Numbers, Reals]:
    """Each feature once, with the sum of its values; those that say nothing left out."""
    unique, inverse = np.unique(index, return_inverse=True)
    summed = np.zeros(len(unique))
    np.add.at(summed, inverse, values)
    return unique[summed > 0], summed[summed > 0]


def regress(vectors: Sequence[tuple[Numbers, Reals]], wanted: Reals) -> tuple[Reals, Reals]:
    """The weights (features x heads) and biases that come nearest to `wanted` (sentences x heads)."""
    heads = wanted.shape[1]
    weights, bias, dual = np.zeros((features(), heads)), np.zeros(heads), np.zeros_like(wanted)
    lengths = [float((values * values).sum()) for _, values in vectors]
    order, chance = list(range(len(vectors))), random.Random(_SEED)  # noqa: S311  the same order each time
    for _ in range(PASSES):
        chance.shuffle(order)
        for place in order:
            index, values = vectors[place]
            said = (values[:, None] * weights[index]).sum(axis=0) + bias
            step = (wanted[place] - said - RIDGE * dual[place]) / (RIDGE + lengths[place] + _STEP_BIAS)
            dual[place] += step
            weights[index] += values[:, None] * step
            bias += _STEP_BIAS * step
    return weights, bias


def learn(rows: Sequence[Row]) -> tuple[tuple[str, ...], Reals, Reals]:
    """The heads, their weights and biases, from these sentences."""
    languages = [f"language_{one}" for one in sentences.spoken_languages()]
    labels = {row.sentence.label for row in rows}
    themes = sorted(label for label in labels if label.startswith("danger_"))
    wishes = sorted(label for label in labels if label.startswith("wish_"))

    def wants(those: Sequence[Row], heads: Sequence[str]) -> Reals:
        return np.array([[1.0 if head in _marks(row) else -1.0 for head in heads] for row in those])

    spoken = regress([row.pieces for row in rows], wants(rows, languages))
    whole = [_joined(row) for row in rows]
    meant = regress(whole, wants(rows, ["danger", *wishes]))
    danger = [row for row in rows if "danger" in _marks(row)]
    themed = regress([_joined(row) for row in danger], wants(danger, themes))
    heads = (*languages, "danger", *themes, *wishes)
    weights, biases = (
        np.concatenate((spoken[at], meant[at][..., :1], themed[at], meant[at][..., 1:]), axis=-1) for at in (0, 1)
    )
    return heads, weights, biases


def _joined(row: Row) -> tuple[Numbers, Reals]:
    return np.concatenate((row.pieces[0], row.concepts[0])), np.concatenate((row.pieces[1], row.concepts[1]))


def _marks(row: Row) -> set[str]:
    marks = {f"language_{row.sentence.language}", row.sentence.label}
    return marks | {"danger"} if row.sentence.label.startswith("danger_") else marks


@dataclass(frozen=True, slots=True)
class Judged:
    """The scores of sentences by models that have not seen them. scores: sentences x heads."""

    rows: Sequence[Row]
    heads: tuple[str, ...]
    scores: Reals

    def at(self, head: str) -> Reals:
        """All scores of one head."""
        return self.scores[:, self.heads.index(head)]

    def best(self, kind: str) -> list[str]:
        """By sentence the head of this kind (its beginning) that scores highest."""
        places = [place for place, head in enumerate(self.heads) if head.startswith(kind)]
        return [self.heads[places[at]] for at in self.scores[:, places].argmax(axis=1)]

    def where(self, language: str, *labels: str) -> NDArray[np.bool_]:
        """Which sentences are of a language, and of one of these labels (beginnings count; none: all)."""
        return np.array([
            row.sentence.language == language and (not labels or row.sentence.label.startswith(labels))
            for row in self.rows
        ])  # fmt: skip


def judged(rows: Sequence[Row]) -> Judged:
    """Cross-validation: FOLDS models, each learned without the sentences that it judges."""
    chance = random.Random(_SEED)  # noqa: S311  the same folds each time
    folds = [chance.randrange(FOLDS) for _ in rows]
    heads: tuple[str, ...] = ()
    scores: list[Reals] = [np.zeros(0)] * len(rows)
    for fold in range(FOLDS):
        heads, weights, biases = learn([row for row, one in zip(rows, folds, strict=True) if one != fold])
        for place in (place for place, one in enumerate(folds) if one == fold):
            scores[place] = _scored(rows[place], weights, biases)
    return Judged(rows, heads, np.stack(scores))


def _scored(row: Row, weights: Reals, biases: Reals) -> Reals:
    index, values = _joined(row)
    found: Reals = (values[:, None] * weights[index]).sum(axis=0) + biases
    return found


def thresholds(found: Judged) -> dict[str, NDArray[np.float32]]:
    """By language, from which score on danger is sure or perhaps, and a wish is one."""
    danger, wishes = found.at("danger"), found.scores[:, _places(found.heads, "wish_")].max(axis=1)
    of = {"sure": (danger, SURE, "harmless"), "perhaps": (danger, PERHAPS, "harmless"), "wished": (wishes, WISHED, "")}
    return {
        name: np.array([
            np.quantile(scores[found.where(language, kind or "harmless", kind or "story")], 1 - share)
            for language in sentences.spoken_languages()
        ], dtype=np.float32)
        for name, (scores, share, kind) in of.items()
    }  # fmt: skip


def _places(heads: Sequence[str], kind: str) -> list[int]:
    return [place for place, head in enumerate(heads) if head.startswith(kind)]


def write(rows: Sequence[Row], rareness: NDArray[np.float32], found: Judged, path: Path) -> None:
    """Learn from all sentences, and write the model to `path`, its weights as whole numbers of one byte."""
    heads, weights, biases = learn(rows)
    scales = np.abs(weights).max(axis=0) / 127
    kept: dict[str, Any] = {
        "heads": np.frombuffer(" ".join(heads).encode(), dtype=np.uint8),
        "weights": np.rint(weights / scales).astype(np.int8),
        "scales": scales.astype(np.float32),
        "biases": biases.astype(np.float32),
        "rareness": rareness,
        **thresholds(found),
    }
    np.savez(path, **kept)


# The themes for which the same number is right.
NUMBERS = {
    "violence": "now", "fire": "now", "help": "now", "suicide": "suicide", "home": "home", "forced": "home",
    "stalking": "home", "sexual": "sexual", "images": "sexual", "recruiting": "crime",
}  # fmt: skip


_COLUMNS = (
    "language", "danger", "harmless", "wishes", "stories", "danger heard", "of these the right number",
    "theme heard least", "harmless taken for sure", "harmless taken for perhaps", "wishes understood",
    "stories taken for a wish",
)  # fmt: skip


def report(found: Judged) -> str:
    """How well sentences are understood that were not learned from, as a table in Markdown."""
    limits = thresholds(found)
    danger, themes, wishes = found.at("danger"), found.best("danger_"), found.best("wish_")
    wished = found.scores[:, _places(found.heads, "wish_")].max(axis=1)
    labels = [row.sentence.label for row in found.rows]
    same = np.array([one == label for one, label in zip(wishes, labels, strict=True)])
    number = np.array([
        NUMBERS.get(label.removeprefix("danger_"), "") in {"now", NUMBERS[theme.removeprefix("danger_")]}
        for theme, label in zip(themes, labels, strict=True)
    ])  # fmt: skip
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for place, language in enumerate(sentences.spoken_languages()):
        told, calm = found.where(language, "danger_"), found.where(language, "harmless")
        wish, story = found.where(language, "wish_"), found.where(language, "story")
        heard = danger >= limits["perhaps"][place]
        least = min(
            (float(heard[found.where(language, label)].mean()), label)
            for label in {label for label in labels if label.startswith("danger_")}
        )
        understood = same & (wished >= limits["wished"][place])
        counts = " | ".join(str(int(one.sum())) for one in (told, calm, wish, story))
        shares = " | ".join((
            _share(heard[told]), _share(number[told & heard]), f"{least[1].removeprefix('danger_')} {least[0]:.0%}",
            _share((danger >= limits["sure"][place])[calm]), _share(heard[calm]), _share(understood[wish]),
            _share((wished >= limits["wished"][place])[story]),
        ))  # fmt: skip
        lines.append(f"| {language} | {counts} | {shares} |")
    return "\n".join(lines)


def _share(which: NDArray[np.bool_]) -> str:
    return f"{float(which.mean()):.1%}" if which.size else "-"


def main() -> int:
    """Learn, write the model, and print the report; exit status."""
    rows, rareness = rows_of(list(sentences.sentences()))
    found = judged(rows)
    write(rows, rareness, found, sentences.MODEL)
    print(report(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

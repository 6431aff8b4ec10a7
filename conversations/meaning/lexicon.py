"""Which everyday concepts stand in a text: knife, child, night; the same in all languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from conversations.meaning.features import plain_words
from locales import sentences

# Written onto an Arabic word: the article, "and", "with", "for", "like".
_PREFIXES = ("وال", "بال", "فال", "كال", "عال", "لل", "ال", "و", "ف", "ب", "ل", "ك", "ه", "ع")
_SHORTEST_STEM = 2


@cache
def concepts() -> tuple[str, ...]:
    """The names of all concepts, in an order that is always the same."""
    return tuple(sorted({one for language in sentences.spoken_languages() for one in sentences.lexicon(language)}))


class Lexicon:
    """The words of one language by concept.

    whole: a word -> the concepts it stands for, as their places in `concepts()` · begun: the same for beginnings.
    """

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        """words: by concept, as `locales.sentences.lexicon` gives them."""
        places = {concept: place for place, concept in enumerate(concepts())}
        self.whole: dict[str, frozenset[int]] = {}
        self.begun: dict[str, frozenset[int]] = {}
        for concept, listed in words.items():
            for word in listed:
                plain = plain_words(word.rstrip("*"))
                into = self.begun if word.endswith("*") else self.whole
                into[plain] = into.get(plain, frozenset()) | {places[concept]}

    def of(self, word: str) -> frozenset[int]:
        """The concepts of one plain word, also where an Arabic word has something written onto it."""
        found = self._as_it_is(word)
        if found or not "\u0600" <= word[0] <= "\u06ff":
            return found
        bare = (word.removeprefix(one) for one in _PREFIXES if word.startswith(one) and len(word) > len(one) + 1)
        return next(filter(None, map(self._as_it_is, bare)), frozenset())

    def _as_it_is(self, word: str) -> frozenset[int]:
        found = self.whole.get(word, frozenset())
        for end in range(_SHORTEST_STEM, len(word) + 1):
            found |= self.begun.get(word[:end], frozenset())
        return found


@cache
def _lexicon(language: str) -> Lexicon:
    return Lexicon(sentences.lexicon(language))


@lru_cache(1 << 14)
def concepts_of(language: str, word: str) -> frozenset[int]:
    """The concepts of one plain word in a language, as places in `concepts()`."""
    return _lexicon(language).of(word)


def concepts_in(language: str, words: Sequence[str]) -> list[int]:
    """The concepts of a text, each once, in rising order."""
    return sorted(frozenset().union(*(concepts_of(language, word) for word in words)))

"""The catalogues of sentences: enough of each kind, no two of one frame, nothing that could be somebody's."""

import re
from collections import Counter, defaultdict

import pytest

from conversations.meaning.features import words_of
from conversations.meaning.hearing import meaning_of
from conversations.meaning.learning import NUMBERS
from conversations.meaning.lexicon import concepts
from conversations.meaning.model import learned
from conversations.signals.danger import LINES
from handlers.chat.front import WISHES
from locales.sentences import lexicon, sentences, spoken_languages
from locales.texts import LANGUAGES

SENTENCES = list(sentences())
LEAST = {"danger": 300, "harmless": 400, "wish": 150, "story": 50}
THEMES = {sentence.label.removeprefix("danger_") for sentence in SENTENCES if sentence.label.startswith("danger_")}
WORDS_OF_WISHES = {sentence.label.removeprefix("wish_") for sentence in SENTENCES if sentence.label.startswith("wish_")}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "least"), LEAST.items())
def test_there_are_enough_of_each_kind(language: str, kind: str, least: int) -> None:
    assert sum(one.language == language and one.label.startswith(kind) for one in SENTENCES) >= least


def test_every_theme_and_wish_has_sentences_in_every_language_and_the_spoken_one() -> None:
    found = defaultdict(set)
    for one in SENTENCES:
        found[one.language].add(one.label)
    labels = {*(f"danger_{theme}" for theme in THEMES), *(f"wish_{wish}" for wish in WORDS_OF_WISHES)}
    assert {language: labels - theirs for language, theirs in found.items() if labels - theirs} == {}
    assert set(spoken_languages()) == {*LANGUAGES, "ary"}


def test_no_two_sentences_share_four_words_in_a_row() -> None:
    runs: Counter[tuple[str, ...]] = Counter()
    for one in SENTENCES:
        words = words_of(one.words)
        runs.update({(one.language, *words[at : at + 4]) for at in range(len(words) - 3)})
    assert [run for run, times in runs.items() if times > 1] == []


def test_no_sentence_holds_an_address_of_a_page_or_of_mail_or_a_long_number() -> None:
    assert [one.words for one in SENTENCES if re.search(r"\d{7,}|https?:|\S@\S", one.words)] == []


@pytest.mark.parametrize("language", spoken_languages())
def test_a_lexicon_has_words_for_every_concept(language: str) -> None:
    words = lexicon(language)
    assert set(words) == set(concepts())
    assert [concept for concept, listed in words.items() if len(listed) < 10] == []


def test_the_model_has_a_head_for_each_label_and_each_theme_a_number_and_each_wish_a_deed() -> None:
    labels = {one.label for one in SENTENCES} - {"harmless", "story"}
    assert labels | {"danger"} | {f"language_{code}" for code in spoken_languages()} == set(learned().heads)
    assert set(NUMBERS) == THEMES
    assert set(LINES) <= THEMES
    assert set(WISHES) == WORDS_OF_WISHES


@pytest.mark.parametrize("language", LANGUAGES)
def test_stories_with_a_word_of_a_wish_in_passing_stay_stories(language: str) -> None:
    stories = [one.words for one in SENTENCES if (one.language, one.label) == (language, "story")]
    assert sum(meaning_of(story).wish != "" for story in stories) <= len(stories) / 20

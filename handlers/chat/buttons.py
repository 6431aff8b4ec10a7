"""Which buttons somebody means who types a number, several numbers, or the words of a button."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conversations.engine.fitting import choices
from conversations.engine.flow import SKIP
from conversations.engine.spoken import spoken
from domain.folding import folded
from domain.screens import Button, Screen
from locales import texts

# "nummer 2", "#2", "(2)", "2.", a 2 in a keycap, "two".
_NUMBERED = "nummer|nr|no|num|number|numero|numara|keuze|kies|optie|option|choice|secenek|رقم|خيار|اختيار|الاختيار"
_COUNTED: Sequence[str] = ("een|one|bir|واحد", "twee|two|iki|اثنان|اثنين", "drie|three|uc|ثلاثه|ثلاثة",
                           "vier|four|dort|اربعه|اربعة", "vijf|five|bes|خمسه|خمسة", "zes|six|alti|سته|ستة")  # fmt: skip
_AND = {"en", "and", "ve", "و", "plus", "ook"}
_VALUES = {folded(word): value for value, words in enumerate(_COUNTED, 1) for word in words.split("|")}
_WORDS_BEFORE = {folded(word) for word in _NUMBERED.split("|")}
# Who does not know an answer skips the question.
_UNKNOWN = frozenset(
    " ".join(folded(one).split())
    for one in (
        "weet niet|weet ik niet|ik weet het niet|ik weet niet|geen idee|weet k niet|kweenie|idk|dunno|dont know|"
        "i dont know|i don t know|no idea|not sure|bilmiyorum|bilmem|hic bilmiyorum|لا اعرف|ما اعرف|ما بعرف|لا ادري|"
        "معرفش|مانعرف|ما كنعرف|ma3raftch|overslaan|skip|atla|تخطي"
    ).split("|")
)
_TOKEN = re.compile(r"\d+|[^\W\d]+")
_LONGEST_NUMBERS = 60  # characters of numbers typed by themselves
_LONGEST_LABEL = 1000  # characters: whoever types the words of a button types no more
_MOST_WORDS = 4  # of the beginning of a button
_WHOLE_ENOUGH = 4  # letters of a word that is typed in part


def button_of(typed: str, screen: Screen, language: str, *, loosely: bool = False) -> Button | None:
    """The button that was meant by its number, where the screen numbers its choices, or by its words.

    The words count in every language, the reader's own first: they may have changed it since. So does the beginning
    of one button alone. loosely: and so do one or two words that stand in one button alone.
    """
    if screen.numbered and (numbers := numbers_in(typed)):
        numbered = choices(screen)
        place = numbers[0]
        return numbered[place - 1] if len({*numbers}) == 1 and 1 <= place <= len(numbered) else None
    wanted = _words(typed) if len(typed) <= _LONGEST_LABEL else ""
    if not wanted:
        return None
    return next(_meant(wanted, screen, (language, *texts.LANGUAGES), loosely=loosely), None)


def buttons_of(typed: str, screen: Screen) -> list[Button]:
    """The buttons that were meant by several numbers, such as "1,3"; [] where it is not several numbers of buttons."""
    numbers, numbered = numbers_in(typed) if screen.numbered else [], choices(screen)
    if len({*numbers}) < 2 or not all(1 <= place <= len(numbered) for place in numbers):
        return []
    return [numbered[place - 1] for place in dict.fromkeys(numbers)]


def numbers_in(typed: str) -> list[int]:
    """The numbers of a text that has nothing else in it: "1,3", "nummer 2", "one and three"; else []."""
    if len(typed) > _LONGEST_NUMBERS:
        return []
    tokens = [token for token in _TOKEN.findall(folded(typed)) if token not in _WORDS_BEFORE and token not in _AND]
    values = [int(token) if token.isdecimal() else _VALUES.get(token, 0) for token in tokens]
    return values if all(0 < value < 100 for value in values) else []


def label_of(button: Button, language: str) -> str:
    """The words on a button."""
    return spoken(button.label, language)


def _meant(wanted: str, screen: Screen, languages: Sequence[str], *, loosely: bool) -> Iterator[Button]:
    """The buttons that the words may mean, the surest first."""
    buttons = [button for row in screen.buttons for button in row]
    labels = {language: [(button, _words(label_of(button, language))) for button in buttons] for language in languages}
    for language in languages:
        yield from (button for button, label in labels[language] if label == wanted)
    if wanted in _UNKNOWN:
        yield from (button for button in buttons if button.answer == SKIP)
    words = wanted.split()
    if len(words) > _MOST_WORDS:
        return
    for language in languages:
        yield from _only([button for button, label in labels[language] if _begins(label, wanted)])
    if loosely and len(words) <= 2:
        for language in languages:
            yield from _only([button for button, label in labels[language] if _stands_in(words, label.split())])


def _begins(label: str, wanted: str) -> bool:
    return label.startswith(wanted) and (len(wanted) >= _WHOLE_ENOUGH or label[len(wanted) :][:1] in {"", " "})


def _stands_in(words: list[str], label: list[str]) -> bool:
    return all(
        any(one == word or (len(word) >= _WHOLE_ENOUGH and one.startswith(word)) for one in label) for word in words
    )


def _only(found: list[Button]) -> list[Button]:
    return found if len(found) == 1 else []


def _words(text: str) -> str:
    """Letters and digits in small letters, for comparing: without marks, icons, signs and a number in front."""
    words = "".join(c if c.isalnum() else " " for c in folded(text)).split()
    return " ".join(words[1:] if len(words) > 1 and words[0].isdecimal() else words)

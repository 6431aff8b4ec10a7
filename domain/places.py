"""Places as residents say them: the neighbourhoods that somebody may mean, or that it lies outside Nieuw-West.

A text is looked through for names: whole, then in a sentence ("bij het Sierplein"), then with typing errors, then by
its consonants, as somebody writes who hears a Dutch name in Turkish or Arabic.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from domain.folding import folded
from domain.neighbourhoods import ALL, BY_CODE, Neighbourhood
from domain.place_names import OUTSIDE, PLACES, POSTCODES

_LONGEST = 300  # characters of a text that names a place
_MOST_WORDS = 6  # of a name
_MOST_TYPED = 16  # words that are looked through
_MOST_MISSPELT = 3  # words of a name with a typing error in it
_LONGEST_NAME = 40  # letters
_SHORTEST = 4  # letters of a name inside a sentence
_FUZZY = 6  # letters from which one typing error is forgiven inside a sentence
_CONSONANTS = 4  # from so many on a name is known by them
_POSTCODE = re.compile(r"(?<!\d)(10[0-9]\d|11\d\d)(?:\s?[a-z]{2})?(?!\w)")

# What a word means in a name, by its beginning: Turkish, English and Arabic words for parts of Dutch names.
_SAME = {
    "square": "plein", "meydan": "plein", "ساحه": "plein", "ميدان": "plein", "بلين": "plein", "بلاين": "plein",
    "parki": "park", "حديقه": "park", "istasyon": "station", "محطه": "station", "st": "station",
    "hospital": "ziekenhuis", "hastane": "ziekenhuis", "مستشفي": "ziekenhuis", "مستشفى": "ziekenhuis",
    "street": "straat", "sokak": "straat", "cadde": "laan", "شارع": "straat", "library": "bieb", "kutuphane": "bieb",
    "bibliotheek": "bieb", "burg": "burgemeester", "joh": "johan", "kon": "koningin", "lod": "lodewijk", "nw": "nieuw",
    "dr": "doctor", "aug": "august", "north": "noord", "south": "zuid", "west": "west", "east": "oost",
}  # fmt: skip
# Words that say nothing about which place it is.
_EMPTY = frozenset(
    folded(
        "de het een den der in op bij aan achter naast voor tegenover onder boven vlakbij dichtbij rond om van naar te "
        "the near at behind opposite around close to by of front next close village neighbourhood neighborhood area "
        "ergens hoek ingang tramhalte halte bushalte straat buurt wijk dorp mijn onze amsterdam adam a nieuwwest "
        "mahalle mahallesi mahallede golu gol yaninda yakin yakinda pazari pazar arkasinda onunde bolgesi semti "
        "في من عند قرب قريب جنب بجانب وراء امام خلف حي منطقه بحيره سوق شارع ب"
    ).split()
)
_TURKISH_ENDING = re.compile(r"['\u2019](?:n?[dt][ae]n?|y?[ae]|n?[iu]n|s[iu]n?[dt]?[ae]?)\b")
_VOWELS = re.compile("[aeiouyjاويىعء]+")
# Letters as one hears them in Dutch names.
_SOUNDS = {
    ord(letter): sound
    for sound, letters in {
        "b": "بپp", "t": "تطث", "g": "جغخحگ", "d": "دضذ", "r": "ر", "s": "زظسصشz", "f": "فڤvw", "k": "قكcqx", "l": "ل",
        "m": "م", "n": "ن", "": "هh",
    }.items()
    for letter in letters
}  # fmt: skip


def find(text: str) -> tuple[Neighbourhood, ...]:
    """The neighbourhoods that somebody may mean, best first; () when there are none.

    Capitals, accents, blanks, "de" and "-buurt" don't matter; one typing error in five letters is forgiven. A wijk or
    gebied ("Osdorp") gives all its neighbourhoods, first those with "Osdorp" in their own name. The exact name of a
    neighbourhood gives that one alone; a sentence gives those that all names in it have in common.

    >>> [one.name for one in find("wildemanbuurt")], [one.name for one in find("bij het Confuciusplein in Slotermeer")]
    (['Wildeman'], ['Confuciusbuurt'])
    """
    words = _words(text) if len(text) <= _LONGEST else []
    if all(word in _EMPTY for word in words) or is_outside(text):
        return ()
    wanted = _plain(" ".join(words))
    if wanted in _OWN_NAMES:
        return (_OWN_NAMES[wanted],)
    codes = _NAMES.get(wanted) or _by_postcode(text) or _together(_in_sentence(text))
    if not codes and wanted:
        codes = _nearly(wanted)
    return tuple(BY_CODE[code] for code in sorted(codes, key=lambda code: _own(wanted, code)))


def is_bare_name(text: str) -> bool:
    """Whether a text is the name of a neighbourhood, wijk or gebied and nothing more."""
    name = _plain(" ".join(_words(text))) if len(text) <= _LONGEST else ""
    return name in _OWN_NAMES or name in _LARGER


def is_outside(text: str) -> bool:
    """Whether a text names a place that is not in Nieuw-West, and none that is."""
    if len(text) > _LONGEST:
        return False
    words = _words(text)
    if (found := _POSTCODE.search(folded(text))) is not None and found[1] not in POSTCODES:
        return True
    if _plain(" ".join(words)) in _NAMES:
        return False
    if not any(name in _OUTSIDE for name in _spans(words)):
        return False
    return not [name for name in _spans(words) if name in _NAMES and name not in _OUTSIDE]


def _by_postcode(text: str) -> Sequence[str]:
    found = _POSTCODE.search(folded(text))
    return POSTCODES.get(found[1], ()) if found is not None else ()


def _in_sentence(text: str) -> list[Sequence[str]]:
    """The codes of each name in a sentence: exactly, else with a typing error, else by its consonants."""
    words = _words(text)
    exact = [_NAMES[name] for name in _longest(words, lambda name: name in _NAMES and len(name) >= _SHORTEST)]
    if exact:
        return exact
    short = dict.fromkeys(_spans(words, _MOST_MISSPELT))
    nearly = [codes for name in short if _FUZZY <= len(name) <= _LONGEST_NAME and (codes := _misspelt(name))]
    if nearly:
        return [min(nearly, key=len)]
    heard = [
        codes
        for name in dict.fromkeys(_spans(words))
        if len(sound := _sound(name)) >= _CONSONANTS and (codes := _sounds().get(sound, ()))
    ]
    return [min(heard, key=len)] if heard else []


def _together(found: list[Sequence[str]]) -> Sequence[str]:
    """The codes that all names have in common; where they have none, those of the name that says most."""
    if not found:
        return ()
    common = [code for code in min(found, key=len) if all(code in codes for codes in found)]
    return common or min(found, key=len)


def _nearly(wanted: str) -> list[str]:
    """The codes of names that begin with, hold, or nearly are what was typed; the nearest first."""
    ranked: dict[str, float] = {}
    for spoken, codes in _NAMES.items() if len(wanted) <= _LONGEST_NAME else ():
        if (distance := _distance(wanted, spoken)) is not None:
            for place, code in enumerate(codes):
                ranked[code] = min(ranked.get(code, 9.9), distance + place / 100)
    best = min(ranked.values(), default=0)
    return sorted((code for code in ranked if ranked[code] < best + 1), key=lambda code: ranked[code])


def _words(text: str) -> list[str]:
    """The words of a text, each as it stands in Dutch names."""
    plain = _TURKISH_ENDING.sub(
        " ", folded(text).replace("o'veld", "overtoomseveld").replace("o\u2019veld", "overtoomseveld")
    )
    words = re.findall(r"[^\W_]+", re.sub(r"\be\.?\s?o\b\.?|\ben omgeving\b", " ", plain))[:_MOST_TYPED]
    dutch = [next((dutch for sign, dutch in _SAME.items() if _is(word, sign)), word) for word in words]
    return ["station", *dutch[:-1]] if dutch[-1:] == ["station"] else dutch


def _is(word: str, sign: str) -> bool:
    return word == sign or (len(sign) > 4 and word.startswith(sign))


def _spans(words: Sequence[str], most: int = _MOST_WORDS) -> Iterator[str]:
    """Each row of neighbouring words as one name, the longest rows first."""
    for size in range(min(most, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            row = words[at : at + size]
            if row[0] not in _EMPTY and row[-1] not in _EMPTY and (name := _joined(row)):
                yield name


def _longest(words: Sequence[str], known: Callable[[str], bool]) -> list[str]:
    """The names in a sentence, none inside another."""
    found: list[str] = []
    taken: set[int] = set()
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            row, here = words[at : at + size], set(range(at, at + size))
            if here & taken or row[0] in _EMPTY:
                continue
            if (name := next(filter(known, (_plain(" ".join(row)), _joined(row))), None)) is not None:
                found.append(name)
                taken |= here
    return found


def _joined(words: Sequence[str]) -> str:
    """The words as one name, without those that say nothing."""
    return _plain(" ".join(word for word in words if word not in _EMPTY))


def _misspelt(name: str) -> Sequence[str]:
    alike = _BY_LETTER.get(name[:1], ())  # hardly anybody gets the first letter wrong
    errors = {spoken: wrong for spoken in alike if (wrong := _errors(name, spoken, most=len(name) // 5)) is not None}
    least = min(errors.values(), default=0)
    codes = dict.fromkeys(code for spoken in errors if errors[spoken] == least for code in _NAMES[spoken])
    return tuple(codes)


def _sound(name: str) -> str:
    """The consonants of a name as they sound, equal neighbours once; a vowel at the beginning counts."""
    sound = re.sub("c(?=[eiy])", "s", re.sub("sch", "s", re.sub("[ckg]h", "g", name)))
    sound = _VOWELS.sub("a", sound[:1].replace("و", "w") + sound[1:]).translate(_SOUNDS)
    first, same = sound[:1], re.sub(r"(.)\1+", r"\1", sound)
    return ("a" if first == "a" else "") + same.replace("a", "")


@cache
def _sounds() -> Mapping[str, Sequence[str]]:
    """The codes by the sound of a name, where one name alone sounds so."""
    found: dict[str, set[Sequence[str]]] = {}
    for name, codes in _NAMES.items():
        found.setdefault(_sound(name), set()).add(tuple(codes))
    return {sound: next(iter(codes)) for sound, codes in found.items() if len(codes) == 1}


def _own(wanted: str, code: str) -> tuple[float, int]:
    """How far a neighbourhood's own name is from what was typed, and its length: the shorter one is meant."""
    name = _plain(BY_CODE[code].name)
    distance = _distance(wanted, name) if wanted else None
    return (9.9, 0) if distance is None else (distance, len(name))


@lru_cache(4096)
def _plain(name: str) -> str:
    """Letters and digits only, without accents, "de", "-buurt" and "-wijk"."""
    words = re.sub(r"[^\w]+|_", " ", folded(name)).split()
    joined = "".join(words[1:] if words[:1] == ["de"] and words[1:] else words)
    return re.sub(r"(?<=..)(buurt|buurd|buur|burt|wijk|mahallesi)(?=$|noord|zuid|oost|west)", "", joined)


def _distance(wanted: str, spoken: str) -> float | None:
    """0 for the same name, 1-2 for its beginning or a part of it, 2 and more for typing errors; None: too far."""
    if wanted == spoken:
        return 0.0
    if len(wanted) >= _SHORTEST and wanted in spoken:
        return 1.0 if spoken.startswith(wanted) else 1.5
    errors = _errors(wanted, spoken, most=len(wanted) // 5)
    return None if errors is None else 1.0 + errors


def _errors(one: str, other: str, most: int) -> int | None:
    """The typing errors between two words (letters changed, left out, added, swapped), or None above `most`."""
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        now = [i]
        for j, b in enumerate(other, 1):
            cost = min(now[-1] + 1, row[j] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return None
        before, row = row, now
    return row[-1] if row[-1] <= most else None


def _names() -> Mapping[str, Sequence[str]]:
    """Name, as `_plain` makes it -> codes, the likeliest first."""
    found: dict[str, Sequence[str]] = {_plain(" ".join(_words(name))): codes for name, codes in PLACES.items()}
    for larger in dict.fromkeys(name for one in ALL for name in (one.district, one.area)):
        codes = tuple(one.code for one in ALL if larger in (one.district, one.area))
        for part in (larger, *larger.split("/")):
            found.setdefault(_plain(part), codes)
    return found | {_plain(one.name): (one.code,) for one in ALL}


_NAMES = _names()
_BY_LETTER = {letter: [name for name in _NAMES if name.startswith(letter)] for letter in {name[0] for name in _NAMES}}
_OWN_NAMES = {name: one for one in ALL for name in (_plain(one.spoken), _plain(one.name), one.code.casefold())}
_LARGER = frozenset(_plain(name) for one in ALL for name in (one.district, one.area))
_OUTSIDE = frozenset(_plain(name) for name in OUTSIDE)

"""Words that point to danger, in the four languages: then the numbers are shown once more before going on."""

from __future__ import annotations

import re

from domain.folding import folded

# A star stands for any ending. Better once too often than once too little: it costs the resident one tap.
_WORDS = """
wapen wapens vuurwapen* pistool pistolen geweer mes messen gestoken steekpartij neergestoken schiet* geschoten
beschoten brand brandt brandstichting aangestoken slaat slaan sloeg sloegen geslagen mishandel* schopt schoppen
geschopt dood doden doodmaken doodslaan vermoord* moord bedreig* dreigt dreigen dreigde gedreigd gevaar* verkracht*
aangerand aanrand* wurg* gewurgd bloed explosie explosief explosieven bom ontvoer* zelfmoord gewond
weapon* gun guns knife knives stab* shoot* shot fire burning arson hit hits beat beats beaten beating attack* kill*
dead murder* threat* danger* rape* assault* strangl* blood bomb bombs explosion* kidnap* suicide injured
silah* tabanca* bıçak* bıçağ* ateş* yangın* dövdü* dövüyor* dövül* vurdu* vuruyor* vuruldu* öldür* öldü* ölüm* tehdit*
tehlike* tecavüz* saldır* kan bomba* patla* kaçır* intihar* yaralı* kundak*
سلاح* مسدس* سكين* سكاكين نار حريق* حرق* احرق* ضرب* يضرب* يضربون* تضرب* ضربني قتل* يقتل* سيقتل* مقتول* موت هدد* يهدد*
تهديد* مهدد* خطر* طعن* يطعن* اغتصب* اغتصاب* اعتداء* اعتدى* دم دماء قنبلة انفجار* خطف* انتحار* جريح* مصاب*
"""

# The article and "and", "with", "for" are written onto an Arabic word.
_ARABIC_PREFIX = "(?:و|ف)?(?:ب|ل|ك)?(?:ال|لل)?"


def points_to_danger(text: str) -> bool:
    """Whether one of the words of danger stands in the text.

    >>> points_to_danger("Hij heeft een MES!"), points_to_danger("Er ligt afval op straat")
    (True, False)
    """
    return any(map(_is_danger, _WORD.findall(folded(text))))


def _is_danger(word: str) -> bool:
    if _is_arabic(word):
        return _ARABIC.fullmatch(word) is not None
    return word in _WHOLE or word.startswith(_BEGINNINGS)


def _is_arabic(word: str) -> bool:
    return "\u0600" <= word[0] <= "\u06ff"


_WORD = re.compile(r"\w+")
_FOLDED = [folded(word) for word in _WORDS.split()]
_WHOLE = frozenset(_FOLDED)
_BEGINNINGS = tuple(word.rstrip("*") for word in _FOLDED if word.endswith("*") and not _is_arabic(word))
_ENDINGS = (word.replace("*", r"\w*") for word in _FOLDED if _is_arabic(word))
_ARABIC = re.compile(f"{_ARABIC_PREFIX}(?:{'|'.join(_ENDINGS)})")

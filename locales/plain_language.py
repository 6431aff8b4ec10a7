"""Rules for Dutch that everybody can read (B1): short sentences, everyday words, nothing shortened."""

from __future__ import annotations

import re
from collections.abc import Iterator

from locales.texts import PLACEHOLDER

LONGEST_SENTENCE = 15  # words

# Office word -> what people say.
OFFICE_WORDS = {
    "aangaande": "over",
    "aangezien": "omdat",
    "aanvang": "begin",
    "aanvangen": "beginnen",
    "aanwenden": "gebruiken",
    "abusievelijk": "per ongeluk",
    "accorderen": "goedkeuren",
    "adequaat": "goed",
    "alsmede": "en",
    "alsook": "en",
    "alvorens": "voordat",
    "annuleren": "stoppen",
    "behoudens": "behalve",
    "benodigd": "nodig",
    "bescheiden": "papieren",
    "betreffende": "over",
    "betreft": "gaat over",
    "bewerkstelligen": "zorgen voor",
    "bijgevolg": "dus",
    "casus": "geval",
    "communiceren": "laten weten",
    "conform": "volgens",
    "consulteren": "vragen",
    "contacteren": "bellen of schrijven",
    "continueren": "doorgaan",
    "derhalve": "daarom",
    "dermate": "zo",
    "desbetreffende": "deze",
    "desgewenst": "als je wilt",
    "dien je": "moet je",
    "dienaangaande": "daarover",
    "dienen": "moeten",
    "dient": "moet",
    "echter": "maar",
    "eerdergenoemde": "deze",
    "eveneens": "ook",
    "evenwel": "maar",
    "evident": "duidelijk",
    "faciliteren": "helpen",
    "gaarne": "graag",
    "geacht": "beste",
    "geachte": "beste",
    "gedurende": "tijdens",
    "gelieve": "wil je",
    "genoemde": "deze",
    "geschieden": "gebeuren",
    "geschiedt": "gebeurt",
    "hedendaags": "nu",
    "hetgeen": "wat",
    "hetzij": "of",
    "hierbij": "(weglaten)",
    "hieromtrent": "hierover",
    "hiertoe": "hiervoor",
    "identiek": "hetzelfde",
    "implementeren": "invoeren",
    "in het kader van": "voor",
    "in verband met": "door",
    "indien": "als",
    "indienen": "sturen",
    "ingediend": "gestuurd",
    "initiëren": "beginnen",
    "inzage": "bekijken",
    "inzake": "over",
    "jegens": "tegen",
    "kenbaar": "laten weten",
    "krachtens": "volgens",
    "lieden": "mensen",
    "met betrekking tot": "over",
    "met name": "vooral",
    "middels": "met",
    "mits": "als",
    "momenteel": "nu",
    "naar aanleiding van": "door",
    "nadere": "meer",
    "nadien": "daarna",
    "nimmer": "nooit",
    "nochtans": "toch",
    "omtrent": "over",
    "onderhavige": "deze",
    "ondervinden": "merken",
    "onverwijld": "meteen",
    "op grond van": "door",
    "op heden": "nu",
    "opdat": "zodat",
    "optioneel": "als je wilt",
    "participeren": "meedoen",
    "per abuis": "per ongeluk",
    "persoonsgegevens": "je gegevens",
    "prioriteit": "eerst",
    "procedure": "stappen",
    "raadplegen": "bekijken",
    "realiseren": "maken",
    "reeds": "al",
    "registreren": "opschrijven",
    "relevant": "belangrijk",
    "respectievelijk": "en",
    "retourneren": "terugsturen",
    "schriftelijk": "op papier",
    "sedert": "sinds",
    "specificeren": "precies zeggen",
    "te allen tijde": "altijd",
    "ten aanzien van": "over",
    "ten behoeve van": "voor",
    "ten gevolge van": "door",
    "ten tijde van": "tijdens",
    "teneinde": "om",
    "tenzij": "behalve als",
    "ter zake": "hierover",
    "terzake": "hierover",
    "tevens": "ook",
    "thans": "nu",
    "trachten": "proberen",
    "uitsluitend": "alleen",
    "verifiëren": "controleren",
    "verkrijgen": "krijgen",
    "vernemen": "horen",
    "verrichten": "doen",
    "verschaffen": "geven",
    "verstrekken": "geven",
    "verzoeken": "vragen",
    "voornemens": "van plan",
    "voorts": "verder",
    "voorzien van": "met",
    "waarborgen": "zorgen voor",
    "wederom": "weer",
    "weergeven": "laten zien",
    "wenselijk": "goed",
    "wijzigen": "veranderen",
    "wijziging": "verandering",
    "zodoende": "zo",
    "zorgdragen": "zorgen",
    "zulks": "dit",
}
_OFFICE = re.compile(rf"\b({'|'.join(map(re.escape, OFFICE_WORDS))})\b", re.IGNORECASE)

SHORTENED = (
    *(
        "a.u.b.",
        "aub",
        "bijv",
        "blz",
        "bv",
        "ca",
        "d.m.v.",
        "d.w.z.",
        "dhr",
        "e.d.",
        "enz",
        "etc",
        "evt",
        "excl",
        "gem",
    ),
    *("i.p.v.", "i.v.m.", "incl", "m.b.t.", "m.n.", "max", "mevr", "mw", "n.a.v.", "n.v.t.", "nr", "o.a."),
    *("o.b.v.", "resp", "svp", "t.a.v.", "t/m", "t.n.v.", "v.a.", "vs", "z.s.m.", "zgn"),
)
# Names that are written in capitals, as everybody knows them.
NAMES_IN_CAPITALS = frozenset({"GGD", "MDRA", "WOON", "SNW", "QR"})
_SHORT = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, SHORTENED))})(?![\w/])", re.IGNORECASE)
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}", re.IGNORECASE)
_CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\s»\"')]+|\n")


def faults(text: str) -> Iterator[str]:
    """What a reader would stumble over in one Dutch text."""
    for sentence in _SENTENCE_END.split(text):
        words = [word for word in sentence.split() if any(map(str.isalnum, word))]
        if len(words) > LONGEST_SENTENCE:
            yield f"has a sentence of {len(words)} words: {' '.join(words[:4])} …"
    plain = PLACEHOLDER.sub("", text)
    for word in _OFFICE.findall(plain):
        yield f"says '{word}': say '{OFFICE_WORDS[word.lower()]}'"
    short = {*_SHORT.findall(plain), *_DOTTED.findall(plain), *_CAPITALS.findall(plain)} - NAMES_IN_CAPITALS
    yield from (f"shortens a word: '{word}'" for word in sorted(short))

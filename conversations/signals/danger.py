"""Whether a text tells of danger, and whom to call then. Pure.

Words that are danger in most sentences stand here: then the conversation stops and asks. What was learned from whole
sentences (conversations/meaning) hears much more, and is wrong more often: then one line with a number is shown.
"""

from __future__ import annotations

import re

from conversations.engine.facts import Deployment
from conversations.meaning.hearing import Level, meaning_of
from domain.folding import folded
from domain.screens import Text

# A star stands for any ending. Better a word too many than one too few: a false alarm costs the resident one tap. But a
# word that is harmless in another language stays out ("kan" is Turkish "blood" and Dutch "can"): see the phrases.
_WORDS = """
wapen wapens vuurwapen* pistool pistolen geweer mes messen gestoken steekpartij neersteken neergestoken doodsteken
schiet* geschoten beschoten bijl machete granaat granaten brand brandt brandstichting aangestoken gaslek* gaslucht
slaat slaan sloeg sloegen geslagen mishandel* kindermishandel* schopt schoppen geschopt geweld gewelddadig*
aangevallen aanvallen aanvalt aanvaller* overval overvallen overvaller* beroofd beroving* inbreker* gijzel*
dood doden doodmaken doodslaan doodsbang vermoord* moord* eerwraak bedreig* doodsbedreig* dreigt dreigen dreigde
gedreigd gevaar* levensgevaar* verkracht* aangerand aanrand* wurg* gewurgd stalk* achtervolg* ontvoer* bloed bloedt
bewusteloos gewond zelfmoord* zelfdoding explosie explosief explosieven ontploft ontploffing* bom
weapon* guns gunman gunshot* gunfire knife knives stab stabs stabbed stabbing shoot* shot fire burning arson
hit hits hitting beat beats beaten beating punched punching violence violent violently attack* kill* dead murder*
threat* danger* rape raped rapes rapist assault* abuse abused abuser abuses abusing molest* groped strangl* blood
bleeding robbed robbery mugged bomb bombs explosion* kidnap* hostage suicid* injured unconscious
silah* tabanca* bıçak* bıçağ* ateş* yangın* dövdü* dövüyor* dövül* dövecek* dövmeye dövmek dövüp dayak* tekme* yumruk*
tokatla* vurdu* vuruyor* vuruldu* şiddet şiddeti şiddete şiddetin şiddetten şiddetinden saldır* öldür* ölmek ölecek*
ölüm ölümle ölümden ölümcül tehdit* tehlike* tecavüz* boğdu boğuyor boğacak kaçır* gasp soygun* bomba* patla*
kanıyor kanama* kanlar intihar* yaralı* kundak*
سلاح* مسلح* مسدس* سكين* سكاكين نار حريق* حرق* احرق* ضرب* يضرب* يضربون* تضرب* ضربني قتل* يقتل* سيقتل* مقتول* موت
عنف عنيف* يعنف* تعنف* عنفني عنفوني تعنيف* معنف* هدد* يهدد* تهديد* مهدد* خطر* طعن* يطعن* اغتصب* اغتصاب* اعتداء*
اعتدى* اعتدوا يعتدي* يعتدون هاجم* يهاجم* صفع* يصفع* ركلني يركل* لكمني يلكم* خنقني يخنقني تحرش* يتحرش* يطاردني
يلاحقني سطو دم دماء ينزف* قنبلة انفجار* خطف* رهينة انتحار* جريح* مصاب*
"""

# Words that are harmless alone. Each line is a phrase; a slash separates words of which any one fits.
_PHRASES = """
steekt/steken/stak/staken/trapt/trapte mij/me/mijn/hem/haar/ons/iemand
valt/vallen/viel/vielen mij/me/hem/haar/ons/iemand aan
doet/doen/deed mij/me/hem/haar/ons pijn
geeft/gaf/geven/gaven mij/me/hem/haar/ons klappen
geeft/gaf mij/me/hem/haar een klap
kreeg/krijg/krijgt klappen
in elkaar getrapt
ben/is/word/wordt/werd/mij/me/hem/haar getrapt
wil/wilde niet meer leven
wil/wilde er niet meer zijn
maak/maken er een einde aan
einde aan mijn leven
vrees/bang voor mijn leven
ruik/ruiken/ruikt/lekt gas
a/the/his/their/with/my gun
hurt/hurts/hurting me/him/her/us/myself
kicks/kicking me/him/her/us
chokes/choked/choking me/him/her
want/wants to die
want to live anymore
want to live any more
end my life
take my own life
better off without me
afraid/fear/scared for my life
gas leak
smell/smells of/like gas
smell gas
kan var/içinde/kaybediyor/akıyor
her yer/yerde/yeri kan
tokat attı/atıyor
gaz kaçağı/kaçak/sızıntısı/kokusu/kokuyor
cinsel taciz
yaşamak istemiyorum
hayatıma son
canıma kıymak/kıyacağım
can güvenliğim/güvenliğimiz/güvenliğimden
اخاف/خائف/خائفة على حياتي/نفسي/حياتنا
اريد ان اموت
لا اريد الحياة
لم اعد اريد الحياة/العيش
لا اريد ان اعيش
انهي/انهاء حياتي
تسرب/رائحة غاز/الغاز
زوجي/ابي/اخي/حماتي/ابني يؤذيني/يؤذينا
"""

# In Arabic the article and the words for "and", "with" and "for" are written onto the next word.
_ARABIC_PREFIX = "(?:و|ف)?(?:ب|ل|ك)?(?:ال|لل)?"


# By theme of danger, the line with the number that fits; for other themes the emergency number.
LINES = {
    "suicide": "screens.danger.line_suicide",
    "home": "screens.danger.line_home",
    "forced": "screens.danger.line_home",
    "stalking": "screens.danger.line_home",
    "sexual": "screens.danger.line_sexual",
    "images": "screens.danger.line_sexual",
    "recruiting": "screens.danger.line_crime",
}


def points_to_danger(text: str) -> bool:
    """Whether one of the words or phrases of danger stands in the text.

    >>> points_to_danger("Hij heeft een MES!"), points_to_danger("Er ligt afval op straat")
    (True, False)
    """
    plain = folded(text)
    return any(map(_is_danger, _WORD.findall(plain))) or _PHRASE.search(plain) is not None


def whom_to_call(text: str, deployment: Deployment) -> tuple[Text, ...]:
    """Whom to call about a text: all numbers for a word of danger, else the one that fits what was learned, or ()."""
    if points_to_danger(text):
        return deployment.danger
    meaning = meaning_of(text)
    if meaning.danger is Level.NONE:
        return ()
    return (Text(LINES.get(meaning.theme, "screens.danger.line_now"), deployment.numbers),)


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
_LINES = (line.split() for line in folded(_PHRASES).replace("/", "|").strip().split("\n"))
_PHRASE = re.compile("|".join(r"\b" + r"\W+".join(f"(?:{word})" for word in line) + r"\b" for line in _LINES))

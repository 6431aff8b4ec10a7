"""Words of danger in four languages, and everyday words that are none."""

import pytest

from conversations.signals.danger import points_to_danger
from locales.texts import FOLDER, LANGUAGES, entries

# Our own texts that speak of danger; and one that only sounds so ("we slaan dat plan over": we skip that plan).
SPEAK_OF_DANGER = {
    "commands.bot.description", "people.warning.danger", "screens.danger.numbers", "report.danger.heard",
    "screens.danger.line_now", "screens.danger.line_suicide", "screens.danger.line_home", "screens.danger.line_sexual",
    "screens.danger.line_crime", "results.rule.most_votes_skip", "console.signal.danger", "console.signal.danger_hint",
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Hij had een MES.", "ik word bedreigd", "Er is brand", "mijn man slaat mij", "ze hebben geschoten",
        "He has a gun", "they threatened us", "there is a fire", "he wants to kill me",
        "Beni öldürecek", "SİLAH gördüm", "beni dövüyor", "yangın var", "bicakla geldi",
        "معه سكين", "هددني بالقتل", "وضربني", "هناك حريق", "بالسلاح",
        "mijn man gebruikt geweld", "ze hebben me aangevallen", "hij valt mij aan", "hij steekt mij", "gaslek",
        "ze hebben hem in elkaar getrapt", "ik ben overvallen", "ik wil niet meer leven", "er was een aanranding",
        "he is hitting me", "he hurts me", "domestic violence", "I want to die", "she has a gun", "I smell gas",
        "şiddet", "beni dövecek", "yerde kan var", "ölmek istiyorum", "gaz kokusu var",
        "عنف", "زوجي يعنفني", "العنف الأسري", "هاجموني", "اعتدوا علي", "هددوني", "أخاف على حياتي", "أريد أن أموت",
    ],
)  # fmt: skip
def test_danger_is_heard(text: str) -> None:
    assert points_to_danger(text)


@pytest.mark.parametrize(
    "text",
    [
        "Er ligt afval op straat", "vuurwerk in de nacht", "de lamp is stuk", "Schimmel in de slaapkamer",
        "The neighbours are loud", "fireworks every night", "Komşular çok gürültülü", "Kanal kirli",
        "الجيران يزعجوننا", "يوجد عفن في البيت", "مدرسة", "",
        "Ik kan niet slapen", "zwerfafval rapen", "het internet is niet stabiel", "violen in het plantsoen",
        "een geweldig plein", "de wespen steken", "wij steken over", "een klap voor de winkels", "in de poep getrapt",
        "de trap is kapot", "ik wil hier niet meer leven", "de gasprijs is hoog", "ik gun het haar",
        "they kicked me out of the shop", "I don't want to live here anymore", "my back hurts",
        "Her gün gürültü var", "ne oldu", "olumlu bir haber", "şiddetli yağmur", "döviz bürosu", "dövme salonu",
        "هذا الأمر لا يعنينا", "الجدران فيها رطوبة", "شكرا لكم",
    ],
)  # fmt: skip
def test_everyday_words_are_no_danger(text: str) -> None:
    assert not points_to_danger(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_house_says_itself_is_no_danger_unless_it_speaks_of_it(language: str) -> None:
    heard = {
        entry.key
        for path in (FOLDER / language).glob("*.po")
        for entry in entries(path)
        if any(map(points_to_danger, entry.forms))
    }
    assert heard <= SPEAK_OF_DANGER

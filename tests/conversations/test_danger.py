"""Words of danger in four languages, and everyday words that are none."""

import pytest

from conversations.danger import points_to_danger


@pytest.mark.parametrize(
    "text",
    [
        "Hij had een MES.", "ik word bedreigd", "Er is brand", "mijn man slaat mij", "ze hebben geschoten",
        "He has a gun", "they threatened us", "there is a fire", "he wants to kill me",
        "Beni öldürecek", "SİLAH gördüm", "beni dövüyor", "yangın var", "bicakla geldi",
        "معه سكين", "هددني بالقتل", "وضربني", "هناك حريق", "بالسلاح",
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
    ],
)  # fmt: skip
def test_everyday_words_are_no_danger(text: str) -> None:
    assert not points_to_danger(text)

"""What a text means: by its worst sentence, in any language, with its reasons."""

import pytest

from conversations.meaning.features import LONGEST, pieces, sentences_of
from conversations.meaning.hearing import Level, meaning_of, strongest


def test_a_run_of_letters_has_the_same_number_wherever_it_stands() -> None:
    alone, among = pieces(["mes"]), pieces(["hij", "heeft", "een", "mes", "bij", "zich"])
    assert set(alone.buckets) <= set(among.buckets)


@pytest.mark.parametrize("text", ["", "   ", "!!!", "🙂", "\n"])
def test_a_text_without_words_means_nothing(text: str) -> None:
    assert (meaning_of(text).danger, meaning_of(text).wish) == (Level.NONE, "")


def test_sentences_are_joined_when_short_and_cut_when_long() -> None:
    assert sentences_of("Hallo. Er is brand! Kom nu snel naar ons huis toe. Ok") == [
        ["hallo", "er", "is", "brand"], ["kom", "nu", "snel", "naar", "ons", "huis", "toe", "ok"],
    ]  # fmt: skip
    rows = sentences_of("woord " * LONGEST)
    assert len(rows) <= 6


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("er staat een man met een mes voor mijn deur", "violence"),
        ("ik wil niet meer leven", "suicide"),
        ("my husband hits me every night", "home"),
        ("komşunun dairesinden duman çıkıyor, içeride çocuk var", "fire"),
        ("صاحبي السابق يهددني بنشر صوري العارية في المجموعة", "images"),
    ],
)
def test_danger_is_heard_with_its_theme_also_in_the_middle_of_a_story(text: str, theme: str) -> None:
    calm = "De bus was vandaag weer te laat. Bij de halte lag veel afval. "
    for told in (text, text.upper(), f"{calm}{text}. {calm}"):
        assert meaning_of(told).danger > Level.NONE
        assert meaning_of(told).theme == theme


@pytest.mark.parametrize(
    "text",
    [
        "De lamp in het portiek is al een week stuk", "Er ligt afval bij de speeltuin", "The bus is always late",
        "Asansör yine bozuk", "الجيران يضعون القمامة أمام الباب", "Met dit mes snijd ik de uien voor de soep",
    ],
)  # fmt: skip
def test_everyday_talk_is_no_sure_danger(text: str) -> None:
    assert meaning_of(text).danger < Level.SURE


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("ik wil stemmen over de plannen", "vote"), ("when is the next open house", "agenda"),
        ("bana artık mesaj göndermeyin", "stop"), ("كيف يعمل هذا", "help"),
        ("wat is er met mijn melding gebeurd", "mine"),
    ],
)  # fmt: skip
def test_a_wish_in_plain_words_is_understood(text: str, wish: str) -> None:
    assert meaning_of(text).wish == wish


def test_a_verdict_can_be_explained_by_its_strongest_pieces() -> None:
    found = strongest("hij heeft een mes en bedreigt mij")
    assert found
    assert any(
        piece.strip("[]") in {"mes", "knife", "threaten", "bedreigt"} or "mes" in piece or "dreig" in piece
        for piece in found
    )

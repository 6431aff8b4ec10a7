"""What comes in: commands in every language, deep links, files that are photos."""

import pytest

from handlers.chat.commands import COMMANDS, command_of
from handlers.chat.links import DeepLink, link_of
from handlers.telegram.callbacks import Answer, Go


@pytest.mark.parametrize(
    ("text", "deed", "rest"),
    [
        ("/start", "start", ""),
        ("/start lang-tr", "start", "lang-tr"),
        ("/TAAL", "language", ""),
        ("/language@BuurtstemBot", "language", ""),
        ("/dil", "language", ""),
        ("/لغة", "language", ""),
        ("/mydata", "my_data", ""),
        ("/wis alles", "erase", "alles"),
        ("/xyz", "help", ""),
        ("/stop.", "stop", ""),
        ("/menu!", "start", ""),
        ("／wis", "erase", ""),
        ("\u200f/مساعدة", "help", ""),
        ("/İPTAL", "cancel", ""),
        ("/DİL", "language", ""),
        ("/stem 7K2MQ-9RX4T-AB2C", "vote", "7K2MQ-9RX4T-AB2C"),
        ("stop", "stop", ""),
        ("STOP!", "stop", ""),
        (" Menu. ", "start", ""),
        ("İPTAL", "cancel", ""),
        ("الغاء", "cancel", ""),
        ("ايقاف", "stop", ""),
    ],
)
def test_a_command_is_known_in_every_spelling(text: str, deed: str, rest: str) -> None:
    assert command_of(text) == (deed, rest)


@pytest.mark.parametrize(
    "text", ["start nu", "wis alles", "stop daarmee", "🙂", "/", "// nee", "en/of", "/onbekend maar met een verhaal"]
)
def test_what_is_no_command_is_a_text(text: str) -> None:
    assert command_of(text) is None


def test_every_command_of_the_menu_is_known() -> None:
    menu = "start help taal melden mijn privacy mijngegevens wis stop settings cancel language mydata delete"
    assert set(menu.split()) <= set(COMMANDS)


@pytest.mark.parametrize(
    ("payload", "link"),
    [
        ("lang-tr", DeepLink("tr", None, None)),
        ("buurt-FA08", DeepLink(None, "FA08", None)),
        ("tr-fa08-report", DeepLink("tr", "FA08", "report")),
        ("ar_FK01_melden", DeepLink("ar", "FK01", "report")),
        ("buurt-FA09", DeepLink()),
        ("xx-ZZ99-dance", DeepLink()),
        ("", DeepLink()),
        ("vote-7K2MQ9RX4TAB2C", DeepLink(None, None, "vote", "7K2MQ9RX4TAB2C")),
        ("tr-vote-7K2MQ9RX4TAB2C", DeepLink("tr", None, "vote", "7K2MQ9RX4TAB2C")),
        ("stem", DeepLink(None, None, "vote", "")),
    ],
)
def test_a_deep_link_gives_what_it_knows(payload: str, link: DeepLink) -> None:
    assert link_of(payload) == link


def test_a_button_carries_its_value_there_and_back() -> None:
    assert Go.unpack(Go(deed="menu").pack()) == Go(deed="menu", value="")
    longest = Answer(serial=2**44, value="district.14")
    assert Answer.unpack(longest.pack()) == longest
    assert len(longest.pack()) <= 64
    assert len(Go(deed="follow", value="a" * 26 + ".12").pack()) <= 64

"""Text: entities in UTF-16, strict HTML, lengths after parsing."""

import pytest

from simulator.entities import parse_html, plain, to_html, utf16_length
from simulator.errors import Refused
from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.checks import bot_command_entity, utf16_offsets
from tests.simulator.client import Bot


async def test_start_with_a_payload_comes_with_a_bot_command_entity(telegram: Telegram) -> None:
    await bot_command_entity(telegram)


async def test_entity_offsets_count_utf16_units(telegram: Telegram) -> None:
    await utf16_offsets(telegram)


def test_tags_become_entities() -> None:
    text, entities = parse_html('<b>vet <i>schuin</i></b> <a href="https://example.org/">link</a> <code>a&lt;b</code>')
    assert text == "vet schuin link a<b"
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in entities] == [
        ("bold", 0, 10),
        ("italic", 4, 6),
        ("text_link", 11, 4),
        ("code", 16, 3),
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("Ali <3", 'Unsupported start tag "3" at byte offset 4'),
        ("<b>Ali", 'Can\'t find end tag corresponding to start tag "b"'),
        ("Ali</b>", "Unexpected end tag at byte offset 3"),
        ("é <b>x</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("<table>x</table>", 'Unsupported start tag "table" at byte offset 0'),
        ('<span class="x">y</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b", 'Unclosed start tag "b" at byte offset 0'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ],
)
def test_wrong_html_is_refused_with_its_place(source: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_html(source)
    assert refused.value.body()["description"] == f"Bad Request: can't parse entities: {reason}"


def test_only_four_named_entities_and_numbers_are_decoded() -> None:
    assert parse_html("&lt;&gt;&amp;&quot; &#39;&#x1F600; &nbsp;&copy; & &#0;")[0] == "<>&\" '😀 &nbsp;&copy; & &#0;"


def test_outer_white_space_is_trimmed_and_entities_follow() -> None:
    assert parse_html("  \n<b> dag </b>\n") == ("dag", [{"type": "bold", "offset": 0, "length": 3}])


def test_a_link_that_is_none_is_dropped() -> None:
    assert parse_html('<a href="javascript:alert(1)">klik</a> <a>hier</a>') == ("klik hier", [])
    forged = [{"type": "text_link", "offset": 0, "length": 4, "url": "javascript:alert(1)"}]
    assert "javascript" not in to_html("klik", forged)


def test_code_in_pre_names_its_language() -> None:
    text, entities = parse_html('<pre><code class="language-python">x = 1</code></pre>')
    assert (text, entities) == ("x = 1", [{"type": "pre", "offset": 0, "length": 5, "language": "python"}])


def test_commands_links_and_mentions_are_found() -> None:
    found = plain("/wis of https://example.org/a?b=1. Vraag @buurtstem_bot, niet a/b of jan@example.org")[1]
    assert [entity["type"] for entity in found] == ["bot_command", "url", "mention"]


def test_the_view_escapes_everything_and_keeps_the_entities() -> None:
    text, entities = parse_html("🔊 <b>a&lt;b <i>&amp;c</i></b> &lt;script&gt;")
    assert to_html(text, entities) == "🔊 <b>a&lt;b <i>&amp;c</i></b> &lt;script&gt;"
    assert utf16_length("🔊a") == 3


@pytest.mark.parametrize(("length", "passes"), [(4096, True), (4097, False)])
async def test_a_text_has_4096_characters_after_parsing(bot: Bot, amina: Phone, length: int, passes: bool) -> None:
    text = f"<b>{'é' * (length - 1)}</b>&amp;"
    if passes:
        assert len((await bot("sendMessage", chat_id=amina.id, text=text, parse_mode="HTML"))["text"]) == length
    else:
        refused = await bot.refused("sendMessage", chat_id=amina.id, text=text, parse_mode="HTML")
        assert refused == "Bad Request: message is too long"


@pytest.mark.parametrize("text", ["", "   ", "<b></b>"])
async def test_an_empty_text_is_refused(bot: Bot, amina: Phone, text: str) -> None:
    refused = await bot.refused("sendMessage", chat_id=amina.id, text=text, parse_mode="HTML")
    assert refused == "Bad Request: message text is empty"


async def test_a_caption_has_1024_characters_after_parsing(bot: Bot, amina: Phone) -> None:
    await amina.shows_photo()
    photo = (await bot.updates())[0]["message"]["photo"][-1]["file_id"]
    await bot("sendPhoto", chat_id=amina.id, photo=photo, caption=f"<i>{'x' * 1024}</i>", parse_mode="HTML")
    refused = await bot.refused("sendPhoto", chat_id=amina.id, photo=photo, caption="x" * 1025)
    assert refused == "Bad Request: message caption is too long"


async def test_entities_can_be_sent_instead_of_html(bot: Bot, amina: Phone) -> None:
    entities = [{"type": "bold", "offset": 0, "length": 3}]
    assert (await bot("sendMessage", chat_id=amina.id, text="dag", entities=entities))["entities"] == entities
    outside = [{"type": "bold", "offset": 2, "length": 3}]
    assert "can't parse entities" in await bot.refused("sendMessage", chat_id=amina.id, text="dag", entities=outside)


async def test_markdown_is_not_built(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    answer = await telegram.call(bot.token, "sendMessage", chat_id=amina.id, text="*x*", parse_mode="MarkdownV2")
    assert answer["error_code"] == 501

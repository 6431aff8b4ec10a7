"""The first contact: language, then the warning, then what was asked for; deep links; groups."""

import pytest

from handlers.chat.tap import Tap
from handlers.telegram.reaches import reach_of
from services.people.residents import person_tag
from storage.people.residents import person_by_tag
from tests.handlers.chat.phones import Bench, Phone


@pytest.mark.parametrize(
    ("code", "first"),
    [("tr", "Türkçe"), ("ar-MA", "العربية"), ("nl-NL", "Nederlands"), ("fr", "Nederlands"), (None, "Nederlands")],
)
async def test_the_phones_language_stands_first_and_all_names_in_their_own_script(
    bench: Bench, code: str | None, first: str
) -> None:
    phone = bench.phone(1, code)
    await phone.says("/start")
    labels = list(phone.last.buttons)
    assert first in labels[0]
    assert len(labels) == 4
    assert "Kies je taal" in phone.last.text
    assert "اختاروا لغتكم" in phone.last.text


async def test_the_warning_comes_before_anything_is_asked_and_names_who_is_responsible(phone: Phone) -> None:
    await phone.says("/melden")
    await phone.taps("English")
    for promise in (
        "Telegram can read",
        "don't see your name",
        "stop that for each report",
        "police",
        "/delete",
        "112",
    ):
        assert promise in phone.last.text
    assert "Stichting Voorbeeld" in phone.last.text
    assert "020 555 0100" in phone.last.text
    await phone.taps("I understand")
    assert "Tell us what happened" in phone.last.text


@pytest.mark.parametrize("command", ["/privacy", "/help", "/hulp", "/yardim", "/مساعدة", "/settings", "/nonsense"])
async def test_privacy_and_help_open_before_the_first_contact(phone: Phone, command: str) -> None:
    await phone.says(command)
    assert "Kies je taal" not in phone.last.text
    assert phone.last.text


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("lang-tr", "Telegram burada"),
        ("tr-FA08-report", "Telegram burada"),
        ("report", "Kies je taal"),
        ("buurt-FA09", "Kies je taal"),
        ("", "Kies je taal"),
        ("x" * 64, "Kies je taal"),
    ],
)
async def test_a_poster_sets_what_it_names_and_the_rest_is_left_out(phone: Phone, payload: str, said: str) -> None:
    await phone.says(f"/start {payload}".strip())
    assert said in phone.last.text


async def test_a_poster_with_language_neighbourhood_and_report_needs_five_taps(phone: Phone) -> None:
    await phone.says("/start tr-FA08-report")
    await phone.taps("Anladım")
    await phone.says("Gece gürültü var")
    await phone.taps("rahatsız edici")
    assert "Ne zaman" in phone.last.text
    await phone.taps("Bugün")
    assert "Sloterdijk Stationskwartier" in phone.last.text
    await phone.taps("Gönder")
    assert "SNW-" in phone.last.text


async def test_a_press_from_before_everything_was_erased_begins_with_the_first_contact(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/wis")
    await phone.says("ja, haal alles weg")
    await phone.presses("g:report:", phone.messages[0].id)
    assert "Kies je taal" in phone.last.text


async def test_a_group_is_told_one_line_and_left(bench: Bench) -> None:
    group = bench.phone(9)
    group.chat = -1009
    bench.phones[reach_of(-1009)] = group
    person = {"id": 5, "is_bot": False, "first_name": "x"}
    chat = {"id": -1009, "type": "supergroup", "title": "Buren"}
    bot = {"id": 424242, "is_bot": True, "first_name": "Bot"}
    old, new = {"user": bot, "status": "left"}, {"user": bot, "status": "member"}
    tap = await bench.take({
        "my_chat_member": {"chat": chat, "from": person, "date": 1, "old_chat_member": old, "new_chat_member": new}
    })  # fmt: skip
    assert tap.leave
    tap = await bench.take({"message": {"message_id": 3, "date": 1, "chat": chat, "from": person, "text": "/start"}})
    assert tap.leave
    assert "uit deze groep" in group.last.text


async def test_who_blocks_us_is_not_reachable_until_they_let_us_in_again(bench: Bench, phone: Phone) -> None:
    await phone.arrives()

    async def membership(before: str, after: str) -> Tap:
        bot = {"id": 424242, "is_bot": True, "first_name": "Bot"}
        person = {"id": phone.chat, "is_bot": False, "first_name": "x"}
        old, new = ({"user": bot, "status": status, "until_date": 0} for status in (before, after))
        chat = {"id": phone.chat, "type": "private"}
        update = {"chat": chat, "from": person, "date": 1, "old_chat_member": old, "new_chat_member": new}
        return await bench.take({"my_chat_member": update})

    async def reachable() -> bool:
        async with bench.database.reading() as work:
            row = await person_by_tag(work, person_tag(work.keys, reach_of(phone.chat)))
            return bool(row and row.reachable)

    await membership("member", "kicked")
    assert not await reachable()
    await membership("kicked", "member")
    assert await reachable()

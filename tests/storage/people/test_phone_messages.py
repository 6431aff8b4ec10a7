"""Which messages stand on a phone: remembered once, taken once, forgotten when Telegram no longer deletes them."""

from datetime import timedelta

from storage.engine.database import Database
from storage.people import phone_messages
from tests.opened import NOW

TODAY, TOMORROW = NOW.date(), NOW.date() + timedelta(days=1)


async def test_the_messages_of_a_conversation_are_taken_once_and_only_those_young_enough(database: Database) -> None:
    old = {"chat_tag": b"a", "message_id": 1, "thread_tag": b"t", "day": TODAY - timedelta(days=2)}
    async with database.begin() as work:
        await phone_messages.remember(
            work, [old, {**old, "message_id": 3, "day": TODAY}, {**old, "message_id": 2, "day": TODAY}]
        )
        await phone_messages.remember(work, [{**old, "message_id": 4, "thread_tag": b"other", "day": TODAY}])
        assert await phone_messages.take(work, b"a", b"t", TODAY) == [(2, TODAY), (3, TODAY)]
        assert await phone_messages.take(work, b"a", b"t", TODAY) == []
        assert await phone_messages.on_phone(work, b"a") == [4]


async def test_what_telegram_no_longer_deletes_is_forgotten(database: Database) -> None:
    message = {"chat_tag": b"a", "message_id": 2**40, "thread_tag": b"t", "day": TODAY}
    async with database.begin() as work:
        await phone_messages.remember(work, [message, message])
        await phone_messages.drop_before(work, TODAY)
        assert await phone_messages.on_phone(work, b"a") == [2**40]
        await phone_messages.drop_before(work, TOMORROW)
        assert await phone_messages.on_phone(work, b"a") == []

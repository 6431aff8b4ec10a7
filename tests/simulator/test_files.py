"""Photos, voice and files, in and out."""

import aiohttp
import pytest

from simulator import samples
from simulator.files import FileStore
from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import TOKEN, Bot


async def download(telegram: Telegram, path: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.get(f"{telegram.url}/file/bot{TOKEN}/{path}") as answer:
        return answer.status, await answer.read()


async def upload(telegram: Telegram, method: str, fields: dict[str, object], **files: bytes) -> dict[str, object]:
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, str(value))
    for name, data in files.items():
        form.add_field(name, data, filename=f"{name}.bin")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{telegram.url}/bot{TOKEN}/{method}", data=form) as answer,
    ):
        body: dict[str, object] = await answer.json()
        return body


async def test_a_photo_comes_as_a_list_of_sizes_and_can_be_fetched(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    await amina.shows_photo(caption="mijn huis")
    message = (await bot.updates())[0]["message"]
    widths = [size["width"] for size in message["photo"]]
    assert (widths, message["caption"]) == (sorted(widths), "mijn huis")
    assert len(widths) > 1
    file = await bot("getFile", file_id=message["photo"][-1]["file_id"])
    assert await download(telegram, file["file_path"]) == (200, samples.PHOTO)


async def test_a_voice_message_is_ogg_and_can_be_fetched(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    await amina.speaks(3)
    voice = (await bot.updates())[0]["message"]["voice"]
    assert (voice["duration"], voice["mime_type"]) == (3, "audio/ogg")
    file = await bot("getFile", file_id=voice["file_id"])
    assert (await download(telegram, file["file_path"]))[1].startswith(b"OggS")


async def test_an_album_comes_as_several_messages_with_one_group(bot: Bot, amina: Phone) -> None:
    await amina.act("album", photos=["", "", ""])
    messages = [update["message"] for update in await bot.updates(3)]
    assert len({message["media_group_id"] for message in messages}) == 1
    assert len({message["message_id"] for message in messages}) == 3


@pytest.mark.parametrize("attached", [False, True])
async def test_a_photo_can_be_uploaded(telegram: Telegram, bot: Bot, amina: Phone, attached: bool) -> None:
    if attached:
        fields = {"chat_id": amina.id, "photo": "attach://kiekje"}
        answer = await upload(telegram, "sendPhoto", fields, kiekje=samples.PHOTO)
    else:
        answer = await upload(telegram, "sendPhoto", {"chat_id": amina.id}, photo=samples.PHOTO)
    assert answer["ok"], answer
    await amina.chat()
    assert await amina.fetch(amina.last["photo"]) == samples.PHOTO
    assert await telegram.violations() == []


async def test_a_document_and_a_voice_can_be_uploaded(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    assert (await upload(telegram, "sendDocument", {"chat_id": amina.id}, document=b"mijn gegevens"))["ok"]
    await amina.chat()
    assert await amina.fetch(amina.last["document"]) == b"mijn gegevens"
    assert (await upload(telegram, "sendVoice", {"chat_id": amina.id, "duration": 2}, voice=samples.silence(2)))["ok"]
    await amina.chat()
    assert amina.last["voice"]["duration"] == 2


async def test_a_file_id_can_be_sent_again(bot: Bot, amina: Phone, bilal: Phone) -> None:
    await amina.speaks(3)
    voice = (await bot.updates())[0]["message"]["voice"]
    await bot("sendVoice", chat_id=bilal.id, voice=voice["file_id"])
    await bilal.chat()
    assert await bilal.fetch(bilal.last["voice"]) == samples.silence(3)


async def test_what_is_no_picture_is_no_photo(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    answer = await upload(telegram, "sendPhoto", {"chat_id": amina.id}, photo=b"no picture")
    assert answer["description"] == "Bad Request: IMAGE_PROCESS_FAILED"


async def test_unknown_files_are_refused(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    refused = await bot.refused("getFile", file_id="nobody")
    assert refused == "Bad Request: wrong file_id or the file is temporarily unavailable"
    wrong = await bot.refused("sendPhoto", chat_id=amina.id, photo="nobody")
    assert wrong == "Bad Request: wrong file identifier/HTTP URL specified"
    assert (await download(telegram, "photos/file_0.jpg"))[0] == 404


async def test_getfile_goes_up_to_20_megabytes(bot: Bot, amina: Phone) -> None:
    for extra, passes in ((0, True), (1, False)):
        await amina.speaks(9, data=bytes(20 * 1024 * 1024 + extra))
        voice = (await bot.updates())[0]["message"]["voice"]
        if passes:
            assert (await bot("getFile", file_id=voice["file_id"]))["file_size"] == 20 * 1024 * 1024
        else:
            assert await bot.refused("getFile", file_id=voice["file_id"]) == "Bad Request: file is too big"


def test_the_oldest_files_fall_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.files.KEPT_BYTES", 10)
    store = FileStore()
    first, second = (store.add(b"12345678", "photos", "jpg", "image/jpeg") for _ in range(2))
    assert (store.get(first.file_id), store.at(first.path)) == (None, None)
    assert store.get(second.file_id) is second


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (samples.PHOTO, (160, 120)),
        (b"\x89PNG\r\n\x1a\n" + bytes(8) + (5).to_bytes(4, "big") + (7).to_bytes(4, "big"), (5, 7)),
        (b"GIF89a" + (5).to_bytes(2, "little") + (7).to_bytes(2, "little"), (5, 7)),
        (b"RIFF0000WEBP", (512, 512)),
        (b"\xff\xd8\xff", None),
        (b"%PDF-1.7", None),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_head(data: bytes, size: tuple[int, int] | None) -> None:
    assert samples.picture_size(data) == size

"""Residents' files: fetched from Telegram, photos made anew without metadata, nothing lost while Telegram is away."""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageOps
from telegram.error import BadRequest, NetworkError

from bot.jobs.photo import BYTES_LIMIT, LONGEST_SIDE, clean
from bot.listening.fetching import Fetcher, NotTaken, remade
from conversations.signals.followed import signal
from domain.screens import Text
from services.signals import following, reporting
from services.speaking import delivering
from storage.engine.database import Database
from tests.lives import FAST, Marks, here, report_of
from tests.opened import rows

GPS = b"52.36N 4.80E"


def photo(width: int = 60, height: int = 40, form: str = "JPEG") -> bytes:
    """A photo whose metadata say where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = GPS.decode()
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, form, exif=exif)
    return out.getvalue()


def test_a_photo_is_made_anew_without_what_it_tells() -> None:
    assert GPS in photo()
    fresh = clean(photo())
    assert GPS not in fresh
    assert Image.open(io.BytesIO(fresh)).size == (60, 40)
    assert not Image.open(io.BytesIO(fresh)).getexif()


def test_a_large_photo_is_made_smaller_and_keeps_its_shape() -> None:
    assert Image.open(io.BytesIO(clean(photo(4000, 1000)))).size == (LONGEST_SIDE, LONGEST_SIDE // 4)


def huge() -> bytes:
    """A few bytes that want to become a picture of 400 megapixels."""
    png = bytearray(photo(1, 1, "PNG"))
    at = png.index(b"IHDR") + 4
    png[at : at + 8] = (20_000).to_bytes(4, "big") * 2
    return bytes(png)


@pytest.mark.parametrize("bad", [b"", b"hello", photo()[:200], huge(), bytes(BYTES_LIMIT + 1), b"GIF89a" + bytes(20)])
def test_what_is_no_photo_of_a_bearable_size_is_refused(bad: bytes) -> None:
    with pytest.raises(ValueError, match=r"photo|10 MB|megapixels"):
        clean(bad)


def picture(image: Image.Image, form: str = "PNG", **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def made(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(clean(content)))


def drawing() -> Image.Image:
    """A black square on a ground that is fully transparent."""
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (20, 15, 44, 33))
    return image


@pytest.mark.parametrize(
    ("mode", "form"), [("RGBA", "PNG"), ("RGBA", "WEBP"), ("LA", "PNG"), ("P", "PNG"), ("P", "GIF")]
)
def test_a_transparent_ground_becomes_white(mode: str, form: str) -> None:
    image = drawing().quantize(8) if mode == "P" else drawing().convert(mode)
    more = {"transparency": image.getpixel((2, 2))} if form == "GIF" else {}
    shown = made(picture(image, form, **more)).convert("L")
    assert shown.getpixel((2, 2)) == 255
    assert shown.getpixel((32, 24)) == 0


def test_grey_of_16_bits_keeps_its_shades() -> None:
    image = Image.new("I;16", (64, 48))
    image.putdata([x * 1000 for _ in range(48) for x in range(64)])
    row = [made(picture(image)).convert("L").getpixel((x, 20)) for x in (2, 16, 32, 60)]
    assert row == pytest.approx([8, 62, 125, 233], abs=4)


@pytest.mark.parametrize("mode", ["1", "L", "CMYK"])
def test_white_stays_white_in_every_kind_of_colour(mode: str) -> None:
    content = picture(Image.new("RGB", (64, 48), "white").convert(mode), "JPEG" if mode == "CMYK" else "PNG")
    assert made(content).getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(8064, 6048), (12_000, 9_000)])
async def test_what_a_phone_of_today_makes_is_made_smaller(size: tuple[int, int]) -> None:
    fresh = await remade(picture(Image.new("RGB", size, (90, 120, 90)), "JPEG"))
    assert max(Image.open(io.BytesIO(fresh)).size) == LONGEST_SIDE


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photo_stands_upright(turn: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    image = Image.new("L", (40, 20), 255)
    image.paste(0, (0, 0, 10, 10))
    content = picture(image, exif=exif)
    wanted = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    shown = made(content).convert("L")
    assert shown.size == wanted.size
    for corner in ((2, 2), (wanted.width - 3, 2), (2, wanted.height - 3), (wanted.width - 3, wanted.height - 3)):
        assert shown.getpixel(corner) == pytest.approx(wanted.getpixel(corner), abs=20)


async def test_the_child_process_makes_it_anew_and_refuses_the_same() -> None:
    assert GPS not in await remade(photo())
    with pytest.raises(NotTaken):
        await remade(b"hello")


class File:
    """A file on Telegram's server, as python-telegram-bot gives it."""

    def __init__(self, content: bytes, size: int | None) -> None:
        self.content, self.file_size = content, size

    async def download_as_bytearray(self) -> bytearray:
        return bytearray(self.content)


class Telegram:
    """A stand-in for the Bot: hands out one file, after raising each error in `fails` once."""

    def __init__(self, content: bytes, size: int | None = None) -> None:
        self.file, self.fails, self.asked = File(content, size), list[Exception](), 0

    async def get_file(self, file_id: str) -> File:
        assert file_id.startswith(Marks().file_id)
        self.asked += 1
        if self.fails:
            raise self.fails.pop(0)
        return self.file


async def fetched(database: Database, telegram: Any, until: Callable[[set[str]], bool]) -> dict[str, str]:
    """Report with a photo and a voice message, and fetch until `until` accepts their states; the state by kind."""
    async with database.begin() as work:
        await reporting.report(work, (await here(work, 1)).reach, report_of(Marks()))
    fetcher = Fetcher(database.begin, telegram)
    task = asyncio.create_task(fetcher.run())
    try:
        async with asyncio.timeout(20):
            while True:
                async with database.begin() as work:
                    found = {row["kind"]: row["state"] for row in await rows(work, "attachments")}
                if until(set(found.values())):
                    return found
                await asyncio.sleep(0.02)
    finally:
        fetcher.stop()
        await task


def settled(states: set[str]) -> bool:
    return "waiting" not in states


async def test_a_photo_is_kept_and_what_is_no_voice_is_refused(database: Database) -> None:
    assert await fetched(database, Telegram(photo()), settled) == {"photo": "kept", "voice": "refused"}


async def test_a_voice_is_kept_as_it_is_and_what_is_no_photo_is_refused(database: Database) -> None:
    assert await fetched(database, Telegram(b"OggS and so on"), settled) == {"photo": "refused", "voice": "kept"}


async def test_the_reporter_is_told_once_what_was_lost_and_reads_no_count_of_it(database: Database) -> None:
    assert await fetched(database, Telegram(b"neither"), settled) == {"photo": "refused", "voice": "refused"}
    async with database.begin() as work:
        me = await here(work, 1)
        (brief,) = await following.mine(work, me.reach)
        followed = await following.follow(work, me.reach, brief.signal_id)
        said = [row.envelope.screen for row in await delivering.take(work, "speaker", 10, FAST)]
        screens = [screen for screen in said if screen is not None]
    lost = Text("signals.files.lost", count=2)
    assert [lost in screen.lines for screen in screens].count(True) == 1
    assert followed is not None
    shown = signal(followed).lines
    assert lost in shown
    assert not {line.key for line in shown if isinstance(line, Text)} & {"signals.turn.photos", "signals.turn.voices"}


@pytest.mark.parametrize("size", [BYTES_LIMIT + 1, None])
async def test_what_is_too_large_is_refused(database: Database, size: int | None) -> None:
    large = Telegram(b"OggS" if size else b"OggS" + bytes(BYTES_LIMIT), size)
    assert set((await fetched(database, large, settled)).values()) == {"refused"}


FAILURES = [NetworkError("gone"), BadRequest("temporarily unavailable"), RuntimeError("a fault of ours"), OSError()]


async def test_whatever_fails_once_is_tried_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.listening.fetching._LOOK_EVERY", 0.01)
    telegram = Telegram(b"OggS")
    telegram.fails = FAILURES[:]
    assert (await fetched(database, telegram, settled))["voice"] == "kept"
    assert telegram.asked == len(FAILURES) + 2


async def test_what_telegram_calls_too_big_is_not_tried_again(database: Database) -> None:
    telegram = Telegram(b"OggS")
    telegram.fails = [BadRequest("file is too big"), BadRequest("File is too big")]
    assert set((await fetched(database, telegram, settled)).values()) == {"refused"}


async def test_the_child_process_gets_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = tmp_path / "python"
    spy.write_text(f"#!/bin/sh\n/usr/bin/env > {tmp_path}/environment\nexit 1\n")
    spy.chmod(0o700)
    monkeypatch.setenv("BUURTSTEM_BOT_TOKEN", "1234:secret")
    monkeypatch.setattr("bot.listening.fetching.sys.executable", str(spy))
    with pytest.raises(NotTaken):
        await remade(photo())
    assert "BUURTSTEM" not in (tmp_path / "environment").read_text()

"""A photo and a voice message go from the phone to the API and the console; the photo's metadata does not."""

import asyncio
import io
import re
from pathlib import Path

import httpx
from PIL import Image

from domain.staff.rights import StaffRole
from services.upkeep.binding import DEMO_STAFF
from simulator.phone import Phone
from tests.faults.journeys import arrives, presses
from tests.journeys.demo import Demo

WHERE = b"thuis, 52.36N 4.80E"
SECONDS = 34


def photo() -> bytes:
    """A photo as a phone makes it: lying on its side, and telling where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned a quarter
    exif[0x010E] = WHERE.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 21.0, 36.0), 3: "E", 4: (4.0, 48.0, 0.0)})
    out = io.BytesIO()
    Image.new("RGB", (400, 300), (200, 60, 40)).save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_a_photo_and_a_voice_message_reach_the_team_and_no_place_with_them(tmp_path: Path) -> None:
    with Demo(tmp_path) as demo:
        # Given a resident who says it with a voice message and a photo, and a file that is no photo
        async with await Phone.new(demo.telegram, name="Truus", language_code="nl") as truus:
            await arrives(truus)
            await presses(truus, "g:report:", then="_help")
            spoken = await truus.speaks(SECONDS)
            await truus.sees("Waar gaat het over?")
            await truus.shows_photo(photo())
            await truus.sees("1 foto")
            await truus.shows_photo(b"no photo at all")
            await truus.sees("2 foto")
            await presses(truus, "damp", then="_summary")
            await presses(truus, "_summary", then="send")
            await presses(truus, "send", then="SNW-")
            recording = await _sent(truus, spoken["message_id"])

        # Then a program gets both by the API as soon as they are fetched
        token = demo.command("staff", "token", DEMO_STAFF[StaffRole.HANDLER]).split()[-1]
        async with httpx.AsyncClient(
            base_url=f"{demo.url}/api/v1", headers={"Authorization": f"Bearer {token}"}
        ) as api:
            (line,) = (await api.get("/signals?kind=damp")).json()["signals"]
            files = await _settled(api, f"/signals/{line['id']}?reason=handling")
            assert sorted((file["kind"], file["state"], file["seconds"]) for file in files) == [
                ("photo", "kept", 0), ("photo", "refused", 0), ("voice", "kept", SECONDS)
            ]  # fmt: skip
            got = {
                file["kind"]: await api.get(f"/signals/{line['id']}/attachments/{file['id']}")
                for file in files
                if file["state"] == "kept"
            }
        _is_clean(got["photo"].content)
        assert got["voice"].content == recording

        # And a handler sees and hears them on the console, and is told of the one that did not come
        async with httpx.AsyncClient(base_url=demo.url, follow_redirects=True) as console:
            await console.get(demo.link)
            page = (await console.get(f"/signals/{line['id']}?reason=handling", headers={"Accept-Language": "nl"})).text
            (shown,) = re.findall(r'<img class="photo"[^>]+src="([^"]+)"', page)
            (heard,) = re.findall(r'<audio [^>]+src="([^"]+)"', page)
            assert "Spraakbericht, 0:34" in page
            assert "niet aangekomen" in page
            _is_clean((await console.get(shown)).content)
            played = await console.get(heard)
            assert (played.content, played.headers["content-type"]) == (recording, "audio/ogg")


async def _sent(phone: Phone, message_id: int) -> bytes:
    (message,) = (one for one in (await phone.chat())["messages"] if one["message_id"] == message_id)
    return await phone.fetch(message["voice"])


async def _settled(api: httpx.AsyncClient, path: str) -> list[dict[str, object]]:
    """Wait until no file of a signal is waiting to be fetched; the files of its first turn."""
    async with asyncio.timeout(60):
        while True:
            files: list[dict[str, object]] = (await api.get(path)).json()["turns"][0]["attachments"]
            if all(file["state"] != "waiting" for file in files):
                return files
            await asyncio.sleep(0.2)


def _is_clean(content: bytes) -> None:
    assert WHERE in photo()
    assert WHERE not in content
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("JPEG", (300, 400))
    assert not image.getexif()

"""Photos, voice and files as the Bot API describes them, and samples to send when a test brings none."""

import base64
import struct

from simulator.files import FileStore
from simulator.people import Json

PHOTO_SIDES = (90, 320, 800, 1280)

# A JPEG of 160 x 120 pixels: a house.
PHOTO = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8yb"
    "qmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAB4"
    "AKADASIAAhEBAxEB/8QAGgABAAMBAQEAAAAAAAAAAAAAAAMEBQIBBv/EADYQAAIBAQUDCgUDBQAAAAAAAAABAgMEBRETURIhkhQxNEFDU3KBsc"
    "EzQlJUkSNx0SJhYqHh/8QAGAEBAQEBAQAAAAAAAAAAAAAAAAIDBAH/xAAcEQEBAAMAAwEAAAAAAAAAAAAAAQIREgMhMjH/2gAMAwEAAhEDEQA/"
    "ANoAFoAAAAAAAAAAAB4mpJOLTT3prrPQAAAAAAAAAAAAAAAAAAAAr2m20LNunPGX0x3syLXeVa0rZX6cNIve/wB2eW6VMbWparxoWfGO1tzXyx"
    "92Y9qt1a0tqUnGHVBc3/SuCbdtJjIms9qrWZ40ptLri96fka9mvShW3TeVL/J7vyYQEui4yvqwfO2S3VrK8E9qH0ye7y0Ney3jQtGEdrYm/ll7"
    "MqVncbFsAHqQAAAAAAAAHFatToQ26slGPNiZVpvicv6bPHYX1S3v8HlunslrStFqo2ZY1ZpPqit7fkZVqvarUxjRWXHX5n/BQnOU5OU5OUnztv"
    "FnhNrSYyAAPFAAAAAAAALllvOtZ0oSwqQW5J868zXs1toWndCeEvpluZ84E3FpxbTW9NdR7Km4yvqwYllvarTwjWWZHX5l/JrWa00rTDapSxw5"
    "0+dFS7Z3GxKAD14HjWKaTax611HoAyLyskYzhN1ak5Sxxcmt37bv7lLIjqzVvXsvP2M8wyuq6vHJcYiyI6sZEdWSgndacxFkR1YyI6slA3TmIs"
    "iOrGRHVkoG6cxFkR1YyI6slA3TmIsiOrGRHVkoG6cxFkR1YyI6slA3TmIsiOrLNgskKld/qVINRxTi8GRly7OkS8D9UVjfaM5JjWlBOMUnJyer"
    "wx/0egG7kAABQvXsvP2M80L17Lz9jPMM/p1+L5gACGgAAAKs7VOM5RSjgngc8rqaR/BXNR3FwFPldTSP4HK6mkfwOadxcABKwAAC5dnSJeB+qK"
    "ZcuzpEvA/VFY/qPJ81pgA6HGAAChevZefsZ5oXr2Xn7GeYZ/Tr8XzAAENAAAZ1X4s/Ezk6q/Fn4mcmzmv6AADTABi6QAAC5dnSJeB+qKZcuzpE"
    "vA/VFY/qPJ81pgA6HGAAChevZefsZ5pXlTnPL2ISlhjjgsdCjkVu6nwswznt1+OzmIwSZFbup8LGRW7qfCydVe4jBJkVu6nwsZFbup8LGqbjKq"
    "/Fn4mclipZLS6k2rPVwxfyM55Havtq3AzVz2oQTcjtX21bgY5Havtq3Aw8XQSZFbup8LGRW7qfCzLVdO4jBJkVu6nwsZFbup8LGqbiMuXZ0iXg"
    "fqivkVu6nwstXdSqQryc4Sitnnaw60VjPaM7Oa0QAbuQAAAAAAAAAAAAAAAAAAAAAAAAAAH/2Q=="
)


def picture_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels of a JPEG, PNG, GIF or WebP; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return struct.unpack(">II", data[16:24])
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        return struct.unpack("<HH", data[6:10])
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return (512, 512)  # good enough: Telegram turns it into a JPEG anyway
    return _jpeg_size(data) if data.startswith(b"\xff\xd8") else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 < len(data) and data[position] == 0xFF:
        marker, length = data[position + 1], struct.unpack(">H", data[position + 2 : position + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return None


def photo_sizes(files: FileStore, data: bytes, size: tuple[int, int], name: str | None = None) -> list[Json]:
    """A PhotoSize for each of PHOTO_SIDES that is smaller, then the photo itself. Nothing is scaled: the same bytes."""
    longest = max(size)
    scales = [side / longest for side in PHOTO_SIDES if side < longest] + [1.0]
    sizes = []
    for scale in scales:
        stored = files.add(data, "photos", "jpg", "image/jpeg", name)
        sizes.append(
            {
                "file_id": stored.file_id,
                "file_unique_id": stored.unique_id,
                "width": max(round(size[0] * scale), 1),
                "height": max(round(size[1] * scale), 1),
                "file_size": len(data),
            }
        )
    return sizes


def voice(files: FileStore, data: bytes, seconds: int) -> Json:
    """The Bot API's Voice of these bytes, which are stored."""
    stored = files.add(data, "voice", "oga", "audio/ogg")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "duration": seconds,
        "mime_type": "audio/ogg",
        "file_size": len(data),
    }


def document(files: FileStore, data: bytes, name: str, mime_type: str = "application/octet-stream") -> Json:
    """The Bot API's Document of these bytes, which are stored."""
    suffix = name.rpartition(".")[2] if "." in name else "bin"
    stored = files.add(data, "documents", suffix if suffix.isalnum() else "bin", mime_type, name)
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_name": name,
        "mime_type": mime_type,
        "file_size": len(data),
    }


def silence(seconds: int) -> bytes:
    """An Ogg Opus file of that length in which nobody speaks: one page a second, 50 packets of 20 ms."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 9) + b"simulator" + struct.pack("<I", 0)
    pages = [_ogg_page([head], 0, 0, 2), _ogg_page([tags], 0, 1, 0)]
    for second in range(1, seconds + 1):
        last = 4 if second == seconds else 0
        pages.append(_ogg_page([b"\xf8\xff\xfe"] * 50, second * 48000, second + 1, last))
    return b"".join(pages)


def _ogg_page(packets: list[bytes], granule: int, number: int, flags: int) -> bytes:
    lengths = bytes(len(packet) for packet in packets)
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, 1, number, 0) + bytes([len(lengths)]) + lengths
    page = head + b"".join(packets)
    return page[:22] + struct.pack("<I", _ogg_checksum(page)) + page[26:]


def _ogg_checksum(page: bytes) -> int:
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = ((checksum << 1) ^ (0x04C11DB7 if checksum & 0x80000000 else 0)) & 0xFFFFFFFF
    return checksum

"""A child process that takes a photo apart and makes a clean one: `python -m bot.jobs.photo` (bytes in, JPEG out).

A photo from outside may be made to crash or exhaust its decoder, and its metadata tells where it was taken.
So it is decoded here, with limits, and written anew without metadata. Exit status 1: not a photo we take.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

from PIL import ExifTags, Image

BYTES_LIMIT = 10 * 1024 * 1024
# A JPEG, as phones make them (up to 108 million), is decoded at a smaller size; any other format whole, in memory.
PIXELS_LIMITS = {"JPEG": 120_000_000}
PIXELS_LIMIT = 60_000_000
LONGEST_SIDE = 2048
_ORIENTATION = ExifTags.Base.Orientation
_TURN = Image.Transpose
_TURNS = {
    2: _TURN.FLIP_LEFT_RIGHT, 3: _TURN.ROTATE_180, 4: _TURN.FLIP_TOP_BOTTOM, 5: _TURN.TRANSPOSE,
    6: _TURN.ROTATE_270, 7: _TURN.TRANSVERSE, 8: _TURN.ROTATE_90,
}  # fmt: skip
_MEMORY = 1024 * 1024 * 1024
_SECONDS = 10


def clean(content: bytes) -> bytes:
    """The photo as a JPEG of at most 2048 pixels a side, without metadata, on a white ground. Raises ValueError."""
    if len(content) > BYTES_LIMIT:
        raise ValueError("over 10 MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is looked at below
            image: Image.Image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF"))
            if image.width * image.height > PIXELS_LIMITS.get(image.format or "", PIXELS_LIMIT):
                raise ValueError("too many megapixels")
            image = _visible(image)
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"no photo: {type(error).__name__}") from None
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def _visible(image: Image.Image) -> Image.Image:
    """The visible part of the photo alone: small, upright, in RGB, without metadata."""
    image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at a smaller size
    if image.mode.startswith("I"):  # 16 bits of grey: a plain conversion would cut off all but the darkest
        image = image.convert("I").point(lambda shade: shade * (1 / 257)).convert("L")
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    upright = image.getexif().get(_ORIENTATION)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    fresh = Image.new("RGB", image.size, "white")
    fresh.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    if upright in _TURNS:
        fresh = fresh.transpose(_TURNS[upright])
    return fresh


def main() -> int:
    """Read standard input, write standard output. Returns the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    try:
        fresh = clean(sys.stdin.buffer.read(BYTES_LIMIT + 1))
    except ValueError:
        return 1
    sys.stdout.buffer.write(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A child process that takes a photo apart and makes a clean one: `python -m bot.photo` (bytes in, JPEG out).

A photo from outside may be made to crash or to exhaust whoever decodes it, and it holds where it was taken.
So it is decoded here, with limits, and written anew without metadata. Exit status 1: not a photo we take.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

from PIL import Image, ImageOps

BYTES_LIMIT = 10 * 1024 * 1024
PIXELS_LIMIT = 25_000_000
LONGEST_SIDE = 2048
_MEMORY = 1024 * 1024 * 1024
_SECONDS = 10


def clean(content: bytes) -> bytes:
    """The photo as a JPEG of at most 2048 pixels a side, without metadata. Raises ValueError."""
    if len(content) > BYTES_LIMIT:
        raise ValueError("over 10 MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF"))
            if image.width * image.height > PIXELS_LIMIT:
                raise ValueError("over 25 megapixels")
            image = ImageOps.exif_transpose(image).convert("RGB")
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(f"no photo: {type(error).__name__}") from None
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    fresh = Image.new("RGB", image.size)
    fresh.paste(image)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=85)
    return out.getvalue()


def main() -> int:
    """Read standard input, write standard output; exit status."""
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

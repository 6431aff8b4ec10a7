"""All residents in slices: equal parts of the range of their pseudonyms, each read and written by itself.

Pseudonyms are HMACs, so every slice holds about as many residents, and no slice means anything.
"""

READERS = 400  # in a slice, on average
_BYTES = 4
_RANGE = 1 << 8 * _BYTES


def slices_for(readers: int) -> int:
    """The number of slices for this many readers: at least one."""
    return max(1, -(-readers // READERS))


def bounds(number: int, slices: int) -> tuple[bytes, bytes | None]:
    """The first edge of slice `number` (from 0) and of the next slice, 4 bytes each; None after the last slice.

    A pseudonym is compared with the edges byte by byte.
    """
    following = number + 1
    return _edge(number, slices), None if following >= slices else _edge(following, slices)


def _edge(number: int, slices: int) -> bytes:
    return (number * _RANGE // slices).to_bytes(_BYTES)

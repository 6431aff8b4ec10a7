"""All residents in slices: equal parts of the range of their pseudonyms, each read and written by itself.

Pseudonyms are HMACs, so every slice holds about as many residents, and no slice means anything.
"""

READERS = 400  # so many in a slice, about
_BYTES = 4
_RANGE = 1 << 8 * _BYTES


def slices_for(readers: int) -> int:
    """How many slices there are for so many readers: one at least."""
    return max(1, -(-readers // READERS))


def bounds(number: int, slices: int) -> tuple[bytes, bytes | None]:
    """Where slice `number` (from 0) begins, and where the next one does: None after the last.

    Pseudonyms are compared with them byte by byte.
    """
    following = number + 1
    return _edge(number, slices), None if following >= slices else _edge(following, slices)


def _edge(number: int, slices: int) -> bytes:
    return (number * _RANGE // slices).to_bytes(_BYTES)

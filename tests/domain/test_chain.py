"""The hash chain: an entry that is changed, taken out or rewritten is found, with its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.chain import BEGINNING, Content, first_broken, linked

CONTENTS = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.integers() | st.text(max_size=5)), min_size=1, max_size=8
)


def chain(contents: list[dict[str, int | str]]) -> list[tuple[Content, bytes]]:
    entries: list[tuple[Content, bytes]] = []
    previous = BEGINNING
    for content in contents:
        previous = linked(previous, content)
        entries.append((content, previous))
    return entries


@given(CONTENTS)
def test_a_chain_as_it_was_written_is_whole(contents: list[dict[str, int | str]]) -> None:
    entries = chain(contents)
    assert first_broken(BEGINNING, entries[-1][1], entries) is None


@given(CONTENTS, st.data())
def test_a_changed_entry_is_found_at_its_place(contents: list[dict[str, int | str]], data: st.DataObject) -> None:
    entries = chain(contents)
    end = entries[-1][1]
    place = data.draw(st.integers(0, len(entries) - 1))
    entries[place] = ({**entries[place][0], "changed": 1}, entries[place][1])
    assert first_broken(BEGINNING, end, entries) == place


@given(CONTENTS, st.data())
def test_an_entry_taken_out_is_found(contents: list[dict[str, int | str]], data: st.DataObject) -> None:
    entries = chain(contents)
    end = entries[-1][1]
    place = data.draw(st.integers(0, len(entries) - 1))
    del entries[place]
    assert first_broken(BEGINNING, end, entries) == place


def test_a_chain_rewritten_from_its_beginning_is_found_by_its_head() -> None:
    entries = chain([{"act": "read"}, {"act": "answer"}])
    rewritten = chain([{"act": "read"}, {"act": "move"}])
    assert first_broken(BEGINNING, entries[-1][1], rewritten) == 2


def test_an_empty_chain_is_whole_only_when_nothing_was_ever_written() -> None:
    assert first_broken(BEGINNING, BEGINNING, []) is None
    assert first_broken(BEGINNING, linked(BEGINNING, {"act": "read"}), []) == 0

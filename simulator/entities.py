"""Telegram's HTML: text with tags to plain text with entities, and back. Offsets are in UTF-16 units."""

import html
import re
from dataclasses import dataclass
from typing import Any

from simulator.errors import Refused, bad_request

Entity = dict[str, Any]

SIMPLE_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,8})|(lt|gt|amp|quot));")
LINK = re.compile(r"(?:https?|tg|tonsite)://\S+|mailto:\S+|tel:\S+", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\s*([a-zA-Z-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
DETECTED = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)])|(?<![\w/<])(?P<bot_command>/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?)(?![\w/])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z]\w{3,31})"
)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts offsets: `utf16_length("🔊") == 2`."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def decode_references(text: str) -> str:
    """Decode numeric references and the four named ones; every other `&` stays as it stands, as in Telegram."""

    def one(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name:
            return NAMED[name]
        code = int(decimal) if decimal else int(hexadecimal, 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group()

    return REFERENCE.sub(one, text)


@dataclass(slots=True)
class _Open:
    tag: str
    start: int  # in code points of the plain text
    extra: dict[str, Any]
    at: int  # position of the tag in the source


class _Parser:
    """One pass over the source; raises Refused with Telegram's wording."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.parts: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.found: list[tuple[int, int, str, dict[str, Any]]] = []

    def run(self) -> tuple[str, list[tuple[int, int, str, dict[str, Any]]]]:
        position = 0
        while (tag := self.source.find("<", position)) >= 0:
            self._text(self.source[position:tag])
            position = self._end(tag) if self.source.startswith("</", tag) else self._start(tag)
        self._text(self.source[position:])
        if self.open:
            raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.parts), self.found

    def _text(self, raw: str) -> None:
        text = decode_references(raw)
        self.parts.append(text)
        self.length += len(text)

    def _bytes(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _start(self, at: int) -> int:
        name = re.compile(r"[^\s>]*").match(self.source, at + 1)
        tag = (name.group() if name else "").lower()
        if not tag or tag not in SIMPLE_TAGS:
            raise _cannot_parse(f'Unsupported start tag "{tag}" at byte offset {self._bytes(at)}')
        position = at + 1 + len(tag)
        attributes: dict[str, str] = {}
        while True:
            while position < len(self.source) and self.source[position].isspace():
                position += 1
            if position >= len(self.source):
                raise _cannot_parse(f'Unclosed start tag "{tag}" at byte offset {self._bytes(at)}')
            if self.source[position] == ">":
                break
            match = ATTRIBUTE.match(self.source, position)
            if match is None:
                raise _cannot_parse(f'Expected attribute name in the tag "{tag}" at byte offset {self._bytes(at)}')
            attributes[match[1].lower()] = decode_references((match[2] or "").strip("\"'"))
            position = match.end()
        self.open.append(_Open(tag, self.length, self._extra(tag, attributes, at), at))
        return position + 1

    def _extra(self, tag: str, attributes: dict[str, str], at: int) -> dict[str, Any]:
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(at)}')
        if tag == "a":
            return {"url": attributes.get("href", "")}
        if tag == "tg-emoji":
            return {"custom_emoji_id": attributes.get("emoji-id", "")}
        if tag == "blockquote" and "expandable" in attributes:
            return {"type": "expandable_blockquote"}
        if tag == "code" and self.open and self.open[-1].tag == "pre":
            return {"language": attributes.get("class", "").removeprefix("language-")}
        return {}

    def _end(self, at: int) -> int:
        close = self.source.find(">", at)
        tag = self.source[at + 2 : close if close >= 0 else None].strip().lower()
        if not self.open:
            raise _cannot_parse(f"Unexpected end tag at byte offset {self._bytes(at)}")
        if close < 0:
            raise _cannot_parse(f"Unclosed end tag at byte offset {self._bytes(at)}")
        opened = self.open.pop()
        if tag and tag != opened.tag:
            raise _cannot_parse(
                f'Unmatched end tag at byte offset {self._bytes(at)}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        extra = dict(opened.extra)
        kind = extra.pop("type", SIMPLE_TAGS[opened.tag])
        inside_pre = opened.tag == "code" and self.open and self.open[-1].tag == "pre"
        if inside_pre:
            if extra.get("language"):
                self.open[-1].extra["language"] = extra["language"]
        elif self.length > opened.start and (kind != "text_link" or LINK.match(extra["url"])):
            self.found.append((opened.start, self.length, kind, extra))
        return close + 1


def _cannot_parse(reason: str) -> Refused:
    return bad_request(f"can't parse entities: {reason}")


def parse_html(source: str, *, code_points: bool = False) -> tuple[str, list[Entity]]:
    """Plain text (outer white space trimmed) and its entities, outermost first. Raises Refused with Telegram's wording.

    `parse_html("<b>ja</b> &lt;3")` is `("ja <3", [{"type": "bold", "offset": 0, "length": 2}])`.
    `code_points` counts offsets wrongly on purpose (a deliberate breakage).
    """
    text, found = _Parser(source).run()
    return _finished(text, found, code_points)


def plain(text: str, *, code_points: bool = False) -> tuple[str, list[Entity]]:
    """A text without markup: trimmed, with the commands, links and mentions that Telegram finds by itself."""
    return _finished(text, [], code_points)


def _finished(
    text: str, found: list[tuple[int, int, str, dict[str, Any]]], code_points: bool
) -> tuple[str, list[Entity]]:
    left = len(text) - len(text.lstrip())
    trimmed = text.strip()
    spans = [
        (max(start - left, 0), min(end - left, len(trimmed)), kind, extra)
        for start, end, kind, extra in found
        if min(end - left, len(trimmed)) > max(start - left, 0)
    ]
    if "/" in trimmed or "@" in trimmed:
        taken = list(spans)
        for match in DETECTED.finditer(trimmed):
            start, end = match.span()
            if all(end <= other[0] or start >= other[1] for other in taken if other[2] in ("code", "pre", "text_link")):
                spans.append((start, end, match.lastgroup or "url", {}))
    spans.sort(key=lambda span: (span[0], -span[1]))
    measure = len if code_points else utf16_length
    return trimmed, [
        {"type": kind, "offset": measure(trimmed[:start]), "length": measure(trimmed[start:end]), **extra}
        for start, end, kind, extra in spans
    ]


OPENING = {
    "bold": "<b>", "italic": "<i>", "underline": "<u>", "strikethrough": "<s>", "code": "<code>", "pre": "<pre>",
    "spoiler": '<span class="spoiler">', "blockquote": "<blockquote>", "expandable_blockquote": "<blockquote>",
}  # fmt: skip


def to_html(text: str, entities: list[Entity]) -> str:
    """The text as HTML for the phone page, everything escaped; links get their address, commands a data-command."""
    units = text.encode("utf-16-le")

    def cut(start: int, end: int) -> str:
        return units[2 * start : 2 * end].decode("utf-16-le", "replace")

    def render(start: int, end: int, inside: list[Entity]) -> str:
        out, position = [], start
        while inside:
            first = inside[0]
            first_end = min(first["offset"] + first["length"], end)
            out.append(html.escape(cut(position, first["offset"])))
            children = [e for e in inside[1:] if e["offset"] < first_end]
            opening, closing = _tags(first, cut(first["offset"], first_end))
            out.append(opening + render(first["offset"], first_end, children) + closing)
            position, inside = first_end, [e for e in inside[1:] if e["offset"] >= first_end]
        out.append(html.escape(cut(position, end)))
        return "".join(out)

    return render(0, len(units) // 2, entities)


def _tags(entity: Entity, covered: str) -> tuple[str, str]:
    kind = entity["type"]
    address = str(entity.get("url") or covered)
    if kind in ("text_link", "url") and LINK.match(address):
        return f'<a href="{html.escape(address)}" target="_blank" rel="noopener noreferrer">', "</a>"
    if kind == "bot_command":
        return f'<a href="#" data-command="{html.escape(covered)}">', "</a>"
    opening = OPENING.get(kind, "<span>")
    return opening, f"</{opening[1:-1].split()[0]}>"

"""Texts that are made to be slow to parse, and a measure of the processor time that parsing one takes."""

import time
from collections.abc import Callable, Mapping

LENGTH = 4096
MOST_SECONDS = 0.020

# Each unit is repeated up to the length of the longest message, between a beginning and an end that almost match.
_UNITS = {
    "dashes": "-", "long dashes": "–", "blanks": " ", "line ends": "\n", "tabs": "\t", "no-break": "\u00a0",
    "zero-width": "\u200b", "joiners": "\u200d", "right-to-left marks": "\u200f", "overrides": "\u202e",
    "isolates": "\u2068", "accents": "a\u0301", "bare marks": "\u0301", "marks out of order": "\u0315\u0316",
    "marks backwards": "\u0345\u0334", "vowel signs": "ب\u064e\u0651", "a sentence in one sign": "\ufdfa",
    "such signs and blanks": "\ufdfa ", "dotted capitals": "İ", "sharp s": "ß", "ligatures": "ﬃ", "full width": "Ａ",
    "Hangul": "각", "emoji": "😀", "families": "👨\u200d👩\u200d👧", "flags": "🇳🇱", "keycaps": "1\ufe0f\u20e3",
    "digits": "7", "Arabic digits": "٣", "Devanagari digits": "३", "digits of mathematics": "𝟗", "one digit each": "1 ",
    "seven and a blank": "1234567 ", "half a code": "7K2M", "codes almost": "SNW-7K2M-", "SNW": "SNW",
    "SNW and dashes": "SNW----", "ballots almost": "7K2MQ-9RX4T-AB2C ", "ballots in one": "7K2MQ9RX4TAB2",
    "receipts": "7K2MQ-9RX4T ", "words": "gisteren avond ", "letters": "a", "letters apart": "a ",
    "danger almost": "gedreig aangevalle ", "phrases almost": "mij valt ", "and with the": "وبال ", "waw": "و ",
    "kan her yer": "kan her yer ", "commands": "/stop ", "mentions": "/a@b", "streets": "straa t", "e.o.": "e.o. ",
    "en omgeving": "en omgeving", "buurt": "buurt", "de": "de ", "amounts": "1.000", "thousands": "1 000,",
    "euros": "€ ", "markup": "<b>", "entities": "&amp;", "addresses": "http://a:b", "braces": "{a}", "quotes": '"',
    "separators": ",;", "backslashes": "\\", "escapes": "%2e", "surrogates": "\ud800", "nulls": "\x00",
    "underscores": "_", "points": ".", "numbers and brackets": "1)", "mailboxes": "a@a.", "columns": "title_nl,",
    "times": "2026-11-29T", "colons": "g:a:",
}  # fmt: skip
_ENDS = ("", "x", "\x00")


def shapes(length: int = LENGTH) -> Mapping[str, str]:
    """Name -> a text of `length` characters: each unit repeated, alone and with begins and ends that almost match."""
    found = {}
    for name, unit in _UNITS.items():
        for end in _ENDS:
            for begin in ("", "1", "/a", "SNW"):
                body = (unit * length)[: length - len(begin) - len(end)]
                found[f"{begin!r} {name} {end!r}"] = begin + body + end
    return found


def processor_seconds(act: Callable[[], object], tries: int = 3) -> float:
    """The least processor time (seconds, this thread) of a few tries: other programs and first uses don't count."""
    least = float("inf")
    for _ in range(tries):
        began = time.thread_time()
        act()
        least = min(least, time.thread_time() - began)
        if least < MOST_SECONDS / 4:
            break
    return least

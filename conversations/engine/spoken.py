"""A value as it is read in one language: a nested text, a day, an amount, somebody's words."""

from __future__ import annotations

from domain.screens import Day, Listing, Moment, Money, Text, Told, Value, Words
from domain.wall_clock import TIMEZONE
from locales import texts
from locales.direction import isolate


def spoken(value: Value, language: str) -> str:
    """The value for a reader of `language`; a bare int is written as a number of things (1.234)."""
    found = _value(value, language)
    return texts.number(language, found) if isinstance(found, int) else found


def _value(value: Value, language: str) -> str | int:
    match value:
        case str() | int():
            return value
        case Text(key, values, count, in_language):
            said = in_language or language
            return texts.say(said, key, {name: _value(one, said) for name, one in values.items()}, count)
        case Words(words):
            return isolate(words)
        case Told():
            return value.spoken(language)
        case Day(day):
            return texts.day(language, day)
        case Moment(at):
            return texts.moment(language, at, TIMEZONE)
        case Money(cents):
            return texts.money(language, cents)
        case Listing(items):
            return texts.listing(language, [spoken(item, language) for item in items])

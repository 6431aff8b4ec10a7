"""Parses the words behind a command. It loads nothing else, so that a command without a database starts at once."""

from __future__ import annotations

from argparse import ArgumentParser

WRONG = 2  # the exit status for wrong words or settings


def make_parser(command: str, does: str) -> ArgumentParser:
    """A parser for the words behind `python -m bot COMMAND`. Wrong words, and `--help`, end the process first.

    Args:
        command: its name.
        does: what it does, for `--help`.
    """
    return ArgumentParser(prog=f"python -m bot {command}", description=does, allow_abbrev=False)

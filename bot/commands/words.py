"""The words behind a command. This file loads nothing, so that a command without a database starts at once."""

from __future__ import annotations

from argparse import ArgumentParser

WRONG = 2  # the exit status for words or settings that can't be


def make_parser(command: str, does: str) -> ArgumentParser:
    """A parser for the words behind `python -m bot COMMAND`. Wrong words, and `--help`, end the process; neither acts.

    Args:
        command: its name.
        does: what it does, for `--help`.
    """
    return ArgumentParser(prog=f"python -m bot {command}", description=does, allow_abbrev=False)

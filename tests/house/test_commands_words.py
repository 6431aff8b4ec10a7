"""Every command prints its usage when asked for help, refuses unknown options, and does nothing in both cases."""

from pathlib import Path

import pytest

from bot.__main__ import COMMANDS, main

WORDS = [["--help"], ["-h"], ["--no-such-option"], ["x", "--help"], ["x", "--no-such-option"]]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_question_for_help_and_an_unknown_option_do_nothing(
    command: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        status = main([command, *words])
    except SystemExit as ended:  # argparse
        status = int(str(ended.code))
    said = capsys.readouterr()
    assert command in said.out + said.err
    assert status == 2 or (status == 0 and "--no-such-option" not in words)
    assert list(tmp_path.iterdir()) == []

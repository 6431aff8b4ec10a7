"""The program as a newcomer starts it (`python -m bot run`): no token, free ports, folders of its own."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Self

from tests.faults.running import ROOT, free_port
from tests.parts import surroundings


class Demo:
    """The running program in `with Demo(folder) as demo`: its phone page, its console and its commands.

    telegram: address of the phone page · url: address of the console and the API · link: signs in on the console.
    """

    def __init__(self, folder: Path, **more: str) -> None:
        """Choose ports; the program starts in `with`. more: other settings by name, without the prefix BUURTSTEM_."""
        self.folder = folder
        self.more = more
        self.http, self.simulator = free_port(), free_port()
        self.link = ""
        self.telegram = f"http://127.0.0.1:{self.simulator}"
        self.url = f"http://127.0.0.1:{self.http}"

    def environment(self) -> dict[str, str]:
        """The environment variables of the program: ours that it needs, and its settings."""
        given = {
            "DATA_DIR": str(self.folder / "data"),
            "KEYS_DIR": str(self.folder / "keys"),
            "HTTP_PORT": str(self.http),
            "HEALTH_PORT": "0",
            "SIMULATOR_PORT": str(self.simulator),
            **self.more,
        }
        return surroundings() | {f"BUURTSTEM_{name}": value for name, value in given.items()}

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=ROOT, env=self.environment(), stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.match(r"Console:\s+(\S+)", line):
                self.link = found[1]
            if line.startswith("Stop:"):
                return self
        raise AssertionError("the program ended before it was ready")

    def __exit__(self, *_: object) -> None:
        """Stop as Ctrl-C does.

        Raises AssertionError when the program ends with another status than 0, or when one of its requests broke the
        published description of the Bot API.
        """
        with urllib.request.urlopen(f"{self.telegram}/sim/violations") as answer:
            violations = json.load(answer)
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        assert status == 0, f"Ctrl-C ends with status {status}"
        assert violations == []

    def command(self, *words: str) -> str:
        """Run `python -m bot WORDS` beside the program; what it prints. Raises CalledProcessError when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT, env=self.environment(), check=True, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        return done.stdout

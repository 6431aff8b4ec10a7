"""`python -m bot run` as anybody starts it: no token, free ports, its own folders."""

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
    """`with Demo(folder) as demo`: the phone page, the console with its link, and the commands beside it."""

    def __init__(self, folder: Path, **more: str) -> None:
        """Nothing is started yet. more: other settings, without their prefix."""
        self.folder = folder
        self.more = more
        self.http, self.simulator = free_port(), free_port()
        self.link = ""
        self.telegram = f"http://127.0.0.1:{self.simulator}"
        self.url = f"http://127.0.0.1:{self.http}"

    def environment(self) -> dict[str, str]:
        """The settings."""
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
        """Stop as Ctrl-C does. Raises AssertionError when a request broke the published description of the Bot API."""
        with urllib.request.urlopen(f"{self.telegram}/sim/violations") as answer:
            violations = json.load(answer)
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        assert status == 0, f"Ctrl-C ends with status {status}"
        assert violations == []

    def command(self, *words: str) -> str:
        """Run another command beside it; what it prints. Raises CalledProcessError."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT, env=self.environment(), check=True, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        return done.stdout

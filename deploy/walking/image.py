"""For the walk: does what the Dockerfile says, in plain folders; a bare Debian with python3 stands in for its base."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

# What the base image brings, and a Debian root lacks.
_BASE = "apt-get -qq install --yes --no-install-recommends python3-venv && ln -sf python3 /usr/bin/python"


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """The instructions in order, each in one line, without comments."""
    bare = re.sub(r"^\s*#.*\n", "", dockerfile, flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", "", bare)
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


class Image:
    """A stage that is being made: a folder, and what its commands run with."""

    def __init__(self, root: Path, network: str) -> None:
        """network: the process in whose network its commands run that need none."""
        self.root = root
        self._network = network
        self._user, self._folder = "root", "/"
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.environment |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}

    def command(self, command: list[str], *, online: bool = False) -> list[str]:
        """How a command of the image is run here. online: with the network of the machine."""
        own = [] if online else ["nsenter", f"--net=/proc/{self._network}/ns/net"]
        who = [] if self._user == "root" else ["setpriv", f"--reuid={self._user}", f"--regid={self._user}",
                                               "--clear-groups", "--no-new-privs"]  # fmt: skip
        settings = [f"{name}={value}" for name, value in self.environment.items()]
        inner = f"cd {self._folder} && exec {shlex.join([*who, *command])}"
        return [*own, "chroot", str(self.root), "env", "-i", *settings, "sh", "-c", inner]

    def run(self, line: str) -> None:
        """RUN: by a shell, with the network of the machine, as a build has it."""
        subprocess.run(self.command(["sh", "-c", line], online=True), check=True, stdin=subprocess.DEVNULL)

    def copy(self, sources: list[Path], target: str) -> None:
        """COPY: files, or what folders hold."""
        place = self.root / Path(self._folder, target).as_posix().lstrip("/")
        for source in sources:
            if source.is_dir():
                shutil.copytree(source, place, dirs_exist_ok=True, symlinks=True)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place)

    def folder(self, path: str) -> None:
        """WORKDIR."""
        self._folder = path
        (self.root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def user(self, name: str) -> None:
        """USER."""
        self._user = name


def context(checkout: Path, to: Path) -> Path:
    """What .dockerignore lets into the build."""
    for line in (checkout / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line.startswith("!"):
            source = checkout / line[1:]
            to.mkdir(exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, to / line[1:], ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, to)
    return to


def main(checkout: Path, root: Path, network: str) -> int:
    """Make both stages in one folder after the other, start the image, ask its health check; exit status."""
    base = Image(root, network)
    base.run(_BASE)
    build = context(checkout, root / "srv" / "context")
    settings: dict[str, str] = {}
    for word, rest in instructions((checkout / "Dockerfile").read_text(encoding="utf-8")):
        print("==", word, rest, flush=True)
        if word == "RUN":
            base.run(rest)
        elif word == "COPY" and "--from" not in rest:  # what another stage made is in this folder already
            *names, target = rest.split()
            base.copy([build if name == "." else build / name for name in names], target)
        elif word == "WORKDIR":
            base.folder(rest)
        elif word == "ENV":
            base.environment |= dict(part.split("=", 1) for part in shlex.split(rest))
            base.environment["PATH"] = base.environment["PATH"].replace("$PATH", os.defpath)
        elif word == "USER":
            base.user(rest)
        elif word in {"ENTRYPOINT", "CMD", "HEALTHCHECK"}:
            settings[word] = rest
    entry = [*json.loads(settings["ENTRYPOINT"]), *json.loads(settings["CMD"])]
    check = json.loads(settings["HEALTHCHECK"].partition("CMD ")[2])
    running = subprocess.Popen(base.command(entry))
    try:
        for _ in range(90):
            time.sleep(1)
            if subprocess.run(base.command(check), check=False, stderr=subprocess.DEVNULL).returncode == 0:
                print("ok: the image serves as its own user, and its health check says so")
                return 0
            if running.poll() is not None:
                break
        print("the image does not serve", file=sys.stderr)
        return 1
    finally:
        running.terminate()
        status = running.wait(60)
        print(f"stopped by SIGTERM with status {status}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))

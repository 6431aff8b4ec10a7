"""For deploy/walk.sh: follows the Dockerfile in a plain folder; a bare Debian with python3 stands in for its base."""

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

# Installs what the base image has and a bare Debian lacks.
_BASE = "apt-get -qq install --yes --no-install-recommends python3-venv && ln -sf python3 /usr/bin/python"


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """(word, rest) of each instruction, in order, joined to one line; comments are left out."""
    bare = re.sub(r"^\s*#.*\n", "", dockerfile, flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", "", bare)
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


class Image:
    """An image that is being made: its root folder, and the user, folder and environment of its commands."""

    def __init__(self, root: Path, network: str) -> None:
        """root: the folder · network: id of a process; commands that need no internet run in its network."""
        self.root = root
        self._network = network
        self._user, self._folder = "root", "/"
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.environment |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}

    def command(self, command: list[str], *, online: bool = False) -> list[str]:
        """The command line that runs a command of the image here. online: with the network of the machine."""
        own = [] if online else ["nsenter", f"--net=/proc/{self._network}/ns/net"]
        who = [] if self._user == "root" else ["setpriv", f"--reuid={self._user}", f"--regid={self._user}",
                                               "--clear-groups", "--no-new-privs"]  # fmt: skip
        settings = [f"{name}={value}" for name, value in self.environment.items()]
        inner = f"cd {self._folder} && exec {shlex.join([*who, *command])}"
        return [*own, "chroot", str(self.root), "env", "-i", *settings, "sh", "-c", inner]

    def run(self, line: str) -> None:
        """RUN: by a shell, with the network of the machine, as in a build. Raises CalledProcessError when it fails."""
        subprocess.run(self.command(["sh", "-c", line], online=True), check=True, stdin=subprocess.DEVNULL)

    def copy(self, sources: list[Path], target: str) -> None:
        """COPY: files, or the content of folders."""
        place = self.root / Path(self._folder, target).as_posix().lstrip("/")
        for source in sources:
            if source.is_dir():
                shutil.copytree(source, place, dirs_exist_ok=True, symlinks=True)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place)

    def folder(self, path: str) -> None:
        """WORKDIR: the folder of later commands; made if it is not there."""
        self._folder = path
        (self.root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def user(self, name: str) -> None:
        """USER: the user of later commands."""
        self._user = name


def context(checkout: Path, to: Path) -> Path:
    """Copy into `to` what .dockerignore lets into the build (its lines that begin with "!"). Returns `to`."""
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
    """Make both stages in the same folder, one after the other, start the image, and ask its health check.

    Returns the exit status: 1 when it does not serve within 90 tries, one a second.
    """
    base = Image(root, network)
    base.run(_BASE)
    build = context(checkout, root / "srv" / "context")
    settings: dict[str, str] = {}
    for word, rest in instructions((checkout / "Dockerfile").read_text(encoding="utf-8")):
        print("==", word, rest, flush=True)
        if word == "RUN":
            base.run(rest)
        elif word == "COPY" and "--from" not in rest:  # files of another stage are in this folder already
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

"""A PostgreSQL of the tests' own: on a free port, as a non-root user, in a temporary folder, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.parts import missing

SUPERUSER = "buurtstem"
START_TRIES = 5


class PostgresServer:
    """A PostgreSQL server that can be stopped, killed, paused and started again on the same port and data.

    It is a durability test bed: `fsync` stays on unless asked otherwise.
    """

    def __init__(self, programs: Path, *, fsync: bool = True) -> None:
        self.programs = programs
        self.fsync = fsync
        self.port = 0
        self.folder = Path(tempfile.mkdtemp(prefix="buurtstem-postgres-"))
        self.data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._identity: dict[str, Any] = {"cwd": self.folder}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = _unprivileged_user()
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._identity |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", str(self.data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")

    def url(self, database: str = "postgres") -> str:
        """Give the address of a database as `DATABASE_URL` wants it."""
        return f"postgresql+asyncpg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start and wait until it answers; RuntimeError when it does not. The port stays the same over restarts."""
        for _ in range(1 if self.port else START_TRIES):
            port = self.port or _free_port()
            if self._start_on(port):
                self.port = port
                return
        raise RuntimeError(f"PostgreSQL does not start: {self.log[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT ends every connection at once, SIGQUIT is a crash that start() must recover from."""
        if self._process is not None:
            self.resume()
            self._process.send_signal(how)
            self._process.wait(timeout=60)
            self._process = None

    def pause(self) -> None:
        """Freeze every process of the server: connections stay open and nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._signal_all(signal.SIGCONT)

    def remove(self) -> None:
        """Stop and take the data away."""
        self.stop()
        shutil.rmtree(self.folder)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement through psql; give its bare output. Raises RuntimeError with psql's error."""
        place = ("-h", str(self.folder), "-p", str(self.port), "-U", SUPERUSER, "-d", database)
        return self._run("psql", *place, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement).strip()

    @property
    def pid(self) -> int:
        """The server's own process, below which all others of it are. Raises RuntimeError when it does not run."""
        if self._process is None:
            raise RuntimeError("the PostgreSQL server does not run")
        return self._process.pid

    @property
    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "log").read_text(errors="replace")

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._identity)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.strip()}")
        return str(done.stdout)

    def _start_on(self, port: int) -> bool:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": self.folder,
            "fsync": "on" if self.fsync else "off",
            "max_connections": 200,
        }
        command = [str(self.programs / "postgres"), "-D", str(self.data)]
        command += [f"--{name}={value}" for name, value in options.items()]
        with (self.folder / "log").open("ab") as log:
            # A session of its own: Ctrl-C on the tests must reach it by stop() only.
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **self._identity)
        place = ("-h", "127.0.0.1", "-p", str(port), "-t", "1")
        while self._process.poll() is None:
            ready = subprocess.run([self.programs / "pg_isready", "-q", *place], check=False)
            if ready.returncode == 0 and (self.data / "postmaster.pid").exists():
                return True
        self._process = None
        return False

    def _signal_all(self, which: signal.Signals) -> None:
        if self._process is None:
            return
        # Back ends have process groups of their own; /proc names the children of the server.
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for process in (pid, *map(int, children)):
            with suppress(ProcessLookupError):  # a back end that ended at this very moment
                os.kill(process, which)


def start_postgres(*, fsync: bool = True) -> PostgresServer:
    """Start a new server, or skip the calling test when PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        missing("PostgreSQL", "apt-get install postgresql")
    server = PostgresServer(programs, fsync=fsync)
    try:
        server.start()
    except BaseException:
        server.remove()
        raise
    return server


def _programs() -> Path | None:
    # Debian keeps the server's programs off PATH, one folder a version: the newest last.
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    places = [os.environ.get("PATH", os.defpath), *map(str, reversed(debian))]
    found = shutil.which("initdb", path=os.pathsep.join(places))
    return Path(found).resolve().parent if found else None


def _unprivileged_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

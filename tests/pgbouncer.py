"""A PgBouncer of the tests' own in transaction mode, in front of the tests' PostgreSQL."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from tests.parts import ROOT, missing
from tests.postgres import SUPERUSER, PostgresServer

START_SECONDS = 10.0
SHIPPED = ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini"


@contextmanager
def pgbouncer(server: PostgresServer, sessions: int = 2, **changed: str) -> Iterator[int]:
    """Run a PgBouncer; its port on 127.0.0.1. All clients share `sessions`, so each transaction may get another one.

    It runs with the settings that `deploy/` ships, except for addresses, user and `changed` (setting -> value).
    Skips the calling test when PgBouncer is not installed. Raises RuntimeError when it does not start.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if program is None:
        missing("PgBouncer", "apt-get install pgbouncer")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="buurtstem-pgbouncer-") as folder:
        file = Path(folder, "pgbouncer.ini")
        text = re.sub(r"^buurtstem = .*", "* = host=127.0.0.1", SHIPPED.read_text(), flags=re.MULTILINE)
        # With auth_type=any everybody is the user named here.
        text = text.replace("127.0.0.1", f"127.0.0.1 user={SUPERUSER} port={server.port}", 1)
        for name, value in {
            "listen_port": port, "auth_type": "any", "auth_file": "", "default_pool_size": sessions, **changed
        }.items():  # fmt: skip
            text = re.sub(rf"^{name} = .*\n", "", text, flags=re.MULTILINE) + (f"{name} = {value}\n" if value else "")
        file.write_text(text)
        file.chmod(0o644)
        Path(folder).chmod(0o755)
        identity = {"user": "nobody"} if os.geteuid() == 0 else {}
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen([program, str(file)], stdout=log, stderr=log, **identity)  # type: ignore[call-overload]
        try:
            _wait(process, port, Path(folder, "log"))
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = monotonic() + START_SECONDS
    while process.poll() is None and monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        sleep(0.05)
    raise RuntimeError(f"PgBouncer does not start: {log.read_text()[-2000:]}")

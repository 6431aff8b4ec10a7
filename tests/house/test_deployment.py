"""`deploy/`, compose.yaml, docs/operations.md: systemd and nginx accept their files, and the page says what is true."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from bot.process import metrics
from bot.process.health import PORTS
from bot.run import ROLES
from bot.settings import PREFIX, read_settings
from tests.house.source import ROOMS
from tests.parts import ROOT, missing

DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
# In the page's table of error lines: numbers, names and places that the program fills in, and PgBouncer's words.
PUT_IN = r"…|team-\d+\.key|\d+|\(.*?\)|/telegram|^BUURTSTEM_\w+:?|BUURTSTEM_BOT_TOKEN|is wrong: |query_wait_timeout"
HARDENED = {
    "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes",
    "PrivateDevices=yes", "RestrictNamespaces=yes", "SystemCallFilter=@system-service", "UMask=0077",
}  # fmt: skip


def program(name: str, package: str) -> str:
    """Where a program is; skips the calling test when it is not installed."""
    found = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")
    if found is None:
        missing(name, f"apt-get install {package}")
    return found


def accepted(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_accepts_every_unit(tmp_path: Path) -> None:
    analyze = program("systemd-analyze", "systemd")
    shutil.copytree(UNITS, tmp_path, dirs_exist_ok=True)
    for unit in tmp_path.rglob("*.service"):  # here nothing is installed
        text = unit.read_text().replace("/opt/buurtstem/.venv/bin/python", "/bin/true")
        unit.write_text(text.replace("WorkingDirectory=/opt/buurtstem", "WorkingDirectory=/"))
    (tmp_path / "buurtstem@.service").rename(tmp_path / "buurtstem@web.service")
    names = [str(path) for path in sorted(tmp_path.glob("*.*")) if path.is_file()]
    assert len(names) == 6
    said = accepted([analyze, "verify", "--man=no", *names])
    assert "buurtstem" not in said, said


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda path: path.name)
def test_every_unit_runs_as_its_own_user_with_nothing_but_its_folders(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    assert {*HARDENED, "User=buurtstem", "EnvironmentFile=/etc/buurtstem/buurtstem.env"} <= set(lines)
    (start,) = (line for line in lines if line.startswith("ExecStart="))
    command = start.split(" -m bot ")[1].split()[0]
    assert command == "%i" or command in {*ROLES, "backup", "keys"}


def test_the_file_of_settings_is_read_without_complaint(tmp_path: Path) -> None:
    lines = (DEPLOY / "buurtstem.env").read_text().splitlines()
    given = dict(line.lstrip("#").replace('"', "").split("=", 1) for line in lines if re.match(r"#?BUURTSTEM_", line))
    secrets = {"BOT_TOKEN": "123456:token", "WEBHOOK_SECRET": "0" * 32, "DATABASE_URL": "postgresql://a:b@c/d"}
    for name, value in secrets.items():
        (tmp_path / name).write_text(value)
        assert given[f"{PREFIX}{name}_FILE"].startswith("/etc/buurtstem/")
        given[f"{PREFIX}{name}_FILE"] = str(tmp_path / name)
    settings = read_settings(given)
    assert (settings.listen, settings.trusted_proxies) == ("webhook", ("127.0.0.1",))
    assert settings.webhook_url == settings.public_url + "/telegram"


def test_nginx_accepts_its_file(tmp_path: Path) -> None:
    nginx, openssl = program("nginx", "nginx-light"), program("openssl", "openssl")
    text = (DEPLOY / "nginx" / "buurtstem.conf").read_text()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=buurt.example", "-keyout", str(key)]
    accepted([openssl, *made, "-out", str(certificate)])
    text = re.sub(r"ssl_certificate_key .*;", f"ssl_certificate_key {key};", text)
    text = re.sub(r"ssl_certificate /.*;", f"ssl_certificate {certificate};", text)
    # Never on an address that others reach; nginx opens its ports even for a look.
    text = re.sub(r"listen \[::\].*\n", "", text).replace("listen 80", "listen 127.0.0.1:18480")
    text = text.replace("listen 443", "listen 127.0.0.1:18443")
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{text}}}\n")
    assert "test is successful" in accepted([nginx, "-t", "-p", str(tmp_path), "-c", str(whole)])


def test_compose_names_what_each_service_needs() -> None:
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    _, _, rest = compose.partition("\nservices:\n")
    services, _, _ = rest.partition("\nnetworks:\n")
    shared = compose.partition("x-program: &program\n")[2].partition("\nservices:\n")[0]
    found = dict(re.findall(r"^  (\w+):\n((?:^(?:    .*)?\n)+)", services + "\n", re.MULTILINE))
    assert set(found) == {"buurtstem", "backup", "proxy", "database"}
    for name, text in found.items():
        whole = text + (shared if "<<: *program" in text else "")
        for wanted in ("mem_limit: ", "pids_limit: ", "restart: unless-stopped"):
            assert wanted in whole, (name, wanted)
        if name != "buurtstem":  # the image has one
            assert "healthcheck:" in text, name
    assert "stop_grace_period: 30s" in found["buurtstem"]
    assert "backup:/srv/backup" in found["backup"]
    assert "/srv/backup" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "./deploy/caddy/Caddyfile:/etc/caddy/Caddyfile:ro" in found["proxy"]
    assert re.findall(r"^    ports:$", services, re.MULTILINE) == ["    ports:"], (
        "only the proxy is reached from outside"
    )
    volumes = compose.partition("\nvolumes:\n")[2].partition("\n\n")[0].replace(":", "").split()
    assert set(volumes) == set(re.findall(r"^      - (\w+):/", services, re.MULTILINE))


def test_every_block_of_the_steps_is_a_shell_script_that_uses_what_is_there() -> None:
    assert len(BLOCKS) > 10
    for block in BLOCKS:
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)
        for path in re.findall(r"(?<![\w/])(?:/opt/buurtstem/)?(deploy/[\w./@-]+)", block):
            assert list(ROOT.glob(path.rstrip("/"))) or path.endswith("/"), path
    assert all(str(port) in PAGE for port in PORTS.values())


def test_every_alarm_is_about_a_series_that_there_is() -> None:
    there = generate_latest(metrics.REGISTRY).decode()
    named = set(re.findall(r"buurtstem_\w+", PAGE.partition("Raise an alarm on")[2].partition("## Containers")[0]))
    assert len(named) >= 8
    assert [name for name in named if not re.search(rf"^{name}[ {{]", there, re.MULTILINE)] == []


def said_by_the_program() -> str:
    """All string literals of the program's Python files, one a line, with … for each value that is filled in."""
    texts = []
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = (
                        str(part.value) if isinstance(part, ast.Constant) else _put_in(part) for part in node.values
                    )
                    texts.append("".join(parts))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.append(node.value)
    return "\n".join(texts).replace("`", "'")


def _put_in(part: ast.expr) -> str:
    name = part.value if isinstance(part, ast.FormattedValue) else part
    return PREFIX if isinstance(name, ast.Name) and name.id == "PREFIX" else "…"


def test_the_lines_of_the_mishaps_are_those_that_the_program_says() -> None:
    said = said_by_the_program()
    rows = re.findall(r"^\| `([^`]+)`", PAGE.partition("| what you see |")[2].partition("\n\n")[0], re.MULTILINE)
    assert len(rows) >= 18
    for row in rows:
        pieces = [piece.strip(" :;-.,?") for piece in re.split(PUT_IN, row) if len(piece.split()) >= 3]
        assert pieces, row
        assert [piece for piece in pieces if piece not in said] == [], row


@pytest.mark.parametrize("script", ["walk.sh", "buurtstem", "walking/systemctl", "walking/certbot", "walking/online"])
def test_every_script_is_one_and_may_be_run(script: str) -> None:
    path = DEPLOY / script
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", path], check=True)


def test_the_walk_takes_every_block_in_its_order(tmp_path: Path) -> None:
    page = ROOT / "docs" / "operations.md"
    subprocess.run([sys.executable, DEPLOY / "walking" / "blocks.py", page, tmp_path], check=True)
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == BLOCKS


@pytest.mark.proof
@pytest.mark.parametrize("what", ["steps", "image"])
def test_a_bare_debian_becomes_a_running_buurtstem(what: str) -> None:
    if os.geteuid() != 0:
        missing("root", "run it as root: it makes a root of its own", optional=True)
    program("mmdebstrap", "mmdebstrap")
    subprocess.run([DEPLOY / "walk.sh", what], check=True, stdin=subprocess.DEVNULL)

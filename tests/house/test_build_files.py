"""The files that build and run the house: lock files, Makefile, container, continuous integration."""

import json
import os
import re
import subprocess
import sys
import tomllib
import urllib.request
from importlib.metadata import packages_distributions

import pytest

from bot.process.health import PORTS
from tests.house.source import ROOMS, our_files, sources
from tests.parts import ROOT

LOCKS = ["requirements.lock", "requirements-dev.lock"]
HOUSE_COMMANDS = {"run", "test", "check", "proof", "bench", "doctor"}
SECRETS = re.compile(r"^ +(BUURTSTEM|POSTGRES)_\w*(TOKEN|PASSWORD|SECRET|DATABASE_URL)\w*", re.MULTILINE)
# Written in parts, so that this file does not match itself.
MACHINE = re.compile(
    r"""(?<!no-emit-)(index|find)-(url|links)\b | pypi\.(org/simple|python) | python[h]osted
    | (?<![\w.$}-])/(home|root|work|tmp|Users)/\w""",
    re.VERBOSE,
)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pinned(lock: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", text(lock), re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in found}


def make_targets() -> set[str]:
    return set(re.findall(r"^([\w-]+):(?!=)", text("Makefile"), re.MULTILINE))


def test_every_requirement_of_the_project_is_locked_at_its_version() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    wanted = {LOCKS[0]: project["dependencies"], LOCKS[1]: project["optional-dependencies"]["dev"]}
    for lock, requirements in wanted.items():
        for requirement in requirements:
            name, _, version = requirement.partition("==")
            assert pinned(lock)[name.partition("[")[0]] == version, f"{requirement}: make lock"


def test_the_tests_run_with_the_versions_that_the_product_runs_with() -> None:
    assert pinned(LOCKS[0]).items() <= pinned(LOCKS[1]).items()


def test_everything_that_is_imported_is_locked() -> None:
    distributions = packages_distributions()
    for source in sources():
        lock = pinned(LOCKS[0] if source.room in ROOMS else LOCKS[1])
        for line, package in source.imports:
            if package not in sys.stdlib_module_names | {*ROOMS, "tests", "bench", ""}:
                found = {name.lower().replace("_", "-") for name in distributions.get(package, [])}
                assert found & lock.keys(), f"{source.name}:{line} {package} is in no lock file"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    packages = re.findall(r"^[\w.-]+==(?:.*\\\n)*.*", text(lock), re.MULTILINE)
    assert len(packages) == len(pinned(lock)) > len(ROOMS)
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_no_file_names_a_package_index_or_a_folder_of_one_machine() -> None:
    found = []
    for path in our_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:  # a picture or a recording
            continue
        found += [f"{path.relative_to(ROOT)}:{n}" for n, line in enumerate(lines, 1) if MACHINE.search(line)]
    assert found == []


@pytest.mark.parametrize("line", ["--index" + "-url https://x", "--find" + "-links /x", 'open("/' + 'home/someone/x")'])
def test_such_a_line_would_be_found(line: str) -> None:
    assert MACHINE.search(line)


def test_the_makefile_has_what_the_house_and_the_readme_promise() -> None:
    promised = set(re.findall(r"`make (\w+)", text("README.md")))
    assert promised >= HOUSE_COMMANDS
    assert promised <= make_targets()


def test_continuous_integration_installs_what_the_tests_would_skip_without() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)
    assert "BUURTSTEM_REQUIRE_ALL=1 exec make test" in script.read_text()
    lines = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("*.py")] + [text("Makefile")]
    wanted = set(re.findall(r"apt-get install ((?:[a-z]\w+-?)+(?: chromium-driver)?)", "".join(lines)))
    assert {"postgresql", "chromium chromium-driver", "python3-venv"} <= wanted
    for packages in wanted:
        assert all(package in script.read_text() for package in packages.split()), packages


def test_the_container_is_not_root_has_an_init_and_a_health_check_and_uses_the_lock() -> None:
    dockerfile = text("Dockerfile")
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE)[-1] not in {"root", "0"}
    assert re.search(r"^ENTRYPOINT \[\"tini\", \"--\"", dockerfile, re.MULTILINE)
    assert "--require-hashes -r requirements.lock" in dockerfile


def test_the_container_can_read_a_program_that_was_checked_out_for_its_owner_alone() -> None:
    _, copied, after = text("Dockerfile").rpartition("\nCOPY . .\n")
    assert copied
    assert re.search(r"^RUN chmod -R a\+rX \.$.*^USER ", after, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("port", ["", "9191"])
def test_the_health_check_asks_at_the_port_that_is_set(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (command,) = re.findall(r"^HEALTHCHECK .*\\\n +CMD (.+)$", text("Dockerfile"), re.MULTILINE)
    asked: list[str] = []
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: asked.append(url))
    monkeypatch.setenv("BUURTSTEM_HEALTH_PORT", port)
    exec(json.loads(command)[2])
    assert asked == [f"http://127.0.0.1:{port or PORTS['run']}/healthz"]
    assert f"BUURTSTEM_HEALTH_PORT={PORTS['run']}\n" in text("Dockerfile")


def test_nothing_enters_the_image_but_the_program() -> None:
    lines = text(".dockerignore").splitlines()
    assert "*" in lines
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert let_in == {*ROOMS, "requirements.lock", "alembic.ini", "LICENSE"}
    assert not re.search(r"^(ARG|ENV)?.*(TOKEN|PASSWORD|SECRET)", text("Dockerfile"), re.MULTILINE)


def test_secrets_are_files_that_git_does_not_keep() -> None:
    compose = text("compose.yaml")
    named = [match.group().strip() for match in SECRETS.finditer(compose)]
    assert len(named) == len(re.findall(r"file: secrets/\w+", compose)) == 3
    assert all(name.endswith("_FILE") for name in named), named
    assert "/secrets/" in text(".gitignore").splitlines()


def test_data_and_keys_are_volumes_apart() -> None:
    assert re.search(r"- data:/srv/data\n +- keys:/srv/keys\n", text("compose.yaml"))

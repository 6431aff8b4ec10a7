"""The settings: each mistake is one line that names the setting, and nothing secret is ever shown."""

from dataclasses import fields
from pathlib import Path

import pytest

from bot.commands.command import with_settings
from bot.commands.words import WRONG
from bot.settings import LOCAL_TOKEN, PREFIX, TELEGRAM, Settings, WrongSetting, read_settings
from domain.broadcasts.rules import APPROVAL_FROM
from tests.opened import logging_as_before

__all__ = ["logging_as_before"]

TOKEN = "123456789:AAH-a_token_of_35_characters_or_so"
SECRET = "a-webhook-secret-of-more-than-32-characters"
PASSWORD_URL = "postgresql://buurtstem:very-secret@db/buurtstem"
RESPONSIBLE = {"RESPONSIBLE_NAME": "Stichting Buurt", "RESPONSIBLE_CONTACT": "020-1234567"}
REAL = {"BOT_TOKEN": TOKEN, **RESPONSIBLE}


def read(**given: str) -> Settings:
    """Read settings from these names (without the prefix) and values. Raises WrongSetting."""
    return read_settings({PREFIX + name: value for name, value in given.items()})


def test_without_any_setting_the_local_telegram_is_used() -> None:
    settings = read()
    assert settings.local_telegram
    assert settings.telegram_is_here
    assert (settings.token, settings.telegram_url) == (LOCAL_TOKEN, "http://127.0.0.1:8081")
    assert (settings.http_host, settings.http_port, settings.listen, settings.language) == (
        "127.0.0.1", 8080, "polling", "nl",
    )  # fmt: skip
    assert settings.database_url == f"sqlite+aiosqlite:///{Path('data').resolve()}/buurtstem.db"
    assert settings.phones["danger"] == "112"


def test_with_a_token_and_who_is_responsible_telegram_itself_is_used() -> None:
    settings = read(**REAL)
    assert (settings.telegram_url, settings.local_telegram, settings.telegram_is_here) == (TELEGRAM, False, False)


@pytest.mark.parametrize("url", ["https://buurt.example:8443", "http://[::1]:8080", "http://localhost"])
def test_an_address_may_have_a_port_or_be_a_number(url: str) -> None:
    assert read(**REAL if url.startswith("https:") else {}, PUBLIC_URL=url).public_url == url


def test_another_server_may_be_named() -> None:
    settings = read(TELEGRAM_API_URL="http://127.0.0.1:9999/", BOT_TOKEN=TOKEN, CLOCK="file:clock")
    assert (settings.telegram_url, settings.telegram_is_here) == ("http://127.0.0.1:9999", True)


def test_the_pages_are_opened_at_the_public_address_where_there_is_one() -> None:
    assert read(HTTP_PORT="81").console_url == "http://127.0.0.1:81"
    assert read(**REAL, PUBLIC_URL="https://buurt.example/").console_url == "https://buurt.example"
    assert read(PUBLIC_URL="http://127.0.0.1:8443").public_url == "http://127.0.0.1:8443"


@pytest.mark.parametrize(
    ("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("10.0.0.7", "10.0.0.7")]
)
def test_without_a_public_address_the_pages_are_opened_where_a_browser_can(host: str, shown: str) -> None:
    assert read(HTTP_HOST=host).console_url == f"http://{shown}:8080"


def test_from_how_many_recipients_a_second_person_approves_may_be_set() -> None:
    assert (read().approval_from, read(APPROVAL_FROM="1").approval_from) == (APPROVAL_FROM, 1)


def test_an_empty_setting_is_like_none() -> None:
    assert read(HTTP_PORT="", LISTEN=" ", BOT_TOKEN="") == read()


WEBHOOK = {**REAL, "LISTEN": "webhook", "WEBHOOK_URL": "https://bot.example/telegram", "WEBHOOK_SECRET": SECRET}
WRONG_ONES = [
    ("BOT_TOKEN", {"BOT_TOKEN": "not a token"}),
    ("BOT_TOKEN", {"TELEGRAM_API_URL": TELEGRAM}),
    ("RESPONSIBLE_NAME", {"BOT_TOKEN": TOKEN, "RESPONSIBLE_CONTACT": "x"}),
    ("RESPONSIBLE_CONTACT", {"BOT_TOKEN": TOKEN, "RESPONSIBLE_NAME": "x"}),
    ("TELEGRAM_API_URL", {"TELEGRAM_API_URL": "api.example", "BOT_TOKEN": TOKEN}),
    ("LISTEN", {"LISTEN": "telnet"}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": ""}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": "http://bot.example"}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": "http://127.0.0.1.example/x"}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": "https://"}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": "https://bot.example:99999999/telegram"}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": "https://bot.example/tele gram"}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": "https://bot.example/hook"}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": "https://bot.example"}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": "https://bot.example/telegram/"}),
    ("WEBHOOK_URL", {**WEBHOOK, "WEBHOOK_URL": "https://bot.example/?x=/telegram"}),
    ("WEBHOOK_SECRET", {**WEBHOOK, "WEBHOOK_SECRET": ""}),
    ("WEBHOOK_SECRET", {**WEBHOOK, "WEBHOOK_SECRET": "a" * 31}),
    ("WEBHOOK_SECRET", {**WEBHOOK, "WEBHOOK_SECRET": "a" * 31 + "!"}),
    ("PUBLIC_URL", {"PUBLIC_URL": "buurt.example"}),
    ("BOT_TOKEN", {"PUBLIC_URL": "https://buurt.example"}),
    ("BOT_TOKEN", {"PUBLIC_URL": "https://127.0.0.1:8443", "TELEGRAM_API_URL": "http://127.0.0.1:9"}),
    ("PUBLIC_URL", {"PUBLIC_URL": "https://buurt.example/pages"}),
    ("PUBLIC_URL", {"PUBLIC_URL": "https://buurt.example?x=1 2"}),
    ("PUBLIC_URL", {"PUBLIC_URL": "https://..."}),
    ("PUBLIC_URL", {"PUBLIC_URL": "https://buurt.example:65536"}),
    ("PUBLIC_URL", {"PUBLIC_URL": "https://:443"}),
    ("PUBLIC_URL", {**REAL, "PUBLIC_URL": "http://buurt.example"}),
    ("HTTP_PORT", {"HTTP_PORT": "eighty"}),
    ("HTTP_PORT", {"HTTP_PORT": "65536"}),
    ("HTTP_PORT", {"HTTP_PORT": "-1"}),
    ("HTTP_PORT", {"HTTP_PORT": "²"}),
    ("SIMULATOR_PORT", {"SIMULATOR_PORT": "8081.5"}),
    ("APPROVAL_FROM", {"APPROVAL_FROM": "0"}),
    ("APPROVAL_FROM", {"APPROVAL_FROM": "-1"}),
    ("APPROVAL_FROM", {"APPROVAL_FROM": "many"}),
    ("DEFAULT_LANGUAGE", {"DEFAULT_LANGUAGE": "xx"}),
    ("TIMEZONE", {"TIMEZONE": "Europe/Osdorp"}),
    ("TIMEZONE", {"TIMEZONE": "Europe/Paris"}),
    ("TIMEZONE", {"TIMEZONE": "../../etc/passwd"}),
    ("CLOCK", {"CLOCK": "tomorrow"}),
    ("CLOCK", {"CLOCK": "file:"}),
    ("CLOCK", {**REAL, "CLOCK": "file:clock"}),
    ("LOG_LEVEL", {"LOG_LEVEL": "everything"}),
    ("KEYS_DIR", {"DATA_DIR": "data", "KEYS_DIR": "data"}),
    ("KEYS_DIR", {"DATA_DIR": "data", "KEYS_DIR": "data/keys/deep"}),
    ("KEYS_DIR", {"DATA_DIR": "keys/data", "KEYS_DIR": "keys"}),
    ("KEYS_DIR", {"DATA_DIR": "a/../data", "KEYS_DIR": "./data/keys"}),
]


@pytest.mark.parametrize(("name", "given"), WRONG_ONES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_wrong_setting_is_one_line_that_names_it(name: str, given: dict[str, str]) -> None:
    with pytest.raises(WrongSetting) as caught:
        read(**given)
    said = str(caught.value)
    assert PREFIX + name in said
    assert "\n" not in said
    assert not [secret for secret in (TOKEN, SECRET) if secret in said]


def test_keys_may_lie_beside_the_data_but_a_link_does_not_hide_that_they_lie_inside(tmp_path: Path) -> None:
    (tmp_path / "data" / "inside").mkdir(parents=True)
    (tmp_path / "keys").symlink_to(tmp_path / "data" / "inside")
    assert read(DATA_DIR=str(tmp_path / "data"), KEYS_DIR=str(tmp_path / "data-keys"))
    with pytest.raises(WrongSetting, match=r"KEYS_DIR and .* lie one inside the other"):
        read(DATA_DIR=str(tmp_path / "data"), KEYS_DIR=str(tmp_path / "keys"))


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    for name, value in (("BOT_TOKEN", TOKEN), ("DATABASE_URL", PASSWORD_URL), ("WEBHOOK_SECRET", SECRET)):
        (tmp_path / name).write_text(value + "\n")
    files = {f"{name}_FILE": str(tmp_path / name) for name in ("BOT_TOKEN", "DATABASE_URL", "WEBHOOK_SECRET")}
    settings = read(**RESPONSIBLE, **files)
    assert (settings.token, settings.database_url, settings.webhook_secret) == (TOKEN, PASSWORD_URL, SECRET)


def test_a_file_of_a_secret_that_is_of_no_use_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path, says in (("missing", "No such file"), ("empty", "is empty"), ("binary", "no text"), ("", "can't be")):
        with pytest.raises(WrongSetting, match=rf"BUURTSTEM_BOT_TOKEN_FILE.*{says}"):
            read(BOT_TOKEN_FILE=str(tmp_path / path))
    with pytest.raises(WrongSetting, match="BOT_TOKEN and BUURTSTEM_BOT_TOKEN_FILE are both set"):
        read(BOT_TOKEN=TOKEN, BOT_TOKEN_FILE=str(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("misspelt", "right"),
    [
        ("BOT_TOKN", "BOT_TOKEN"), ("DATABSE_URL", "DATABASE_URL"), ("LISTENS", "LISTEN"),
        ("PHONE_POLITIE", "PHONE_POLICE"),
        ("bot_token", "BOT_TOKEN"), ("BOT_TOKEN_FIL", "BOT_TOKEN_FILE"),
        ("HTTP_PORT_FILE", "HTTP_PORT"),  # what is no secret is not read from a file
    ],
)  # fmt: skip
def test_a_name_that_is_no_setting_is_refused_with_the_nearest_right_one(misspelt: str, right: str) -> None:
    with pytest.raises(WrongSetting, match=rf"^{PREFIX}{misspelt} is no setting: do you mean {PREFIX}{right}\?$"):
        read(**{misspelt: "x"})
    with pytest.raises(WrongSetting, match="buurtstem_listen is no setting: do you mean BUURTSTEM_LISTEN"):
        read_settings({"buurtstem_listen": "webhook"})
    assert read(REQUIRE_ALL="1") == read_settings({"OTHER_PREFIX": "x"}) == read()


def test_nothing_secret_is_shown() -> None:
    shown = repr(read(**WEBHOOK, DATABASE_URL=PASSWORD_URL))
    assert not [secret for secret in (TOKEN, SECRET, "very-secret") if secret in shown]
    assert {field.name for field in fields(Settings) if not field.repr} == {"token", "database_url", "webhook_secret"}


@pytest.mark.usefixtures("logging_as_before")
def test_a_command_ends_with_one_line_and_status_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PREFIX + "HTTP_PORT", f"{TOKEN}")
    assert with_settings(lambda _: 0) == WRONG == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(PREFIX + "HTTP_PORT")
    assert TOKEN not in said

"""The settings: read from the environment, by this file alone, and checked; each mistake is said in one line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from domain.broadcasts.rules import APPROVAL_FROM
from domain.text_files import decoded
from domain.wall_clock import TIMEZONE
from locales.texts import LANGUAGES

PREFIX = "BUURTSTEM_"
HOOK_PATH = "/telegram"  # where the webhook is served
TELEGRAM = "https://api.telegram.org"
# The local Telegram takes any token of this form; this one opens nothing anywhere else.
LOCAL_TOKEN = "424242:local-telegram-only"  # noqa: S105
LEGAL_TEXTS = ("texts", "privacy", "dpia", "processing")
_SIGNED_FORM = re.compile(rf"({'|'.join(LEGAL_TEXTS)})=\S.* \d{{4}}-\d\d-\d\d")
# Names that tests and their machine read, not the program.
_NOT_OURS = {PREFIX + "REQUIRE_ALL"}
_SECRETS = {"BOT_TOKEN", "DATABASE_URL", "WEBHOOK_SECRET"}
_TOKEN_FORM = re.compile(r"^[0-9]+:[A-Za-z0-9_-]+$")
_SECRET_FORM = re.compile(r"^[A-Za-z0-9_-]{32,256}$")
_HOST = r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])"
_ADDRESS_FORM = re.compile(rf"https?://{_HOST}(?::([0-9]{{1,5}}))?(/\S*)?")
_LOCAL_HOSTS = re.compile(r"^https?://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)")


Default = TypeVar("Default", int, None)


class WrongSetting(Exception):
    """A setting that is missing or wrong. The message is one line that names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a deployment decides. Secrets are never shown.

    token: LOCAL_TOKEN where none was given · local_telegram: this program starts the local Telegram · listen: `polling`
    or `webhook` · health_port: None for the usual one of the role · clock: as bot.process.clock.make_clock takes it ·
    phones: name -> telephone number · signed_off: those of LEGAL_TEXTS that were · trusted_proxies: addresses and
    networks · notify_socket: systemd's, "" without it.
    """

    token: str = field(repr=False)
    local_telegram: bool
    telegram_url: str
    responsible_name: str
    responsible_contact: str
    database_url: str = field(repr=False)
    data_dir: Path
    keys_dir: Path
    listen: str
    webhook_url: str
    webhook_secret: str = field(repr=False)
    http_host: str
    http_port: int
    health_host: str
    health_port: int | None
    simulator_port: int
    language: str
    clock: str
    log_level: str
    phones: Mapping[str, str]
    approval_from: int = APPROVAL_FROM
    public_url: str = ""
    signed_off: frozenset[str] = frozenset()
    trusted_proxies: tuple[str, ...] = ()
    notify_socket: str = ""

    @property
    def bot_id(self) -> int:
        """Telegram's number of the bot: it stays when the bot gets a new token."""
        return int(self.token.partition(":")[0])

    @property
    def demo(self) -> bool:
        """Whether no token of a bot was given: the program then runs as a demonstration."""
        return self.token == LOCAL_TOKEN

    @property
    def console_url(self) -> str:
        """Where people open the pages: the public address, else the one that this program listens on."""
        # A program that listens on every address of this machine is opened at the local one.
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.http_host, self.http_host)  # noqa: S104
        return self.public_url or f"http://{f'[{host}]' if ':' in host else host}:{self.http_port}"

    @property
    def telegram_is_here(self) -> bool:
        """Whether the Bot API in use is on this machine: only then may time be moved."""
        return bool(_LOCAL_HOSTS.match(self.telegram_url))


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from the environment (or the mapping given). Raises WrongSetting."""
    given = _Given(os.environ if environment is None else environment)
    token, url = given("BOT_TOKEN"), given("TELEGRAM_API_URL").rstrip("/")
    simulator_port = given.port("SIMULATOR_PORT", 8081)
    if token and not _TOKEN_FORM.match(token):
        raise WrongSetting(f"{PREFIX}BOT_TOKEN is not a bot token: copy it whole from @BotFather")
    local = not token and not url
    data_dir = Path(given("DATA_DIR") or "data")
    given.one_of("TIMEZONE", (TIMEZONE.key,))  # the rules of the domain are in its time
    settings = Settings(
        token=token or LOCAL_TOKEN,
        local_telegram=local,
        telegram_url=url or (f"http://127.0.0.1:{simulator_port}" if local else TELEGRAM),
        responsible_name=given("RESPONSIBLE_NAME"),
        responsible_contact=given("RESPONSIBLE_CONTACT"),
        database_url=given("DATABASE_URL") or f"sqlite+aiosqlite:///{data_dir.resolve()}/buurtstem.db",
        data_dir=data_dir,
        keys_dir=Path(given("KEYS_DIR") or "keys"),
        listen=given.one_of("LISTEN", ("polling", "webhook")),
        webhook_url=given("WEBHOOK_URL"),
        webhook_secret=given("WEBHOOK_SECRET"),
        http_host=given("HTTP_HOST") or "127.0.0.1",
        http_port=given.port("HTTP_PORT", 8080),
        health_host=given("HEALTH_HOST") or "127.0.0.1",
        health_port=given.port("HEALTH_PORT", None),
        simulator_port=simulator_port,
        language=given.one_of("DEFAULT_LANGUAGE", LANGUAGES),
        clock=given("CLOCK"),
        log_level=given.one_of("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
        phones=given.phones(),
        approval_from=given.count("APPROVAL_FROM", APPROVAL_FROM),
        public_url=given("PUBLIC_URL").rstrip("/"),
        signed_off=given.signed_off(),
        trusted_proxies=given.networks("TRUSTED_PROXIES"),
        notify_socket=given.systemd_socket(),
    )
    given.refuse_unknown()
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    _check_telegram(settings)
    if settings.public_url and not _is_address(settings.public_url, path=False):
        raise WrongSetting(f"{PREFIX}PUBLIC_URL is no address: it must be like https://buurt.example, without a path")
    if settings.demo and settings.public_url.startswith("https:"):
        raise WrongSetting(
            f"{PREFIX}BOT_TOKEN is missing: with a {PREFIX}PUBLIC_URL residents come, and the local Telegram is for "
            "this machine only; get a token from @BotFather, or leave the address away to look around"
        )
    if settings.public_url.startswith("http:") and not settings.telegram_is_here:
        raise WrongSetting(f"{PREFIX}PUBLIC_URL must begin with https://: residents open it")
    if settings.clock:
        if not settings.clock.removeprefix("file:") or not settings.clock.startswith("file:"):
            raise WrongSetting(f"{PREFIX}CLOCK is {settings.clock!r}: it must be file:PATH or nothing")
        if not settings.telegram_is_here:
            raise WrongSetting(f"{PREFIX}CLOCK moves time for tests: only with a Telegram on 127.0.0.1")
    data, keys = settings.data_dir.resolve(), settings.keys_dir.resolve()
    if keys == data or data in keys.parents or keys in data.parents:
        raise WrongSetting(f"{PREFIX}KEYS_DIR and {PREFIX}DATA_DIR lie one inside the other: they must lie apart")


def _is_address(url: str, *, path: bool = True) -> bool:
    """Whether it is an http or https address. path: whether a path may stand behind the host."""
    found = _ADDRESS_FORM.fullmatch(url)
    return found is not None and int(found[1] or 0) <= 65535 and (path or not found[2])


def _check_telegram(settings: Settings) -> None:
    if not settings.telegram_url.startswith(("https://", "http://")):
        raise WrongSetting(f"{PREFIX}TELEGRAM_API_URL is no address: it begins with https:// or http://")
    if settings.token != LOCAL_TOKEN and settings.telegram_url == TELEGRAM:
        for name, value in (("NAME", settings.responsible_name), ("CONTACT", settings.responsible_contact)):
            if not value:
                raise WrongSetting(
                    f"{PREFIX}RESPONSIBLE_{name} is missing: name the organisation that answers for the data"
                )
    if settings.token == LOCAL_TOKEN and settings.telegram_url == TELEGRAM:
        raise WrongSetting(f"{PREFIX}BOT_TOKEN is missing: Telegram needs one, get it from @BotFather")
    if settings.listen == "webhook":
        safe = settings.webhook_url.startswith("https://") or _LOCAL_HOSTS.match(settings.webhook_url)
        if not safe or not _is_address(settings.webhook_url):
            raise WrongSetting(f"{PREFIX}WEBHOOK_URL is missing or no https address: LISTEN=webhook needs it")
        if urlsplit(settings.webhook_url).path != HOOK_PATH:
            raise WrongSetting(f"{PREFIX}WEBHOOK_URL must end with {HOOK_PATH}: nothing else is served to Telegram")
        if not _SECRET_FORM.match(settings.webhook_secret):
            raise WrongSetting(
                f"{PREFIX}WEBHOOK_SECRET needs 32 to 256 characters of A-Z a-z 0-9 _ -: LISTEN=webhook needs it"
            )


class _Given:
    """The values in the environment, by the name without the prefix; a secret may be in a file."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._known = set(_NOT_OURS)

    def __call__(self, name: str) -> str:
        self._known |= {PREFIX + name, *([f"{PREFIX}{name}_FILE"] if name in _SECRETS else ())}
        value = self._environment.get(PREFIX + name, "").strip()
        path = self._environment.get(f"{PREFIX}{name}_FILE", "").strip() if name in _SECRETS else ""
        if not path:
            return value
        if value:
            raise WrongSetting(f"{PREFIX}{name} and {PREFIX}{name}_FILE are both set: keep one")
        try:
            value = decoded(Path(path).read_bytes()).strip()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise WrongSetting(f"{PREFIX}{name}_FILE can't be read: {why}") from None
        if not value:
            raise WrongSetting(f"{PREFIX}{name}_FILE is empty")
        return value

    def systemd_socket(self) -> str:
        """Where systemd listens to the services of Type=notify; it sets this name itself."""
        return self._environment.get("NOTIFY_SOCKET", "")

    def refuse_unknown(self) -> None:
        """Raise WrongSetting for a name of ours that was never asked for: a misspelt one would silently do nothing."""
        for name in sorted(self._environment):
            if name.upper().startswith(PREFIX) and name not in self._known:
                near = get_close_matches(name.upper(), sorted(self._known - _NOT_OURS), 1, 0.0)[0]
                raise WrongSetting(f"{name} is no setting: do you mean {near}?")

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        value = self(name) or choices[0]
        if value not in choices:
            raise WrongSetting(f"{PREFIX}{name} is {value!r}: it must be one of {', '.join(choices)}")
        return value

    def port(self, name: str, default: Default) -> int | Default:
        value = self(name)
        if not value:
            return default
        if not value.isdecimal() or int(value) > 65535:
            raise WrongSetting(f"{PREFIX}{name} is {value!r}: it must be a port from 0 to 65535")
        return int(value)

    def count(self, name: str, default: int) -> int:
        value = self(name)
        if not value:
            return default
        if not value.isdecimal() or int(value) < 1:
            raise WrongSetting(f"{PREFIX}{name} is {value!r}: it must be a number from 1 on")
        return int(value)

    def signed_off(self) -> frozenset[str]:
        """The legal texts for which a function and a day are given: `dpia=privacy officer 2026-12-01; privacy=…`."""
        items = [one.strip() for one in self("SIGNED_OFF").split(";") if one.strip()]
        for one in items:
            if not _SIGNED_FORM.fullmatch(one):
                form = f"TEXT=FUNCTION DATE, TEXT one of {', '.join(LEGAL_TEXTS)}"
                raise WrongSetting(f"{PREFIX}SIGNED_OFF has {one!r}: it must be {form}")
        return frozenset(one.partition("=")[0] for one in items)

    def networks(self, name: str) -> tuple[str, ...]:
        networks = tuple(self(name).replace(",", " ").split())
        for network in networks:
            try:
                ip_network(network)
            except ValueError:
                raise WrongSetting(
                    f"{PREFIX}{name} holds {network!r}: write addresses or networks, such as 127.0.0.1 or 10.0.0.0/8"
                ) from None
        return networks

    def phones(self) -> dict[str, str]:
        return {
            name.lower(): self(f"PHONE_{name}") or number
            for name, number in (
                ("DANGER", "112"), ("POLICE", "0900-8844"), ("SAFE_HOME", "0800-2000"), ("CRIME", "0800-7000"),
                ("SUICIDE", "0800-0113"), ("SEXUAL_VIOLENCE", "0800-0188"), ("CHILDREN", "0800-0432"),
                ("DISCRIMINATION", "020-638 55 51"), ("OMBUDSMAN", "0800-3355555"),
            )
        }  # fmt: skip

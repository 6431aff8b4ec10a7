"""The contenders: this bot on both databases and in two processes, and the same conversation in two libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.running import Bot, free_port
from bench.telegram import SECRET, TOKEN
from bot.process.keys import make_keys
from storage.engine.database import migrate
from tests.postgres import PostgresServer


@dataclass(frozen=True, slots=True)
class Contender:
    """A bot of the table.

    Attributes:
        name: What stands in the table.
        roles: The processes of this bot; those other than `work` share the updates.
        twin: In place of roles, the module and first arguments of another bot.
        postgres: Whether it has PostgreSQL for a database.
        aims: How many times as fast as aiogram and python-telegram-bot it should be; 0: no aim.
    """

    name: str
    roles: tuple[str, ...] = ()
    twin: tuple[str, ...] = ()
    postgres: bool = False
    aims: tuple[float, float] = (0, 0)

    def bots(self, api: str, folder: Path, screens: Path, server: PostgresServer | None) -> list[Bot]:
        """Its processes, those with a webhook first, on a new database in `folder` or on `server`. Blocks."""
        port = free_port()
        if self.twin:
            module, *more = self.twin
            return [Bot((module, str(port), api, str(screens), *more), {}, port)]
        settings = house(api, folder, server if self.postgres else None)
        url = f"http://127.0.0.1:{port}/telegram"
        ports = [None if role == "work" else free_port() if at else port for at, role in enumerate(self.roles)]
        return [
            Bot(("bot", role), _listening(settings, url, own or 0), own)
            for role, own in zip(self.roles, ports, strict=True)
        ]


CONTENDERS = (
    Contender("this bot, SQLite, one process", ("run",), aims=(0.95, 1.25)),
    Contender("this bot, PostgreSQL, one process", ("run",), postgres=True, aims=(0.9, 1.2)),
    Contender("this bot, PostgreSQL, two that take updates", ("web", "web", "work"), postgres=True),
    Contender("aiogram, MemoryStorage", twin=("bench.aiogram_twin",)),
    Contender("aiogram, with its uvloop extra", twin=("bench.aiogram_twin", "uvloop")),
    Contender("python-telegram-bot, ConversationHandler", twin=("bench.ptb_twin",)),
)
# What the shares of the table are shares of.
AIOGRAM, PTB = CONTENDERS[3], CONTENDERS[5]


def house(api: str, folder: Path, server: PostgresServer | None) -> dict[str, str]:
    """Settings of this bot with new keys and a new, migrated database in `folder` or one on `server`. Blocks."""
    here = folder / uuid4().hex
    (here / "data").mkdir(parents=True)
    url = f"sqlite+aiosqlite:///{here}/data/buurtstem.db"
    if server is not None:
        name = f"bench_{uuid4().hex}"
        server.sql(f"CREATE DATABASE {name}")
        url = server.url(name)
    migrate(url)
    make_keys(here / "keys")
    given = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": api, "DATABASE_URL": url, "LOG_LEVEL": "WARNING"}
    given |= {"DATA_DIR": str(here / "data"), "KEYS_DIR": str(here / "keys"), "HEALTH_PORT": "0"}
    return {f"BUURTSTEM_{name}": value for name, value in given.items()}


def _listening(environment: Mapping[str, str], url: str, port: int) -> dict[str, str]:
    given = {"LISTEN": "webhook", "WEBHOOK_URL": url}
    given |= {"WEBHOOK_SECRET": SECRET, "HTTP_PORT": str(port)}
    return {**environment, **{f"BUURTSTEM_{name}": value for name, value in given.items()}}

"""Who takes part: this bot on both databases and with the speaker apart, and the same conversation in two libraries."""

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
    """A bot of the table. roles: processes of this bot, or `twin`: a module of its own; postgres: its database.

    aims: how many times as fast as aiogram and python-telegram-bot it should be; 0: no aim.
    """

    name: str
    roles: tuple[str, ...] = ()
    twin: str = ""
    postgres: bool = False
    aims: tuple[float, float] = (0, 0)

    def bots(self, api: str, folder: Path, screens: Path, server: PostgresServer | None) -> list[Bot]:
        """Its processes, the one with the webhook first, on a new database in `folder` or on `server`. Blocks."""
        port = free_port()
        if self.twin:
            return [Bot((self.twin, str(port), api, str(screens)), {}, port)]
        environment = _listening(house(api, folder, server if self.postgres else None), port)
        return [Bot(("bot", role), environment, None if role == "work" else port) for role in self.roles]


CONTENDERS = (
    Contender("this bot, SQLite, one process", ("run",), aims=(0.6, 1.2)),
    Contender("this bot, PostgreSQL, one process", ("run",), postgres=True, aims=(0.8, 2.0)),
    Contender("this bot, PostgreSQL, speaker apart", ("web", "work"), postgres=True, aims=(1.1, 2.0)),
    Contender("aiogram, MemoryStorage", twin="bench.aiogram_twin"),
    Contender("python-telegram-bot, ConversationHandler", twin="bench.ptb_twin"),
)


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


def _listening(environment: Mapping[str, str], port: int) -> dict[str, str]:
    given = {"LISTEN": "webhook", "WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram"}
    given |= {"WEBHOOK_SECRET": SECRET, "HTTP_PORT": str(port)}
    return {**environment, **{f"BUURTSTEM_{name}": value for name, value in given.items()}}

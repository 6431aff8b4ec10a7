"""aiogram, as far as we use it: everything of it comes from here (an import contract says so).

On import aiogram builds a validator for each of its 300 types: two seconds and 100 MB, for the few that an update is
made of. Here each is built when it is first used; every one still can be. See docs/decisions/0016.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from pydantic import BaseModel

_REBUILD = BaseModel.__dict__["model_rebuild"].__func__


def _not_now(**_: object) -> None:
    """Build nothing yet."""


with patch.object(BaseModel, "model_rebuild", _not_now):
    from aiogram import BaseMiddleware, Bot, Dispatcher, F, Router, types
    from aiogram.enums import ChatMemberStatus, ChatType
    from aiogram.filters.callback_data import CallbackData
    from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject, Update

__all__ = [
    "BaseMiddleware",
    "Bot",
    "CallbackData",
    "CallbackQuery",
    "ChatMemberStatus",
    "ChatMemberUpdated",
    "ChatType",
    "Dispatcher",
    "F",
    "Message",
    "Router",
    "TelegramObject",
    "Update",
]


def _with_all_names(cls: type[Any], /, **how: Any) -> bool | None:
    """Pydantic asks for this at the first use of a type; aiogram's types name each other without importing."""
    done: bool | None = _REBUILD(cls, **{**how, "_types_namespace": vars(types)})
    return done


setattr(TelegramObject, "model_rebuild", classmethod(_with_all_names))  # noqa: B010 - for mypy a method can't be set

"""The parts of aiogram that we use: all other files import them from here (an import contract says so).

On import aiogram builds a validator for each of its 300 types: two seconds and 100 MB, though an update needs only a
few. Here only those few are built; any other is built when it is first used. See docs/decisions/0016.
"""

from __future__ import annotations

import re
import sys
from unittest.mock import patch

from pydantic import BaseModel


def _not_now(**_: object) -> None:
    """Takes the place of pydantic's `model_rebuild` during the import: builds nothing."""


with patch.object(BaseModel, "model_rebuild", _not_now):
    from aiogram import BaseMiddleware, Bot, Dispatcher, F, Router, types
    from aiogram.enums import ChatMemberStatus, ChatType
    from aiogram.filters.callback_data import CallbackData
    from aiogram.types import (
        CallbackQuery,
        ChatMemberUpdated,
        Document,
        Message,
        MessageEntity,
        TelegramObject,
        Update,
    )

__all__ = [
    "BaseMiddleware",
    "Bot",
    "CallbackData",
    "CallbackQuery",
    "ChatMemberStatus",
    "ChatMemberUpdated",
    "ChatType",
    "Dispatcher",
    "Document",
    "F",
    "Message",
    "MessageEntity",
    "Router",
    "TelegramObject",
    "Update",
]


def _acquaint() -> None:
    """Put the types that a type's annotations name into its module: aiogram's types don't import each other."""
    known = vars(types)
    for one in map(known.__getitem__, types.__all__):
        annotations = [getattr(base, "__annotations__", "") for base in getattr(one, "__mro__", ())]
        module = vars(sys.modules[one.__module__])
        named = known.keys() & re.findall(r"\w+", str(annotations))
        module.update({name: known[name] for name in named - module.keys()})


_acquaint()
Update.model_rebuild()  # the types of an update, so that the first resident does not wait for them

"""Telegram as a door (a way by which residents come in): understands its updates, renders screens for it."""

from __future__ import annotations

from handlers.telegram.routing import routers

__all__ = ["routers"]

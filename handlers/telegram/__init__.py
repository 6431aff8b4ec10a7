"""Telegram as a door: an update becomes an answer, a screen becomes what Telegram shows."""

from __future__ import annotations

from handlers.telegram.routing import routers

__all__ = ["routers"]

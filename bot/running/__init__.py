"""What a running role needs around its parts: restarts, a watch, its profile at Telegram, a demonstration."""

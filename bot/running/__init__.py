"""The parts that a running role is made of: kept alive, watched, shown to Telegram and to its operator."""

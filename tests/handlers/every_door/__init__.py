"""Every door of residents: the same journeys through Telegram and through the smallest door there can be."""

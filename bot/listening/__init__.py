"""What comes in from Telegram: by polling or by its webhook."""

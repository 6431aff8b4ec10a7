"""What goes out to Telegram: the speaker, the sender, the transport."""

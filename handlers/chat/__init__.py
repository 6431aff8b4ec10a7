"""What residents do, the same for all doors (Telegram, for example): what they meant, and the deed that follows."""

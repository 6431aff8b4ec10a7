"""Tables of the outbox (messages that are still to be sent), and of how fast we may send."""

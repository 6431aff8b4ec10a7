"""Every way in, one folder a kind."""

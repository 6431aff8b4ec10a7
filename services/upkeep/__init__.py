"""Looking after a deployment: backup, keys, retention, health."""

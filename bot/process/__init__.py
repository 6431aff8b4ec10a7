"""What every role of the program needs: logs, keys, loops that are watched, health, stopping."""

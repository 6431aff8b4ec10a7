"""The running program: settings, wiring, commands; it listens, speaks, ticks and serves."""

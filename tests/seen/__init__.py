"""What an operator sees of the running program: metrics, health ports, log lines, and what hangs."""

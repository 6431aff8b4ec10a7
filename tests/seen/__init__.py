"""What an operator sees: counts, health, log lines, units, and the steps of docs/operations.md."""

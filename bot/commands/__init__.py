"""The commands: `python -m bot COMMAND`, one file a command."""

"""The methods of the Bot API that are built, by name; every other one answers 501."""

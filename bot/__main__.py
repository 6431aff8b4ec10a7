"""`python -m bot COMMAND`: each command's module is loaded only when it is asked for."""

from __future__ import annotations

import signal
import sys
from importlib import import_module

# command -> (module with main(arguments) -> exit status, what it does)
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("bot.run", "everything in one process; without a token the local Telegram too"),
    "web": ("bot.run", "the API, the console and the webhook (PostgreSQL)"),
    "listen": ("bot.run", "the listener alone, by long polling (PostgreSQL)"),
    "work": ("bot.run", "the speaker and the clock alone (PostgreSQL)"),
    "simulator": ("simulator.app", "the local Telegram and its phone page"),
    "adopt": ("bot.commands.adopt", "[--yes]: bind the database to another bot, and say what dies with the old one"),
    "migrate": ("bot.commands.migrate", "bring the database to the newest form"),
    "keys": ("bot.commands.keys", "new | rotate | check: the keys of this deployment"),
    "staff": ("bot.commands.staff", "create EMAIL --role ROLE | token EMAIL: members of staff"),
    "areas": ("bot.commands.areas", "import FILE.geojson: the shapes of the neighbourhoods"),
    "backup": ("bot.commands.backup", "write a backup in two files"),
    "restore": ("bot.commands.restore", "restore a backup and forget again what was erased since"),
    "count": ("bot.commands.count", "FILE.pb --rule RULE: count an election in Pabulib's form"),
    "verify": ("bot.commands.verify", "FOLDER [--head HEAD]: recount a published vote and make its pages again"),
    "doctor": ("bot.commands.doctor", "check settings, keys, database and Telegram, and say what is wrong"),
}


def main(arguments: list[str]) -> int:
    """Run one command. Returns its exit status; 2: the command or a setting is wrong, said in one line."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print("python -m bot COMMAND")
        for name, (_, says) in COMMANDS.items():
            print(f"  {name:<10} {says}")
        return 0 if arguments else 2
    if arguments[0] not in COMMANDS:
        print(f"There is no command {arguments[0]!r}: `python -m bot help` lists them.", file=sys.stderr)
        return 2
    name, _ = COMMANDS[arguments[0]]
    if name == "bot.run":
        # Until the program handles signals itself, Ctrl-C ends it at once. A shell that starts it in the background
        # sets SIGINT to be ignored, so that an interrupt during the seconds of loading would be lost.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    module = import_module(name)
    status: int = module.main(arguments if name == "bot.run" else arguments[1:])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Of aiogram only updates are built when it is imported, and each other type can still be used."""

import subprocess
import sys

from tests.parts import ROOT

# In a program of its own: this one may have built them before.
_PROGRAM = """
from handlers.telegram.aiogram_lazily import Update
from aiogram import methods, types

models = [one for one in (getattr(types, name) for name in types.__all__) if hasattr(one, "model_rebuild")]
print(len(models), sum(one.__pydantic_complete__ for one in models))
print(methods.SetMyCommands(commands=[types.BotCommand(command="a", description="b")]).commands[0].command)
update = Update(update_id=1, message={"message_id": 2, "date": 3, "chat": {"id": 4, "type": "private"}, "text": "Hoi"})
print(type(update.message).__name__, update.message.text, update.message.model_dump()["chat"]["id"])
models += [getattr(methods, name) for name in methods.__all__ if name not in ("Request", "Response")]

def use(one):
    one.__pydantic_validator__.title, one.__pydantic_serializer__.to_python

for one in models:
    use(one)
print(all(one.__pydantic_complete__ for one in models), len(models) > 500)
"""


def test_updates_are_built_at_import_and_every_other_type_at_its_first_use() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    (types, built), method, update, in_the_end = (line.split() for line in done.stdout.splitlines())
    assert int(types) > 300
    assert int(built) == 1
    assert (method, update) == (["a"], ["Message", "Hoi", "4"])
    assert in_the_end == ["True", "True"]

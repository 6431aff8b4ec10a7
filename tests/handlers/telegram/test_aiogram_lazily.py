"""aiogram is imported without building its types, and each can still be used."""

import subprocess
import sys

from tests.parts import ROOT

# In a program of its own: this one may have built them before.
_PROGRAM = """
from handlers.telegram.aiogram_lazily import Update, types

models = [one for one in (getattr(types, name) for name in types.__all__) if hasattr(one, "model_rebuild")]
print(len(models), sum(one.__pydantic_complete__ for one in models))
update = Update(update_id=1, message={"message_id": 2, "date": 3, "chat": {"id": 4, "type": "private"}, "text": "Hoi"})
print(type(update.message).__name__, update.message.text, update.message.model_dump()["chat"]["id"])
for one in models:
    one.__pydantic_validator__.title, one.__pydantic_serializer__.to_python
print(sum(one.__pydantic_complete__ for one in models))
"""


def test_no_type_is_built_at_import_and_every_one_at_its_first_use() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    (all_of_them, built), said, (built_in_the_end,) = (line.split() for line in done.stdout.splitlines())
    assert int(all_of_them) > 300
    assert int(built) < 10
    assert said == ["Message", "Hoi", "4"]
    assert built_in_the_end == all_of_them

"""The strict check of a request against the published description of the Bot API. Pure."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CONSTANT = re.compile(r"must be \W*(\w+)")
COUNTED_ELSEWHERE = {"text", "caption", "callback_data"}  # rules.py: after entity parsing, or in bytes
NATIVE: dict[str, tuple[type, ...]] = {
    "String": (str,), "Integer": (int,), "Float": (int, float), "Boolean": (bool,), "True": (bool,),
}  # fmt: skip


class Contract:
    """The published description: `complaints("sendMessage", {"chat_id": 1})` is `["text is missing"]`."""

    def __init__(self, api: dict[str, Any], limits: dict[str, Any]) -> None:
        self._methods = {name: _fields(method) for name, method in api["methods"].items()}
        self._types = {name: _fields(kind) for name, kind in api["types"].items()}
        self._subtypes = {name: kind["subtypes"] for name, kind in api["types"].items() if kind.get("subtypes")}
        self._limits = limits

    @classmethod
    def load(cls, folder: Path) -> "Contract | None":
        """The contract of `api.min.json` and `limits-derived.json` in a folder; None when one is not there."""
        try:
            api = json.loads((folder / "api.min.json").read_text())
            limits = json.loads((folder / "limits-derived.json").read_text())
        except FileNotFoundError:
            return None
        return cls(api, limits)

    def complaints(self, method: str, params: dict[str, Any], files: frozenset[str] = frozenset()) -> list[str]:
        """What is wrong with a request, in words; `files` are the names of its multipart files."""
        fields = self._methods.get(method)
        if fields is None:
            return [f"method {method} is unknown"]
        attached = {name for name in files if name in fields}
        loose = {name for name in files - attached if f"attach://{name}" not in json.dumps(params)}
        found = [f"file {name} belongs to no field" for name in sorted(loose)]
        shown = {**params, **{name: f"attach://{name}" for name in attached}}
        found.extend(self._object(method, fields, shown, ""))
        return found

    def _object(self, owner: str, fields: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
        for name in value:
            if name not in fields:
                yield f"{path}{name} is unknown"
        limits = self._limits.get(owner, {})
        for name, field in fields.items():
            if name not in value:
                if field["required"]:
                    yield f"{path}{name} is missing"
                continue
            yield from self._any(field["types"], value[name], f"{path}{name}")
            if (constant := field.get("constant")) and value[name] != constant:
                yield f"{path}{name} must be {constant}"
            if name in limits and name not in COUNTED_ELSEWHERE:
                yield from _length(limits[name], value[name], f"{path}{name}")

    def _any(self, types: list[str], value: Any, path: str) -> list[str]:
        """The complaints of the type that fits best: the one that knows most of the value's fields."""
        tries = []
        for kind in types:
            found = list(self._value(kind, value, path))
            if not found:
                return []
            strange = len(value.keys() - self._types.get(kind, {}).keys()) if isinstance(value, dict) else 0
            tries.append((strange, len(found), found))
        return min(tries)[2]

    def _value(self, kind: str, value: Any, path: str) -> Iterator[str]:
        if kind.startswith("Array of "):
            if not isinstance(value, list):
                yield f"{path} must be an array"
                return
            for index, item in enumerate(value):
                yield from self._value(kind.removeprefix("Array of "), item, f"{path}[{index}]")
        elif kind == "InputFile":
            if not (isinstance(value, str) and value.startswith("attach://")):
                yield f"{path} must be a file"
        elif kind == "KeyboardButton" and isinstance(value, str):
            return  # "for simple text buttons, String can be used instead of this object"
        elif kind in NATIVE:
            if not isinstance(value, NATIVE[kind]) or (isinstance(value, bool) and kind in ("Integer", "Float")):
                yield f"{path} must be {kind}"
        elif kind in self._subtypes:
            yield from self._any(self._subtypes[kind], value, path)
        elif not isinstance(value, dict):
            yield f"{path} must be a {kind}"
        else:
            yield from self._object(kind, self._types[kind], value, f"{path}.")


def _fields(described: dict[str, Any]) -> dict[str, Any]:
    fields = {field["name"]: dict(field) for field in described.get("fields", ())}
    for name in ("type", "source", "status"):
        if name in fields and (match := CONSTANT.search(fields[name]["description"])):
            fields[name]["constant"] = match[1]
    return fields


def _length(limit: list[Any], value: Any, path: str) -> Iterator[str]:
    low, high, unit = limit[0], limit[1], limit[2]
    if not isinstance(value, str | list):
        return
    length = len(value.encode()) if unit == "bytes" and isinstance(value, str) else len(value)
    if not low <= length <= high:
        yield f"{path} has {length} {unit}, allowed are {low}-{high}"

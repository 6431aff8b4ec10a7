"""The subjects' manifests are complete: what a new subject leaves out is noticed here, or by the type checker."""

import ast
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, replace
from typing import Any

import pytest

from conversations.flows import FLOWS
from domain.staff.rights import Scope
from handlers import subjects as ways_in
from handlers.chat.commands import COMMANDS
from handlers.chat.links import _OPENS
from services.subjects import OF_THE_HOUSE, SUBJECTS, Subject, joined
from storage.upkeep.tables import metadata
from tests.house.source import Source, sources
from tests.parts import ROOT

FLOORS = ("services", "storage", "conversations")
# Folders inside a floor that are no subject.
NO_SUBJECTS = {"engine", "meaning", "outbox", "rights", "speaking", "upkeep", "migrations", "__pycache__"}


def unnamed_tables(given: tuple[Subject, ...]) -> set[str]:
    """Tables for which no manifest says how a backup keeps them, and names that are no table."""
    named = {table for subject in given for table in subject.tables} | set(OF_THE_HOUSE)
    return set(metadata.tables) ^ named


def unnamed_scopes(given: tuple[Subject, ...]) -> set[Scope]:
    """Scopes of staff that no manifest names."""
    return set(Scope) - {scope for subject in given for scope in subject.scopes}


def unnamed_folders(given: tuple[Subject, ...]) -> set[str]:
    """Folders of a subject that no manifest names."""
    folders = {path.name for floor in FLOORS for path in (ROOT / floor).iterdir() if path.is_dir()}
    return folders - NO_SUBJECTS - {subject.name for subject in given}


def deeds_named(given: Iterable[Source]) -> Iterator[str]:
    """The deeds that buttons in `conversations` name, where `go` is a literal."""
    for source in given:
        for node in source.nodes if source.room == "conversations" else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Button":
                named = (word.value for word in node.keywords if word.arg == "go")
                yield from (str(one.value) for one in named if isinstance(one, ast.Constant))


@pytest.mark.parametrize("manifest", [Subject, ways_in.SubjectWays], ids=["services", "handlers"])
def test_every_field_is_required(manifest: type[Any]) -> None:
    for field in dataclasses.fields(manifest):
        assert field.default is MISSING, field.name
        assert field.default_factory is MISSING, field.name
        with pytest.raises(TypeError, match=field.name):
            manifest(**dict[str, Any]((other.name, ()) for other in dataclasses.fields(manifest) if other != field))


def test_every_table_scope_and_folder_belongs_to_a_subject() -> None:
    assert unnamed_tables(SUBJECTS) == set(), "no subject of services/subjects.py names them"
    assert unnamed_scopes(SUBJECTS) == set(), "no subject of services/subjects.py names them"
    assert unnamed_folders(SUBJECTS) == set(), "no subject of services/subjects.py names them"


@pytest.mark.parametrize("forgotten", SUBJECTS, ids=lambda subject: subject.name)
def test_a_forgotten_subject_is_noticed(forgotten: Subject) -> None:
    rest = tuple(subject for subject in SUBJECTS if subject != forgotten)
    assert unnamed_tables(rest) == set(forgotten.tables)
    assert unnamed_folders(rest) == {forgotten.name}
    assert unnamed_scopes(rest) == forgotten.scopes


def test_a_table_without_a_backup_class_is_noticed() -> None:
    first = SUBJECTS[0]
    fewer = replace(first, tables=dict(list(first.tables.items())[1:]))
    assert unnamed_tables((fewer, *SUBJECTS[1:])) == {next(iter(first.tables))}


@pytest.mark.parametrize("field", ["shows", "notes", "returns", "tables"])
def test_what_two_subjects_name_is_refused(field: str) -> None:
    maps = [getattr(subject, field) for subject in SUBJECTS]
    joined(maps)
    name = next(iter(joined(maps)))
    with pytest.raises(ValueError, match=name):
        joined([*maps, {name: None}])


def test_both_manifests_name_the_same_subjects() -> None:
    assert {subject.name for subject in ways_in.SUBJECTS} == {subject.name for subject in SUBJECTS}


def test_every_button_command_and_link_has_its_deed() -> None:
    named = set(deeds_named(sources()))
    assert len(named) > 30
    assert named <= set(ways_in.DEEDS)
    assert {"news_test", *COMMANDS.values(), *_OPENS.values()} - {"start", "cancel"} <= set(ways_in.DEEDS)
    seeded = Source("conversations/x.py", 'Button(Text("a.b"), go="fly")')
    assert set(deeds_named([seeded])) - set(ways_in.DEEDS) == {"fly"}


def test_every_conversation_has_its_ending() -> None:
    assert set(ways_in.ENDINGS) == set(FLOWS)


def test_a_deed_or_ending_that_two_subjects_name_is_refused() -> None:
    parts: list[list[Mapping[str, Any]]] = [
        [subject.deeds for subject in ways_in.SUBJECTS], [subject.endings for subject in ways_in.SUBJECTS]
    ]  # fmt: skip
    for maps in parts:
        name = next(iter(joined(maps)))
        with pytest.raises(ValueError, match=name):
            joined([*maps, {name: None}])

"""Every page is given every name that its template uses: a name left out fails only when that page is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from jinja2 import Environment, nodes
from jinja2.meta import find_referenced_templates, find_undeclared_variables

from handlers.console.pages import TEMPLATES
from tests.house.source import Source, sources


@dataclass(frozen=True)
class Made:
    """One call of `page`: the template, and the names that the call gives it."""

    at: str
    template: str
    names: frozenset[str]


def needed(environment: Environment, template: str) -> set[str]:
    """The names that a template, and the templates it refers to, need from the caller."""
    assert environment.loader is not None
    tree = environment.parse(environment.loader.get_source(environment, template)[0])
    built_on = [str(one) for one in find_referenced_templates(tree)]
    names = find_undeclared_variables(tree).union(*(needed(environment, one) for one in built_on))
    return names - _own(tree)


def _own(tree: nodes.Template) -> set[str]:
    """The names that a template makes itself, and those it asks for with `is defined`."""
    imported = [name for one in tree.find_all(nodes.FromImport) for name in one.names]
    return {
        *(one.name for one in tree.find_all(nodes.Macro)),
        *(one.name for one in tree.find_all(nodes.Name) if one.ctx != "load"),
        *(name[-1] if isinstance(name, tuple) else name for name in imported),
        *(
            one.node.name
            for one in tree.find_all(nodes.Test)
            if one.name == "defined" and isinstance(one.node, nodes.Name)
        ),
    }


def pages_made(source: Source) -> Iterator[Made]:
    """Every call of `page` in a file. For a mapping given with **, the keys of all dict literals of the file count."""
    written = {
        str(key.value)
        for node in source.nodes
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "page":
            names = {one.arg for one in node.keywords if one.arg}
            some = written if any(one.arg is None for one in node.keywords) else set()
            template = node.args[1]
            assert isinstance(template, ast.Constant), f"{source.name}:{node.lineno}: name the template"
            yield Made(f"{source.name}:{node.lineno}", str(template.value), frozenset(names | some))


def common() -> set[str]:
    """The names that `page` gives to every template."""
    [source] = [one for one in sources() if one.name == "handlers/console/pages.py"]
    [made] = [one for one in source.nodes if isinstance(one, ast.FunctionDef) and one.name == "page"]
    [rendered] = [
        one
        for one in ast.walk(made)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "render"
    ]
    return {one.arg for one in rendered.keywords if one.arg}


CONSOLE = [one for one in sources() if one.name.startswith("handlers/console/")]


@pytest.mark.parametrize("made", [made for one in CONSOLE for made in pages_made(one)], ids=lambda made: made.at)
def test_a_page_is_given_every_name_it_uses(made: Made) -> None:
    missing = needed(TEMPLATES, made.template) - made.names - common()
    assert not missing, f"{made.at} gives {made.template} no {sorted(missing)}"


def test_a_name_left_out_is_found() -> None:
    source = Source("x.py", 'page(request, "message.html", title="a", text="b")')
    [made] = pages_made(source)
    assert needed(TEMPLATES, made.template) - made.names - common() == {"values"}

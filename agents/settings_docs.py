"""The page on configuration, written from the declarations of settings and definitions."""

from __future__ import annotations

import ast
import inspect
import json
import types
import typing
from typing import Any

import msgspec

from agents.settings import PREFIX, Settings
from streams.figures.options import FigureOptions
from streams.limits import LIMITS, Limits

_HEAD = f"""# Configuration

Generated from the code; do not edit.

Settings come from a YAML file (`{PREFIX}CONFIG`, or `--config`) and from the environment, which wins:
the key `broker` is `{PREFIX}BROKER` there. The file is strict: an unknown key is an error that names the
nearest known one. Lists and tables are JSON in the environment. The pseudonym key of customers is no setting but a
secret: see [sources](sources.md).

| key | default | what it is |
| --- | --- | --- |
"""
_LIMITS = """
## Limits

What cannot be set, so that it holds everywhere: see [operations](operations.md#limits).

| limit | value | what it is |
| --- | --- | --- |
"""
_FIGURES = """
## Definitions

Keys of `figures`, where honest people differ. The defaults are the specification's. A mapping may choose for its log;
`report --define KEY=VALUE` overrules it.

| key | default | values | what it is |
| --- | --- | --- | --- |
"""


def render() -> str:
    """The page as Markdown."""
    settings = "".join(
        f"| `{name}` | `{_shown(field.get_default(call_default_factory=True))}` | {_prose(field.description)} |\n"
        for name, field in Settings.model_fields.items()
    )
    said = _attribute_docstrings(FigureOptions)
    defaults = msgspec.structs.fields(FigureOptions)
    hints = typing.get_type_hints(FigureOptions)
    options = "".join(
        f"| `{field.name}` | `{_shown(getattr(FigureOptions(), field.name))}` | {_values(hints[field.name])} "
        f"| {_prose(said.get(field.name))} |\n"
        for field in defaults
    )
    explained = _attribute_docstrings(Limits)
    limits = "".join(
        f"| `{name}` | {value:,} | {_prose(explained[name])} |\n" for name, value in LIMITS._asdict().items()
    )
    return _HEAD + settings + _FIGURES + options + _LIMITS + limits


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _prose(text: str | None) -> str:
    return " ".join((text or "").replace("``", "`").split())


def _values(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return ", ".join(f"`{value}`" for value in typing.get_args(hint))
    if typing.get_origin(hint) is typing.Annotated:
        return _values(typing.get_args(hint)[0])
    if isinstance(hint, types.GenericAlias) or typing.get_origin(hint):
        return "table"
    return {bool: "`true`, `false`", float: "number", int: "whole number", str: "text"}[hint]


def _attribute_docstrings(owner: type) -> dict[str, str]:
    """The string below each attribute of a class."""
    body = ast.parse(inspect.getsource(owner)).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - for the type checker
    found: dict[str, str] = {}
    for attribute, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(attribute, ast.AnnAssign)
            and isinstance(attribute.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[attribute.target.id] = str(below.value.value)
    return found

"""Checks that need the whole mapping: whether what its rules say fits the events that they say it of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import msgspec

from streams.events import EVENT_TYPES

if TYPE_CHECKING:
    from streams.problems import Path
    from streams.sources.mapping_document import Document, Field, Rule
    from streams.sources.mapping_problems import Reading


def check_rules(reading: Reading, document: Document) -> None:
    """Note required data that a rule lacks, and constants and value tables with words that the event does not know."""
    seen: set[tuple[Path, str]] = set()
    for rule in document.events:
        if rule.event not in EVENT_TYPES:
            continue
        data_type: Any = EVENT_TYPES[rule.event]
        hints = get_type_hints(data_type)
        for wanted in msgspec.structs.fields(data_type):
            if wanted.required and wanted.name not in rule.data:
                reading.problem((*rule.path, "data", wanted.name), None, f"is required: {rule.event} needs it")
        for path, text, hint in _known_texts(rule, document.values, hints):
            rule_text = _unfit(text, hint)
            if rule_text and (path, text) not in seen:
                seen.add((path, text))
                reading.problem(path, text, rule_text)
    _ids_differ(reading, document.events)


def _known_texts(rule: Rule, values: dict[str, Field], hints: dict[str, Any]) -> list[tuple[Path, str, Any]]:
    """What a rule's fields can be as far as the mapping alone tells: path, text, and the type it must have."""
    found: list[tuple[Path, str, Any]] = []
    for name, field in rule.data.items():
        if name not in hints:
            continue
        source = values.get(field.template[1:-1], field) if field.table is None else field
        if source.table is not None and source.case == "keep":
            found += [((*source.path, "table", key), text, hints[name]) for key, text in source.table.items() if text]
            if source.otherwise not in (None, "", "keep"):
                found.append(((*source.path, "otherwise"), str(source.otherwise), hints[name]))
        elif source.constant or "{" not in source.template:
            found.append((source.path, source.template, hints[name]))
    return found


def _unfit(text: str, hint: Any) -> str:
    try:
        msgspec.convert(text, hint, strict=False)
    except msgspec.ValidationError:
        choices = choices_of(hint)
        return f"must be one of {', '.join(map(repr, choices))}" if choices else "must be true or false"
    return ""


def choices_of(hint: Any) -> tuple[str, ...]:
    """The words that a type allows, also if it may be None; empty: any text, or true and false."""
    if get_origin(hint) is not None and str in map(type, get_args(hint)):
        return tuple(choice for choice in get_args(hint) if isinstance(choice, str))
    return next((choices for part in get_args(hint) if (choices := choices_of(part))), ())


def _ids_differ(reading: Reading, rules: tuple[Rule, ...]) -> None:
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id and rule.id in seen:
            where = f"events[{seen[rule.id].path[-1]}]"
            reading.problem(
                (*rule.path, "id"), rule.id, f"must differ from the id of {where}: equal ids are duplicates"
            )
        seen[rule.id] = rule

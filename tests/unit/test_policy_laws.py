"""Whatever stands in a policy file: nothing raises but the error that says what is wrong and where."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.yaml_nodes import Nodes
from streams.businesstime import always_open
from streams.sla.policy_alerts import Thresholds
from streams.sla.policy_checks import check_policies
from streams.sla.policy_document import PolicyError
from streams.sla.policy_reading import read_policies
from streams.sla.policy_rules import rule_file

if TYPE_CHECKING:
    from streams.problems import Problem
    from streams.sla.policy_document import PolicyDocument

WATCHED = Path(__file__).parents[1] / "deploy" / "policies" / "watched.policy.yaml"
DOCUMENT = cast("dict[str, Any]", Nodes().read(yaml.compose(WATCHED.read_text(), yaml.SafeLoader), ()))  # type: ignore[arg-type]
CALENDARS = {name: always_open(name) for name in ("office", "nights")}
WORDS = [
    "",
    "a",
    "1h",
    "1bd",
    "75%",
    "0:05h before",
    "urgent",
    "live",
    "pilot",
    "shadow",
    "always",
    "office",
    "2026-01-01",
]
LEAVES = st.none() | st.sampled_from(WORDS) | st.text(max_size=4)
JUNK = (
    LEAVES
    | st.lists(LEAVES, max_size=3)
    | st.dictionaries(st.sampled_from([*WORDS, "queue", "default", "who"]), LEAVES)
)


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All paths of a document but the empty one."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, inner in items for each in ((*path, key), *places(inner, (*path, key)))]


PLACES = places(DOCUMENT)


def changed(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    inner: Any = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


def outcome(document: object) -> tuple[PolicyDocument | None, tuple[Problem, ...]]:
    """What is read, or why it is not."""
    try:
        return read_policies(document, "x"), ()
    except PolicyError as error:
        return None, error.problems


def test_the_document_itself_is_fine() -> None:
    read = read_policies(DOCUMENT, "x")
    assert not [found for found in check_policies(read, CALENDARS, date(1970, 1, 1)) if found.fatal]
    assert len(PLACES) > 100


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), JUNK)
def test_a_document_with_anything_anywhere_is_read_or_refused(path: tuple[Any, ...], value: object) -> None:
    document = changed(path, value)
    read, problems = outcome(document)
    assert (read is None) is bool(problems)
    assert all(problem.rule for problem in problems)
    if read is None:
        return
    found = check_policies(read, CALENDARS, date(2026, 1, 1))
    if not any(each.fatal for each in found):
        made = rule_file(read, CALENDARS, Thresholds())
        assert all(rule["expr"] for group in made["groups"] for rule in group["rules"])
    assert read_policies(document, "x").policies.version == read.policies.version


@settings(max_examples=300, deadline=None)
@given(JUNK)
def test_a_document_that_is_something_else_is_refused(value: object) -> None:
    assert outcome(value)[1]

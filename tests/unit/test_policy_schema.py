"""The JSON Schema of policy files knows what their reader knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from agents.policies import policy_paths
from streams.sla.policy_schema import policy_schema

ROOT = Path(__file__).parents[2]
BAD = ROOT / "tests" / "bad" / "policies"
GOOD = [*policy_paths(["three-desks"]), ROOT / "tests" / "deploy" / "policies" / "watched.policy.yaml"]


class _Plain(yaml.SafeLoader):
    """As YAML 1.2 and editors read: dates are text."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def problems(path: Path) -> set[str]:
    """Paths that do not fit, the innermost ones."""
    document = yaml.load(path.read_text(), _Plain)
    found: set[str] = set()
    pending = list(Draft202012Validator(policy_schema()).iter_errors(document))
    while pending:
        error = pending.pop()
        pending += error.context or []
        found.add(".".join(map(str, error.absolute_path)) + ": " + str(error.validator))
    return found


def test_it_is_a_schema_and_is_published() -> None:
    Draft202012Validator.check_schema(policy_schema())
    assert json.loads((ROOT / "docs" / "policies.schema.json").read_text()) == policy_schema()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_policies_fit(path: Path) -> None:
    assert problems(path) == set()


def test_policies_that_are_bad_only_together_fit() -> None:
    for name in ("unreachable", "overlaps", "hours", "escalation", "priorities", "warnings"):
        assert problems(BAD / f"{name}.policy.yaml") == set()


def test_unknown_and_missing_keys_and_words_do_not() -> None:
    unknown = problems(BAD / "unknown-keys.policy.yaml")
    for path in (
        "",
        "goals.g",
        "goals.g.benchmark",
        "contacts.a",
        "policies.0",
        "policies.0.match",
        "policies.0.targets",
    ):
        assert f"{path}: additionalProperties" in unknown
    missing = problems(BAD / "required.policy.yaml")
    for path in ("", "goals.g", "policies.0"):
        assert f"{path}: required" in missing
    values = problems(BAD / "values.policy.yaml")
    for path in ("effective_from", "policies.0.review_by", "policies.0.targets.first_reply", "policies.0.name"):
        assert f"{path}: pattern" in values
    for path in ("policies.0.mode", "policies.0.schedule_rule", "policies.0.escalation.0.severity"):
        assert f"{path}: enum" in values


def test_a_blackout_is_once_or_weekly() -> None:
    found = problems(BAD / "blackouts.policy.yaml")
    for path in ("blackouts.0", "blackouts.4"):
        assert f"{path}: additionalProperties" in found
    assert {"blackouts.2: required", "blackouts.6: required", "blackouts.7.weekly: minProperties"} <= found
    assert "blackouts.1.weekly: pattern" in found
    assert "blackouts.3.weekly.sun.0: pattern" in found
    assert "blackouts.8.weekly: type" in found
    assert not any(path.startswith("blackouts.9.weekly") for path in found), "what days come to is not its matter"


def test_a_share_is_of_a_cohort_only() -> None:
    found = problems(BAD / "shares.policy.yaml")
    assert {f"policies.{number}.cohort.share: pattern" for number in (1, 2)} <= found
    assert {"policies.5.cohort: additionalProperties", "policies.6.match: additionalProperties"} <= found
    assert problems(BAD / "share-pilots.policy.yaml") == set()

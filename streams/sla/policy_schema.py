"""The JSON Schema of a policy file, for editors that complete and check while one writes.

It knows keys, words and forms. What does not go together, ``ticket-streams policy check`` finds.
"""

from __future__ import annotations

from typing import Any

from streams.businesstime.reading_hours import DAYS
from streams.sla import policy_words as words
from streams.sla.policy_values import BEFORE_FORM, NAME_FORM, PERCENT_FORM, SHARE_FORM

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_DATE_FORM = r"\d{4}-\d\d-\d\d"
_TIME_FORM = r"([01]\d|2[0-4]):[0-5]\d"
_DAY_FORM = f"({'|'.join(DAYS)})"
_FLAG: Schema = {"type": "boolean"}
_NUMBER: Schema = {"type": ["number", "string"]}


def _shared(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


_NAME, _INSTANT, _SHARE, _DURATION, _WARNING, _MATCH, _TARGET, _POLICY = map(
    _shared, ("name", "instant", "share", "duration", "warning", "match", "target", "policy")
)


def policy_schema() -> Schema:
    """The schema, draft 2020-12, of a file as YAML 1.2 reads it: dates are text there."""
    top = _table(
        words.TOP,
        {
            "effective_from": _INSTANT,
            "calendars": _one_or_more(_TEXT),
            "goals": _by_name(_goal()),
            "contacts": _by_name({"anyOf": [_contact(), {"type": "null"}]}),
            "blackouts": _one_or_more(_blackout()),
            "policies": _one_or_more(_POLICY),
        },
        words.TOP_REQUIRED,
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Policies of ticket-streams",
        **top,
        "$defs": {
            "name": {"type": "string", "pattern": f"^{NAME_FORM}$"},
            "instant": {
                "type": "string",
                "pattern": rf"^{_DATE_FORM}([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$",
                "description": "A date (its midnight, UTC), or a time with its offset.",
            },
            "share": {"type": "string", "pattern": f"^{SHARE_FORM}$", "description": "Such as 95%."},
            "duration": {
                "type": "string",
                "pattern": r"^\d+(\.\d+|:[0-5]\d)?\s?(h|bh)$|^\d+\s?bd$",
                "description": "Hours by the clock (24h), business hours (8bh, 0:30bh) or business days (1bd).",
            },
            "warning": {
                "type": "string",
                "pattern": f"^({PERCENT_FORM}|{BEFORE_FORM})$",
                "description": "So much of the target (75%), or so long before its end (0:30bh before).",
            },
            "match": _table(words.MATCH, _lists()),
            "target": _target(),
            "policy": _policy(),
        },
    }


def _blackout() -> Schema:
    fields: dict[str, Schema] = {
        "from": _INSTANT,
        "to": _INSTANT,
        "weekly": {
            "type": "object",
            "propertyNames": {"pattern": f"^{_DAY_FORM}(-{_DAY_FORM})?$"},
            "additionalProperties": _one_or_more({"type": "string", "pattern": rf"^{_TIME_FORM}\s?-\s?{_TIME_FORM}$"}),
            "minProperties": 1,
            "description": "Days and hours by the wall clock of the zone: sun: 02:00-04:00.",
        },
        "zone": {**_TEXT, "description": "An IANA time zone such as Europe/Berlin."},
        "policies": _one_or_more(_TEXT),
        "because": _TEXT,
    }
    kinds = ((words.BLACKOUT_ONCE, words.BLACKOUT_WEEKLY), (words.BLACKOUT_WEEKLY, words.BLACKOUT_ONCE))
    return {
        "anyOf": [
            _table(tuple(key for key in words.BLACKOUT if key not in others), fields, required)
            for required, others in kinds
        ]
    }


def _policy() -> Schema:
    metrics = words.CHOICES["metric"]
    level = {"who": _TEXT, "when": _word("when"), "after": _DURATION, "severity": _word("severity")}
    service = {"threshold_seconds": _NUMBER, "goal": _SHARE, "formula": _word("formula"), "serves": _TEXT}
    fields: dict[str, Schema] = {
        "name": _NAME,
        "goal": _TEXT,
        "mode": _word("mode"),
        "owner": _TEXT,
        "review_by": {"type": "string", "pattern": f"^{_DATE_FORM}$"},
        "match": _MATCH,
        "cohort": _table(words.COHORT, {**_lists(), "share": _SHARE}),
        "calendar": _TEXT,
        "calendar_by_queue": {"type": "object", "additionalProperties": _TEXT},
        "schedule_rule": _word("schedule_rule"),
        "targets": _table(metrics, {key: {"anyOf": [_DURATION, _TARGET]} for key in metrics}),
        "service_level": _table(words.SERVICE_LEVEL, service, words.SERVICE_LEVEL_REQUIRED),
        "escalation": _one_or_more(_table(words.LEVEL, level, words.LEVEL_REQUIRED)),
        "quiet_outside_hours": _FLAG,
        "each_breach": _FLAG,
        "runbook": _TEXT,
    }
    return _table(words.POLICY, fields, words.POLICY_REQUIRED)


def _target() -> Schema:
    fields: dict[str, Schema] = {
        "by_priority": {"type": "object", "additionalProperties": _DURATION},
        "default": _DURATION,
        "goal": _SHARE,
        "serves": _TEXT,
        "pause_in": _one_or_more(_word("pause_in")),
        "warn_at": _one_or_more(_WARNING),
    }
    return _table(words.TARGET, fields)


def _goal() -> Schema:
    benchmark = _table(words.BENCHMARK, {"share": _SHARE, "source": _TEXT, "period": _NUMBER}, words.BENCHMARK_REQUIRED)
    fields: dict[str, Schema] = {"mission": _TEXT, "mission_ref": _TEXT, "share": _SHARE, "benchmark": benchmark}
    return _table(words.GOAL, fields, words.GOAL_REQUIRED)


def _contact() -> Schema:
    return _table(words.CONTACT, {"webhook": _one_or_more(_TEXT), "email": _one_or_more(_TEXT)})


def _lists() -> dict[str, Schema]:
    return {key: _one_or_more(_word(key)) for key in words.MATCH}


def _word(key: str) -> Schema:
    """One of the words that stand for something, or any text where all may stand."""
    return {"enum": list(words.CHOICES[key])} if key in words.CHOICES else _TEXT


def _by_name(value: Schema) -> Schema:
    return {"type": "object", "propertyNames": _NAME, "additionalProperties": value}


def _one_or_more(item: Schema) -> Schema:
    """One alone stands for a list of it."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _table(known: tuple[str, ...], fields: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    """A table of exactly the keys that are known to the reader.

    Raises:
        KeyError: one of them has no schema.
    """
    properties = {key: fields[key] for key in known}
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found

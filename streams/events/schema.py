"""JSON Schemas of the events, and the generated half of the documentation for producers.

Both follow from the types in :mod:`streams.events`; what the envelope may hold is what :mod:`streams.codec` takes.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec

from streams.events import EVENT_TYPES, Data, ce_type, kinds_of
from streams.events.base import LABELS, MAX_TEXT
from streams.topics import SOURCES

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_TEXT,
    "pattern": r"^[^\u0000-\u001f\u007f]*$",
}
_LABEL: dict[str, Any] = {**_TEXT, "minLength": 0}

_FIELDS = {
    "queue": "Queue or group that the entity is with from now on; empty: with none.",
    "priority": "Its priority from now on.",
    "channel": "How the customer made contact.",
    "direction": "Who began; only inbound contacts can be re-contacts.",
    "rep": "The person who serves, never the customer.",
    "reason": "Why the customer made contact; of a rep's state: why the rep is in it.",
    "customer": "Keyed hash of the customer's identity, never a name or a number; absent or empty: unknown.",
    "tier": "What was agreed with the customer, such as `gold`: service-level policies may depend on it.",
    "team": "The team that serves, where that is not the queue; policies may depend on it.",
    "test": "True for mystery shoppers and other contacts that are no customer's.",
    "created_by": "Who made the ticket.",
    "public_first_comment": "Whether the customer sees the description (matters for tickets that a rep made).",
    "status": "Status category that the ticket begins with.",
    "to": "Where it goes: the new status category, the receiver of a transfer, or the other ticket of a link.",
    "from_ticket": "Id of the ticket that it was a part of.",
    "message": "Id of the event that told of the message; its source must be the same.",
    "level": "Escalation level from now on, 0 to 9; 0: the front line, with which every ticket begins.",
    "into": "What it continues in: of a ticket another one's id, of a handle another handle or a customer id.",
    "canonical": "The customer id that the handle belongs to, keyed and hashed like handles.",
    "calendar": "Name of the calendar that business time is measured by; empty: that of the queue again.",
    "spam": "True if it was removed as spam.",
    "complaint_id": "Tells several complaints of one ticket or contact apart; without it there is one at a time.",
    "author": "Who wrote.",
    "public": "False for notes that the customer cannot see.",
    "automated": "True for acknowledgements that a rule sent in somebody's name: no reply.",
    "cause": "Why the rep did not take it.",
    "transfer": "How it was handed on.",
    "why": "Why it left the queue.",
    "by": "Who ended it.",
    "state": "What the rep says of themselves from now on.",
    "capacity": "How many contacts at once, 0 to 1000.",
}
"""What each data field says."""

_EXAMPLES: dict[str, Any] = {
    "queue": "billing",
    "priority": "high",
    "channel": "email",
    "rep": "r-17",
    "reason": "invoice",
    "customer": "9f2c4e",
    "into": "4711",
    "canonical": "cust-77",
    "to": "4711",
    "from_ticket": "4711",
    "message": "message.sent-1",
    "calendar": "support-berlin",
    "level": 2,
    "author": "rep",
    "state": "available",
    "capacity": 3,
    "complaint_id": "c-1",
}
_EXAMPLE_IDS = {"ticket": "4712", "rep": "r-17", "identity": "9f2c4e"}
_EXAMPLE_FIELDS: dict[str, tuple[str, ...]] = {
    "ticket.created": ("queue", "priority", "channel", "reason", "customer"),
    "ticket.assigned": ("queue", "rep"),
    "ticket.escalated": ("queue",),
    "ticket.updated": ("priority",),
    "ticket.requester_changed": ("customer",),
    "message.sent": ("rep",),
    "contact.initiated": ("reason", "customer"),
    "contact.queued": ("queue",),
    "contact.offered_to_rep": ("rep",),
    "contact.not_answered": ("rep",),
    "contact.connected": ("rep",),
    "contact.updated": ("reason", "customer"),
    "contact.wrapup_ended": ("rep",),
    "complaint.received": ("complaint_id",),
    "complaint.acknowledged": ("complaint_id", "rep"),
    "complaint.resolved": ("complaint_id", "rep"),
    "callback.attempted": ("rep",),
    "callback.answered": ("rep",),
    "rep.logged_in": ("queue",),
    "rep.state_changed": ("queue",),
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """Short name of each event type to the schema of the whole CloudEvent."""
    return {name: _schema(name, data_type) for name, data_type in EVENT_TYPES.items()}


def data_schema(data_type: type[Data]) -> dict[str, Any]:
    """Schema of an event's data; other properties are allowed, as unknown fields are ignored."""
    name = data_type.__name__
    found: dict[str, Any] = msgspec.json.schema(data_type)["$defs"][name]
    properties = {field: _property(field, held) for field, held in found["properties"].items() if field != "type"}
    required = [field for field in found["required"] if field != "type"]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def _property(field: str, found: dict[str, Any]) -> dict[str, Any]:
    if field in LABELS:
        found = {**found, "anyOf": [_LABEL, {"type": "null"}]}
    return {"description": _FIELDS[field], **found}


def _schema(name: str, data_type: type[Data]) -> dict[str, Any]:
    data = data_schema(data_type)
    kinds = kinds_of(name)
    return {
        "$schema": _DIALECT,
        "$id": f"{ce_type(name)}.schema.json",
        "title": ce_type(name),
        "description": _said(data_type),
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "type": {"const": ce_type(name)},
            "source": {**_TEXT, "description": "What produced the event; with id its identity."},
            "id": {**_TEXT, "description": "Unique within the source; the same again is the same event."},
            "time": {
                "type": "string",
                "format": "date-time",
                "pattern": "^(19[7-9]|2[0-9][0-9])[0-9]-",
                "description": "When it happened, with a zone, in the years 1970 to 2999 (UTC); digits beyond "
                "milliseconds are cut off.",
            },
            "subject": {
                **_TEXT,
                "pattern": rf"^({'|'.join(kinds)})/[^\u0000-\u001f\u007f]+$",
                "description": "The entity: its kind and the root id that all its legs share.",
            },
            "sequence": {
                "description": "The source's own order among events of one entity and time.",
                "anyOf": [
                    {"type": "string", "pattern": "^[0-9]{1,18}$"},
                    {"type": "integer", "minimum": -(2**63) + 1, "maximum": 2**63 - 1},
                    {"type": "null"},
                ],
            },
            "datacontenttype": {"type": "string"},
            "data": data if "required" in data else {"anyOf": [data, {"type": "null"}]},
        },
        "required": [
            "specversion",
            "type",
            "source",
            "id",
            "time",
            "subject",
            *(["data"] if "required" in data else []),
        ],
    }


def _said(data_type: type[Data]) -> str:
    return (inspect.getdoc(data_type) or "").replace("``", "`")


def example(name: str) -> dict[str, Any]:
    """A valid event of a type."""
    data_type = EVENT_TYPES[name]
    properties = data_schema(data_type)["properties"]
    required = data_schema(data_type).get("required", [])
    data = {field: _example_value(field, properties[field].get("enum")) for field in required}
    data.update({field: _EXAMPLES[field] for field in _EXAMPLE_FIELDS.get(name, ())})
    kind = kinds_of(name)[0]
    return {
        "specversion": "1.0",
        "type": ce_type(name),
        "source": f"/desk/{SOURCES[kind].name}",
        "id": f"{name}-1",
        "time": "2026-05-04T09:20:00Z",
        "subject": f"{kind}/{_EXAMPLE_IDS.get(kind, 'c-81')}",
        "datacontenttype": "application/json",
        "data": data,
    }


def _example_value(field: str, allowed: list[Any] | None) -> Any:
    """The example of a field, or what the event type allows last if that is not among it."""
    found = _EXAMPLES.get(field)
    return found if allowed is None or found in allowed else allowed[-1]


def render_docs() -> dict[str, str]:
    """Path below ``docs/events`` to the content of each generated file."""
    files = {f"{name}.schema.json": _pretty(schema) + "\n" for name, schema in json_schemas().items()}
    files["types.md"] = _types_page()
    return files


def _pretty(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def _types_page() -> str:
    parts = [
        "# Event types\n",
        "Generated from the types in `streams/events`; do not edit. How to send them: [README](README.md).\n",
        "## Fields that every event may carry\n",
        "In force from the event's time on. What an event does not carry stays as it was.\n",
        _table(data_schema(EVENT_TYPES["ticket.solved"]), set()),
    ]
    common = set(data_schema(EVENT_TYPES["ticket.solved"])["properties"])
    for name, data_type in EVENT_TYPES.items():
        schema = data_schema(data_type)
        kinds = " or ".join(f"`{kind}/…`" for kind in kinds_of(name))
        parts.append(
            f"## {name}\n\n{_said(data_type)}\n\n"
            f"Type `{ce_type(name)}`, subject {kinds}, [schema]({name}.schema.json).\n"
        )
        if set(schema["properties"]) - common:
            parts.append(_table(schema, common))
        parts.append(f"```json\n{_pretty(example(name))}\n```\n")
    return "\n".join(parts)


def _table(schema: dict[str, Any], without: set[str]) -> str:
    lines = ["| field | values | default | meaning |", "| --- | --- | --- | --- |"]
    for field, held in schema["properties"].items():
        if field not in without:
            default = "required" if field in schema.get("required", ()) else _word(held.get("default"))
            lines.append(f"| `{field}` | {_values(held)} | {default} | {held['description']} |")
    return "\n".join(lines) + "\n"


def _values(held: dict[str, Any]) -> str:
    first = held["anyOf"][0] if "anyOf" in held else held
    if "enum" in first:
        return ", ".join(f"`{value}`" for value in first["enum"])
    return str(first["type"])


def _word(default: object) -> str:
    return "" if default is None else f"`{json.dumps(default)}`".replace('"', "")

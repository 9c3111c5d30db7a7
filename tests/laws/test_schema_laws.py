"""Schemas, decoder and an independent implementation of CloudEvents agree on what an event is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from streams.codec import RejectedError, UnknownTypeError, decode, format_time
from streams.events import EVENT_TYPES, kinds_of, short_name
from streams.events.schema import example, json_schemas, render_docs
from tests.laws.histories import wire, world
from tests.laws.tape import Tape, tapes

SCHEMAS = json_schemas()
VALIDATORS = {
    name: Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for name, schema in SCHEMAS.items()
}
FORMAT = JSONFormat()
COMMITTED = Path("docs/events")

texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
names = texts.filter(bool)
anything = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | texts, st.lists, max_leaves=3)


def values_of(held: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a property's schema allows."""
    if "anyOf" in held:
        return st.one_of(*map(values_of, held["anyOf"]))
    if "enum" in held:
        return st.sampled_from(held["enum"])
    if held["type"] == "integer":
        return st.integers(held["minimum"], held["maximum"])
    if held["type"] == "string":
        return names if held.get("minLength") else texts
    return {"boolean": st.booleans(), "null": st.none()}[held["type"]]


@st.composite
def valid_events(draw: st.DrawFn) -> dict[str, Any]:
    """Events of which the schemas say that they are valid."""
    name = draw(st.sampled_from(sorted(EVENT_TYPES)))
    schema = SCHEMAS[name]["properties"]["data"]
    schema = schema.get("anyOf", [schema])[0]
    data = {
        field: draw(values_of(held))
        for field, held in schema["properties"].items()
        if field in schema.get("required", ()) or draw(st.booleans())
    }
    if draw(st.booleans()):
        data["x-" + draw(names)] = draw(anything)
    return {
        "specversion": "1.0",
        "type": f"support.{name}.v1",
        "source": draw(names),
        "id": draw(names),
        "time": format_time(draw(st.integers(0, 3 * 10**13))),
        "subject": f"{draw(st.sampled_from(kinds_of(name)))}/{draw(names)}",
        "sequence": draw(st.none() | st.integers(-(2**63) + 1, 2**63 - 1) | st.from_regex(r"\A[0-9]{1,18}\Z")),
        "data": data,
    }


@given(valid_events())
def test_what_the_schema_allows_is_decoded(document: dict[str, Any]) -> None:
    VALIDATORS[document["type"].removeprefix("support.").removesuffix(".v1")].validate(document)
    event = decode(json.dumps(document).encode())
    assert f"{event.kind}/{event.entity}" == document["subject"]
    assert event.entry.uid == f"{document['source']}#{document['id']}"
    assert format_time(event.entry.time) == document["time"]
    assert event.entry.sequence == int(document["sequence"] or 0)
    known = {name: held for name, held in document["data"].items() if not name.startswith("x-")}
    for name, held in known.items():
        default = next(f.default for f in msgspec.structs.fields(type(event.entry.data)) if f.name == name)
        assert getattr(event.entry.data, name) == (default if held is None else held)
    assert set(event.unknown_fields) == document["data"].keys() - known.keys()


@given(valid_events(), st.data())
def test_what_is_decoded_the_schema_allows(document: dict[str, Any], data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([document, document["data"]]))
    if place:
        place[data.draw(st.sampled_from(sorted(place)))] = data.draw(anything)
    try:
        decode(json.dumps(document).encode())
    except (RejectedError, UnknownTypeError):
        return
    VALIDATORS[document["type"].removeprefix("support.").removesuffix(".v1")].validate(document)


@given(tapes(100))
def test_what_we_write_others_read_and_what_they_write_we_read(tape: Tape) -> None:
    for event in world(tape).events:
        written = wire(event)
        VALIDATORS[short_name(type(event.entry.data))].validate(json.loads(written))
        theirs = from_kafka(KafkaMessage({"content-type": b"application/cloudevents+json"}, None, written), FORMAT)
        assert theirs.get_subject() == f"{event.kind}/{event.entity}"
        for message in (to_structured(theirs, FORMAT), to_binary(theirs, FORMAT)):
            assert decode(message.value, list(message.headers.items())) == event
        assert decode(written) == event


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_the_example_of_each_type_is_valid(name: str) -> None:
    VALIDATORS[name].check_schema(SCHEMAS[name])
    VALIDATORS[name].validate(example(name))
    assert decode(json.dumps(example(name)).encode()).unknown_fields == ()


def test_the_committed_documents_are_those_of_the_types() -> None:
    committed = {path.name: path.read_text() for path in COMMITTED.iterdir() if path.name != "README.md"}
    assert committed == render_docs(), "regenerate with: ticket-streams docs"

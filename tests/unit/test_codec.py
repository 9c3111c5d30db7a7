"""What is taken as an event, and what is refused: which field, which value, by which rule."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from streams.codec import RejectedError, UnknownTypeError, decode, format_time, parse_time
from streams.events.schema import json_schemas
from streams.history import EMPTY, merge
from streams.history import decode as restore
from streams.history import encode as store

CORPUS: list[dict[str, Any]] = json.loads(Path("tests/bad/events/events.json").read_bytes())
GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "type": "support.message.sent.v1",
    "source": "/desk",
    "id": "m-1",
    "time": "2026-05-04T09:20:00Z",
    "subject": "ticket/4711",
    "data": {"author": "rep"},
}


def written(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def bad(case: dict[str, Any]) -> bytes:
    if "value" in case:
        return str(case["value"]).encode()
    document = {**GOOD, **case.get("with", {})}
    document.pop(case.get("without", ""), None)
    return json.dumps(document).encode()


@pytest.mark.parametrize("case", CORPUS, ids=[case["name"] for case in CORPUS])
def test_refuses(case: dict[str, Any]) -> None:
    with pytest.raises(RejectedError) as caught:
        decode(bad(case))
    assert (caught.value.reason, caught.value.field) == (case["reason"], case["field"])
    assert caught.value.rule.startswith(case["rule"])
    assert str(caught.value).startswith(f"{case['field']} = "), "the message names field and value"


@pytest.mark.parametrize("case", [case for case in CORPUS if case["reason"] not in ("json", "time")])
def test_the_schema_refuses_it_too(case: dict[str, Any]) -> None:
    assert not Draft202012Validator(json_schemas()["message.sent"]).is_valid(json.loads(bad(case)))


def test_every_rule_of_the_envelope_has_a_limit_of_length() -> None:
    for attribute in ("source", "id"):
        assert decode(written(**{attribute: "x" * 256})).entity == "4711"
        with pytest.raises(RejectedError, match="at most 256 characters"):
            decode(written(**{attribute: "x" * 257}))
    with pytest.raises(RejectedError, match="at most 256 characters"):
        decode(written(data={"author": "rep", "queue": "x" * 257}))


def test_a_long_value_is_shown_cut_off() -> None:
    with pytest.raises(RejectedError) as caught:
        decode(written(id="x" * 100_000))
    assert len(str(caught.value)) < 300


def test_no_value_at_all_is_refused_in_structured_mode() -> None:
    with pytest.raises(RejectedError) as caught:
        decode(None)
    assert (caught.value.reason, caught.value.field) == ("json", "value")


def test_unknown_types_are_told_from_bad_ones() -> None:
    with pytest.raises(UnknownTypeError, match=r"support\.ticket\.praised\.v1"):
        decode(written(type="support.ticket.praised.v1"))


def test_unknown_fields_are_named_and_do_no_harm() -> None:
    event = decode(written(data={"author": "rep", "mood": 3, "type": "incident", "colour": None}))
    assert event.entry.data.author == "rep"
    assert sorted(event.unknown_fields) == ["colour", "mood", "type"]


def test_unknown_attributes_are_ignored() -> None:
    assert decode(written(traceparent="00-1-2-03", partitionkey="4711")).unknown_fields == ()


@pytest.mark.parametrize("data", [None, {}])
def test_events_without_data_are_taken_where_none_is_required(data: object) -> None:
    assert decode(written(type="support.ticket.solved.v1", data=data)).kind == "ticket"


def test_null_says_nothing() -> None:
    assert decode(written(data={"author": "rep", "queue": None})).entry.data.queue is None


@pytest.mark.parametrize(("sequence", "number"), [(None, 0), (7, 7), ("12", 12), (-3, -3), (2**63 - 1, 2**63 - 1)])
def test_sequences_are_numbers_also_as_text_and_can_be_stored(sequence: object, number: int) -> None:
    event = decode(written(sequence=sequence))
    history = merge(EMPTY, [event.entry]).history
    assert restore("ticket", store(history)).events[0].sequence == number


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("2026-05-04T09:20:00.2509Z", 1_777_886_400_250),
        ("2026-03-29T03:00:00+02:00", 1_774_746_000_000),
        ("2999-12-31T23:59:59.999Z", 32_503_679_999_999),
    ],
)
def test_times(text: str, millis: int) -> None:
    assert parse_time(text) == millis


@pytest.mark.parametrize(
    "text",
    [
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00+00:01",
        "0001-01-01T00:00:00+01:00",
        "3000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_times_that_no_event_can_be_of(text: str) -> None:
    with pytest.raises(RejectedError, match=rf"^time = '{re.escape(text)}': must lie in the years 1970 to 2999$"):
        parse_time(text)


def test_times_are_written_with_milliseconds_only_where_there_are_any() -> None:
    assert format_time(1_777_886_400_000) == "2026-05-04T09:20:00Z"
    assert format_time(1_777_886_400_250) == "2026-05-04T09:20:00.250Z"


BINARY = [(f"ce_{name}", str(held).encode()) for name, held in GOOD.items() if name != "data"]


def test_binary_mode_reads_the_headers() -> None:
    assert decode(b'{"author": "rep"}', [*BINARY, ("trace", b"x")]) == decode(written())


@pytest.mark.parametrize("value", [None, b""])
def test_binary_mode_needs_no_value_where_no_data_is_required(value: bytes | None) -> None:
    headers = [*BINARY, ("ce_type", b"support.ticket.solved.v1")]
    assert decode(value, headers) == decode(written(type="support.ticket.solved.v1", data={}))


@pytest.mark.parametrize(
    ("headers", "value", "field"),
    [
        ([*BINARY, ("ce_time", None)], b"{}", "data"),
        ([header for header in BINARY if header[0] != "ce_time"], b'{"author": "rep"}', "time"),
        ([("ce_type", None)], b"{}", "specversion"),
        ([*BINARY, ("ce_subject", b"\xff\xfe")], b'{"author": "rep"}', "subject"),
        (BINARY, b"author=rep", "value"),
        (BINARY, None, "data"),
    ],
)
def test_binary_mode_refuses(headers: list[tuple[str, bytes | None]], value: bytes | None, field: str) -> None:
    with pytest.raises(RejectedError) as caught:
        decode(value, headers)
    assert caught.value.field == field


def test_an_event_is_stored_as_it_was_read() -> None:
    entry = decode(written(data={"author": "rep", "queue": "A", "automated": True})).entry
    assert restore("ticket", store(merge(EMPTY, [entry]).history)).events == [entry]
    assert msgspec.to_builtins(entry.data)["automated"] is True

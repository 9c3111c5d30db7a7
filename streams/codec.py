"""CloudEvents 1.0 JSON to events and back, structured and binary mode.

Every rejection names the field, the value and the rule. Unknown event types raise :class:`UnknownTypeError`, which
callers count and pass over; unknown data fields are ignored and reported with the event.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from streams.events import ENTRY_TYPES, EVENT_TYPES, KINDS, Event, ce_type, kinds_of
from streams.events.base import LABELS, MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.events import Data, Entry, Kind

_PREFIX = "support."
_SHOWN = 120
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SEQUENCE_BITS = 63
_SUBJECT_RULE = f"must be {', '.join(f'{kind}/ID' for kind in KINDS[:-1])} or {KINDS[-1]}/ID"
_PATH = re.compile(r" - at `\$\.?([^`]*)`$")

CONTENT_TYPE = b"application/cloudevents+json"


class RejectedError(ValueError):
    """An event that cannot be taken; the message names field, value and rule."""

    def __init__(self, reason: str, field: str, value: object, rule: str) -> None:
        """``reason``: a word to count by; ``rule``: what the field must be."""
        shown = repr(value)
        if len(shown) > _SHOWN:
            shown = shown[:_SHOWN] + "…"
        super().__init__(f"{field} = {shown}: {rule}")
        self.reason = reason
        self.field = field
        self.value = value
        self.rule = rule


class UnknownTypeError(ValueError):
    """A well-formed CloudEvent of a type that this version does not know."""


_TYPES: dict[str, tuple[type[Data], frozenset[str], tuple[Kind, ...]]] = {
    ce_type(name): (data_type, frozenset(data_type.__struct_encode_fields__), kinds_of(name))
    for name, data_type in EVENT_TYPES.items()
}


def _text(attributes: dict[str, Any], name: str) -> str:
    value = attributes.get(name)
    if not isinstance(value, str) or not value:
        raise RejectedError("envelope", name, value, "must be a non-empty string")
    _check_text("envelope", name, value)
    return value


def has_control(text: str) -> bool:
    """Whether a text holds control characters."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def _check_text(reason: str, field: str, value: str) -> None:
    """Identifiers and labels become parts of keys and of series, so they are short and say nothing to terminals."""
    if len(value) > MAX_TEXT:
        raise RejectedError(reason, field, value, f"must have at most {MAX_TEXT} characters")
    if has_control(value):
        raise RejectedError(reason, field, value, "must not contain control characters")


def parse_time(value: object, field: str = "time") -> int:
    """Milliseconds since the epoch of an RFC 3339 time with zone; sub-millisecond digits are cut off.

    Raises:
        RejectedError: not a time, without zone, or of a year that no event can be of.
    """
    if isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            parsed = None
        if parsed is not None and parsed.tzinfo is not None:
            since = parsed - _EPOCH
            millis = (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
            # Beyond lie what programs write for "none" (the years 1 and 9999), and instants that cannot be told apart
            # from them, or not be written at all, once a promise's time is added.
            if not 0 <= millis < _LAST:
                raise RejectedError("time", field, value, "must lie in the years 1970 to 2999")
            return millis
    raise RejectedError("time", field, value, "must be an RFC 3339 time with a zone, such as 2026-05-04T09:00:00Z")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = (datetime(3000, 1, 1, tzinfo=UTC) - _EPOCH).days * 86_400_000


def format_time(millis: int) -> str:
    """RFC 3339 in UTC, with milliseconds only where there are any."""
    whole, milli = divmod(millis, 1000)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{milli:03d}Z" if milli else f"{text}Z"


def _structured(value: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise RejectedError("json", "value", value[:_SHOWN], f"must be JSON ({error})") from None
    if not isinstance(document, dict):
        raise RejectedError("json", "value", document, "must be a JSON object")
    return document


def _binary(headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    for name, raw in headers:
        if name.startswith("ce_") and raw is not None:
            attributes[name[3:]] = raw.decode("utf-8", "replace")
    if not value:
        return attributes  # an event may carry no data
    try:
        attributes["data"] = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise RejectedError("json", "value", value[:_SHOWN], f"must be JSON ({error})") from None
    return attributes


def _sequence(value: object) -> int:
    if value is None:
        return 0
    number = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _SEQUENCE_BITS:
        number = int(value)
    if number is None or number.bit_length() > _SEQUENCE_BITS:
        raise RejectedError("envelope", "sequence", value, "must be a whole number of at most 63 bits")
    return number


def _invalid_data(error: msgspec.ValidationError, data: object) -> RejectedError:
    text = str(error)
    found = _PATH.search(text)
    path = found.group(1) if found else ""
    value: Any = data
    for part in filter(None, path.split(".")):
        value = value.get(part) if isinstance(value, dict) else None
    rule = text[: found.start()] if found else text
    return RejectedError("data", f"data.{path}" if path else "data", value, rule)


def _data(raw: Any, data_type: type[Data], fields: frozenset[str]) -> tuple[Data, tuple[str, ...]]:
    """An event's data, and the names of the fields in it that this version does not know."""
    if not raw and (raw is None or raw == {}):
        return _convert({}, data_type), ()
    if isinstance(raw, dict) and "type" in raw:
        # A field of the producer's own: the struct uses the name for its tag.
        data, unknown = _data({name: held for name, held in raw.items() if name != "type"}, data_type, fields)
        return data, (*unknown, "type")
    data = _convert(raw, data_type)
    return data, () if raw.keys() <= fields else tuple(sorted(raw.keys() - fields))


def _convert(raw: Any, data_type: type[Data]) -> Data:
    try:
        data = msgspec.convert(raw, data_type)
    except msgspec.ValidationError as error:
        raise _invalid_data(error, raw) from None
    check_labels(data)
    return data


def check_labels(data: Data) -> None:
    """Refuse labels that are too long, or hold control characters.

    Raises:
        RejectedError: says which.
    """
    for label in LABELS:
        text = getattr(data, label)
        if text:
            _check_text("data", f"data.{label}", text)


def decode(value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = ()) -> Event:
    """Read one event from a record's value (structured mode) or its value and ``ce_`` headers (binary mode).

    Raises:
        RejectedError: cannot be taken; says field, value and rule.
        UnknownTypeError: a type that this version does not know.
    """
    if headers and any(name == "ce_type" for name, _ in headers):
        attributes = _binary(headers, value)
    elif value is None:
        raise RejectedError("json", "value", None, "must not be empty")
    else:
        attributes = _structured(value)
    if attributes.get("specversion") != "1.0":
        raise RejectedError("envelope", "specversion", attributes.get("specversion"), 'must be "1.0"')
    event_type = _text(attributes, "type")
    known = _TYPES.get(event_type)
    if known is None:
        if not event_type.startswith(_PREFIX):
            raise RejectedError("envelope", "type", event_type, "must start with support.")
        raise UnknownTypeError(event_type)
    data_type, fields, kinds = known
    uid = f"{_text(attributes, 'source')}#{_text(attributes, 'id')}"
    kind, _, entity = _text(attributes, "subject").partition("/")
    if kind not in KINDS or not entity:
        raise RejectedError("envelope", "subject", attributes["subject"], _SUBJECT_RULE)
    if kind not in kinds:
        raise RejectedError(
            "envelope", "subject", attributes["subject"], f"{event_type} speaks of {' or '.join(kinds)}"
        )
    time = parse_time(attributes.get("time"))
    data, unknown = _data(attributes.get("data"), data_type, fields)
    entry = ENTRY_TYPES[kind](time, _sequence(attributes.get("sequence")), uid, data)
    return Event(kind, entity, entry, unknown)


def encode(kind: Kind, entity: str, name: str, source: str, event_id: str, entry: Entry) -> bytes:
    """One event as structured-mode CloudEvents JSON. ``name``: short name of the type; ``entry.uid`` is not used."""
    fields = msgspec.to_builtins(entry.data)
    fields.pop("type", None)
    document: dict[str, Any] = {
        "specversion": "1.0",
        "type": ce_type(name),
        "source": source,
        "id": event_id,
        "time": format_time(entry.time),
        "subject": f"{kind}/{entity}",
        "partitionkey": entity,
        "datacontenttype": "application/json",
        "data": fields,
    }
    if entry.sequence:
        document["sequence"] = str(entry.sequence)
    return orjson.dumps(document)

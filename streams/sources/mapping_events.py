"""Event rules, compiled: what one row yields."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streams.codec import RejectedError, check_labels, has_control
from streams.events import ENTRY_TYPES, EVENT_TYPES, Event
from streams.sources.mapping_conditions import compile_when
from streams.sources.mapping_rows import RowError
from streams.sources.mapping_times import check_range

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.events import Data
    from streams.sources.mapping_conditions import Condition, Instant
    from streams.sources.mapping_document import Document, Rule
    from streams.sources.mapping_rows import Cells, Columns, Getter

    Pseudonymise = Callable[[str], str]
    """From a customer's identity as written to a stable name that does not give it away."""

_MAX_ID = 256
_DIGEST_BYTES = 12


class Mapped(NamedTuple):
    """A row's event, with what an envelope needs beside it."""

    event: Event
    name: str
    """Short name of the event's type, such as ``ticket.created``."""
    source: str
    event_id: str
    line: int


class Ignored(NamedTuple):
    """A row that yields no event, and need not."""

    line: int
    reason: str


class Invalid(NamedTuple):
    """A row that cannot be used: which field, which value, which rule."""

    line: int
    field: str
    value: object
    rule: str


class Place(NamedTuple):
    """Where a row stands: its line, its entity, the source's order among equal times, and the row before it."""

    line: int
    entity: str
    sequence: int
    previous: Cells | None


class Maker:
    """Makes one rule's event of a row."""

    def __init__(self, rule: Rule, document: Document, columns: Columns, times: dict[str, Instant]) -> None:
        """Compile a rule; problems are noted in ``columns.problems``."""
        self.applies: Condition = compile_when(rule.when, columns, times)
        self._name = rule.event
        self._source = document.source
        self._kind = document.kind
        self._at_name = rule.at
        self._at = times.get(rule.at)
        self._id = columns.required(rule.id, (*rule.path, "id")) if rule.id else None
        self._data_type: type[Data] | None = EVENT_TYPES.get(rule.event)
        self._entry_type = ENTRY_TYPES[document.kind]
        fields: list[tuple[str, Getter]] = [(name, columns.field(field)) for name, field in rule.data.items()]
        self._fields = [(name, getter) for name, getter in fields if name != "customer"]
        self._customer = next((getter for name, getter in fields if name == "customer"), None)

    def make(self, cells: Cells, place: Place, pseudonymise: Pseudonymise) -> Mapped:
        """The event.

        Raises:
            RowError: a value of the row does not fit the event.
        """
        time = self._at(cells) if self._at else None
        if time is None:
            raise RowError(self._at_name, "", f"must be present: {self._name} happens at it")
        check_range(self._at_name, time, time)
        said = {name: value for name, getter in self._fields if (value := getter(cells))}
        event_id = self._id(cells) if self._id else self._derived(time, place, said)
        if not event_id or len(event_id) > _MAX_ID:
            raise RowError(field="id", value=event_id, rule=f"must have 1 to {_MAX_ID} characters")
        if has_control(event_id):
            raise RowError(field="id", value=event_id, rule="must not contain control characters")
        if self._customer is not None and (customer := self._customer(cells)):
            said["customer"] = pseudonymise(customer)
        try:
            data = msgspec.convert(said, self._data_type, strict=False)
            check_labels(data)
        except msgspec.ValidationError as error:
            raise _unfit(error, said) from None
        except RejectedError as error:
            name = error.field.removeprefix("data.")
            raise RowError(field=name, value=said[name], rule=error.rule) from None
        entry = self._entry_type(time, place.sequence, f"{self._source}#{event_id}", data)
        return Mapped(Event(self._kind, place.entity, entry), self._name, self._source, event_id, place.line)

    def _derived(self, time: int, place: Place, said: dict[str, str]) -> str:
        # Neither the row's number nor the customer's name is part of it: the same row must have the same id wherever
        # it stands and whichever key pseudonyms are made with.
        content = "\x1f".join([place.entity, str(time), self._name, *[f"{key}={said[key]}" for key in sorted(said)]])
        return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def _unfit(error: msgspec.ValidationError, said: dict[str, str]) -> RowError:
    rule, _, where = str(error).partition(" - at `$.")
    name = where.rstrip("`")
    if name:
        return RowError(f"data.{name}", said.get(name), rule)
    return RowError("data", said, rule)

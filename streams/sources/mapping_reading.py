"""Reads a mapping document into typed structs, and notes every problem on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from streams.events import EVENT_TYPES, KINDS, kinds_of
from streams.figures.days import wrong_zone
from streams.figures.options import FigureOptions
from streams.sources.mapping_document import AS_WRITTEN, Document, Field, Format, Rule, Sieve, Time, When
from streams.sources.mapping_problems import nearest

if TYPE_CHECKING:
    from streams.problems import Path
    from streams.sources.mapping_problems import Reading
_TOP = (
    "about", "format", "source", "kind", "entity", "zone", "fold", "time_format", "absent", "sequence", "times",
    "values", "at", "ignore", "reject", "data", "events", "figures",
)  # fmt: skip
_DELIMITERS = {"csv": ",", "tsv": "\t", "ndjson": ""}
_QUOTES = {"csv": '"', "tsv": "", "ndjson": ""}


def read_document(reading: Reading, document: object) -> Document:
    """Read a whole mapping, noting problems in ``reading``; what has a problem is left out or at its default."""
    if not isinstance(document, dict):
        reading.problem((), document, "must be a table with the keys format, source, kind, entity, times and events")
        document = {}
    top = reading.table((), document, _TOP)
    for key in ("source", "entity", "times", "events"):
        if top.get(key) is None:
            reading.problem((key,), None, "is required")
    kind = reading.choice(("kind",), top.get("kind"), KINDS, "ticket")
    if top.get("kind") is None:
        reading.problem(("kind",), None, f"is required; known are {', '.join(map(repr, KINDS))}")
    defaults = Time(
        path=(),
        formats=reading.texts(("time_format",), top.get("time_format", [])),
        zone=reading.text(("zone",), top.get("zone", AS_WRITTEN)),
        fold=reading.choice(("fold",), top.get("fold"), ("first", "second"), "first"),
    )
    if top.get("zone") is None:
        reading.problem(("zone",), None, "is required: an IANA zone such as Europe/Rome, or as_written (taken as UTC)")
    times = {
        name: _time(reading, ("times", name), value, defaults)
        for name, value in reading.table(("times",), top.get("times")).items()
    }
    at = reading.choice(("at",), top.get("at"), times, next(iter(times)) if len(times) == 1 else "")
    shared = _Shared(kind, times, at, read_fields(reading, ("data",), top.get("data")))
    rules = [
        _rule(reading, ("events", index), value, shared)
        for index, value in enumerate(reading.items(("events",), top.get("events")))
    ]
    if top.get("events") == []:
        reading.problem(("events",), [], "must list at least one event")
    if any(rule.when.needs_neighbours for rule in rules) and not at and len(times) > 1:
        reading.problem(
            ("at",), None, "is required with first or changed: which time puts the rows of an entity in order"
        )
    return Document(
        about=reading.scalar(("about",), top.get("about", "")) or "",
        format=_format(reading, ("format",), top.get("format")),
        source=_source(reading, top.get("source")),
        kind=kind,  # type: ignore[arg-type]  # choice() answers with one of KINDS
        entity=reading.text(("entity",), top["entity"]) if top.get("entity") is not None else "",
        absent=reading.texts(("absent",), top.get("absent", [])),
        sequence=reading.scalar(("sequence",), top.get("sequence", "")) or "",
        times=times,
        values=read_fields(reading, ("values",), top.get("values")),
        at=at,
        ignore=_sieves(reading, ("ignore",), top.get("ignore"), "ignored by rule"),
        reject=_sieves(reading, ("reject",), top.get("reject"), "must not be as a reject rule of the mapping says"),
        events=tuple(rules),
        figures=_figures(reading, ("figures",), top.get("figures"), defaults.zone),
    )


def _source(reading: Reading, value: object) -> str:
    text = reading.text(("source",), value or "?")
    if len(text) > 128 or any(letter.isspace() for letter in text):
        reading.problem(("source",), value, "must have at most 128 characters and no spaces, such as /imports/helpdesk")
    return text


def _format(reading: Reading, path: Path, value: object) -> Format:
    known = ("type", "delimiter", "quote", "encoding", "header", "columns", "fields")
    found = reading.table(path, value, known) if isinstance(value, dict) else {"type": value}
    kind = reading.choice((*path, "type"), found.get("type"), tuple(_DELIMITERS), "csv")
    delimiter = reading.scalar((*path, "delimiter"), found.get("delimiter", _DELIMITERS[kind])) or ""
    quote = reading.scalar((*path, "quote"), found.get("quote", _QUOTES[kind])) or ""
    columns = reading.texts((*path, "columns"), found.get("columns", []))
    header = reading.flag((*path, "header"), found.get("header"), default=not columns)
    if kind == "ndjson":
        for key in ("delimiter", "quote", "header", "columns", "fields"):
            if key in found:
                reading.problem((*path, key), found[key], "has no meaning for ndjson")
    elif len(delimiter) != 1:
        reading.problem((*path, "delimiter"), delimiter, "must be one character")
    if len(quote) > 1:
        reading.problem((*path, "quote"), quote, "must be one character, or empty for none")
    if kind != "ndjson" and header == bool(columns):
        rule = "must be absent when the file has a header" if header else "is required when the file has no header"
        reading.problem((*path, "columns"), list(columns), rule)
    encoding = reading.text((*path, "encoding"), found.get("encoding", "utf-8"))
    try:
        "".encode(encoding)
    except LookupError:
        reading.problem((*path, "encoding"), encoding, "must be an encoding, such as utf-8 or windows-1252")
    return Format(
        type=kind, delimiter=delimiter, quote=quote, encoding=encoding, header=header and kind != "ndjson",
        columns=columns, fields=reading.number((*path, "fields"), found.get("fields"), None),
    )  # fmt: skip


def read_fields(reading: Reading, path: Path, value: object) -> dict[str, Field]:
    """Named values; a field that is null is left out of the answer."""
    return {
        name: _field(reading, (*path, name), content)
        for name, content in reading.table(path, value).items()
        if content is not None
    }


def _field(reading: Reading, path: Path, value: object) -> Field:
    if not isinstance(value, dict):
        return Field(path=path, template=reading.text(path, value))
    found = reading.table(path, value, ("value", "constant", "absent", "table", "otherwise", "case"))
    if ("value" in found) == ("constant" in found):
        reading.problem(path, value, "must have either value (a template of columns) or constant")
    constant = "constant" in found
    template = reading.text((*path, "value"), found.get("constant" if constant else "value", "?"))
    table: dict[str, str] | None = None
    if "table" in found:
        table = {}
        for key, content in reading.table((*path, "table"), found["table"]).items():
            table[key] = (reading.scalar((*path, "table", key), content) or "") if content is not None else ""
    otherwise = None if found.get("otherwise") is None else reading.scalar((*path, "otherwise"), found["otherwise"])
    if otherwise is not None and table is None:
        reading.problem((*path, "otherwise"), otherwise, "has no meaning without table")
    return Field(
        path=path, template=template, constant=constant,
        absent=reading.texts((*path, "absent"), found["absent"]) if "absent" in found else None,
        table=table, otherwise=otherwise,
        case=reading.choice((*path, "case"), found.get("case"), ("keep", "lower", "upper"), "keep"),
    )  # fmt: skip


def _time(reading: Reading, path: Path, value: object, defaults: Time) -> Time:
    if not isinstance(value, dict):
        value = {"value": value}
    found = reading.table(
        path, value,
        ("value", "format", "zone", "fold", "absent", "after_midnight_of", "wrap_seconds", "from", "plus_seconds",
         "first_of", "not_before"),
    )  # fmt: skip
    ways = [key for key in ("value", "from", "first_of") if key in found]
    if len(ways) != 1:
        reading.problem(path, value, "must have exactly one of value, from and first_of")
    if ("from" in found) != ("plus_seconds" in found):
        reading.problem(path, value, "from and plus_seconds go together")
    for key in ("format", "zone", "fold", "absent", "after_midnight_of", "wrap_seconds"):
        if key in found and "value" not in found:
            reading.problem((*path, key), found[key], "has no meaning without value")
    formats = reading.texts((*path, "format"), found["format"]) if "format" in found else defaults.formats
    if "value" in found and not formats:
        reading.problem((*path, "format"), None, "is required here or as time_format of the mapping")

    def text(key: str) -> str:
        return reading.text((*path, key), found[key]) if key in found else ""

    return Time(
        path=path, value=text("value"), formats=formats, zone=text("zone") or defaults.zone,
        fold=reading.choice((*path, "fold"), found.get("fold"), ("first", "second"), defaults.fold),
        absent=reading.texts((*path, "absent"), found["absent"]) if "absent" in found else None,
        after_midnight_of=text("after_midnight_of"),
        wrap_seconds=reading.number((*path, "wrap_seconds"), found.get("wrap_seconds"), 43_200) or 0,
        base=text("from"), plus_seconds=text("plus_seconds"), not_before=text("not_before"),
        first_of=reading.texts((*path, "first_of"), found["first_of"]) if "first_of" in found else (),
    )  # fmt: skip


def _when(reading: Reading, path: Path, value: object, *, neighbours: bool) -> When:
    found = reading.table(path, value, ("is", "not", "present", "absent", "first", "changed"))

    def conditions(key: str) -> dict[str, tuple[str, ...]]:
        table = reading.table((*path, key), found.get(key))
        return {name: reading.texts((*path, key, name), content) for name, content in table.items()}

    when = When(
        path=path, is_=conditions("is"), not_=conditions("not"),
        present=reading.texts((*path, "present"), found.get("present", [])),
        absent=reading.texts((*path, "absent"), found.get("absent", [])),
        first=reading.flag((*path, "first"), found["first"], default=True) if "first" in found else None,
        changed=reading.texts((*path, "changed"), found.get("changed", [])),
    )  # fmt: skip
    if when.needs_neighbours and not neighbours:
        reading.problem(path, value, "first and changed may be asked by events only")
    return when


def _sieves(reading: Reading, path: Path, value: object, default: str) -> tuple[Sieve, ...]:
    sieves = []
    for index, item in enumerate(reading.items(path, value)):
        here = (*path, index)
        found = reading.table(here, item, ("when", "because"))
        if found.get("when") is None:
            reading.problem((*here, "when"), None, "is required")
        when = _when(reading, (*here, "when"), found.get("when"), neighbours=False)
        sieves.append(Sieve(when=when, because=reading.text((*here, "because"), found.get("because", default))))
    return tuple(sieves)


class _Shared(NamedTuple):
    """What the rules of a mapping share."""

    kind: str
    times: dict[str, Time]
    at: str
    data: dict[str, Field]


def _rule(reading: Reading, path: Path, value: object, shared: _Shared) -> Rule:
    found = reading.table(path, value, ("event", "when", "at", "id", "data"))
    event = reading.text((*path, "event"), found.get("event") or "?")
    names = [name for name in EVENT_TYPES if shared.kind in kinds_of(name)]
    if event not in names:
        rule = f"must be an event of a {shared.kind}; {nearest(event, names)}"
        reading.problem((*path, "event"), found.get("event"), rule)
    own = reading.table((*path, "data"), found.get("data"))
    fields = {name: field for name, field in shared.data.items() if name not in own}
    fields |= read_fields(reading, (*path, "data"), own)
    if event in names:
        known = [name for name in EVENT_TYPES[event].__struct_fields__ if name != "type"]
        for name in [name for name in fields if name not in known]:
            reading.problem(
                (*fields[name].path,), fields[name].template, f"{event} has no such field; {nearest(name, known)}"
            )
    time = reading.choice((*path, "at"), found.get("at"), shared.times, shared.at)
    if not time and shared.times and found.get("at") is None:
        reading.problem((*path, "at"), None, f"is required: one of {', '.join(map(repr, shared.times))}")
    return Rule(
        path=path, event=event, at=time, data=fields,
        when=_when(reading, (*path, "when"), found.get("when"), neighbours=True),
        id=reading.text((*path, "id"), found["id"]) if "id" in found else "",
    )  # fmt: skip


def _figures(reading: Reading, path: Path, value: object, zone: str) -> FigureOptions:
    # Days are counted by the clock that the log was written by, unless it says otherwise.
    options = FigureOptions() if zone == AS_WRITTEN or wrong_zone(zone) else FigureOptions(default_zone=zone)
    hints = get_type_hints(FigureOptions)
    for key, content in reading.table(path, value, FigureOptions.__struct_fields__).items():
        try:
            one = msgspec.convert({key: content}, FigureOptions, strict=False)
        except msgspec.ValidationError as error:
            # Of the right type, but not allowed: the options say themselves why.
            refused = isinstance(error.__cause__, ValueError)
            reading.problem((*path, key), content, str(error) if refused else _wanted(hints[key]))
        else:
            options = msgspec.structs.replace(options, **{key: getattr(one, key)})
    return options


def _wanted(hint: object) -> str:
    choices = get_args(hint)
    if hint is bool:
        return "must be true or false"
    if hint is float:
        return "must be a number of seconds"
    if hint is str:
        return "must be a name"
    if get_origin(hint) is dict:
        return f"must be a table of queues and {'names' if choices[1] is str else 'numbers of seconds'}"
    return f"must be one of {', '.join(map(repr, choices))}"

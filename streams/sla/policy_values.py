"""Tables and single values of a policy file: shares, durations, instants, warning points, lists of names."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from streams.businesstime.durations import Duration, DurationError, Unit, parse_duration
from streams.businesstime.localtime import millis
from streams.businesstime.problems import nearest
from streams.businesstime.reading_hours import read_date
from streams.sla.model import Warn
from streams.sla.policy_words import CHOICES

if TYPE_CHECKING:
    from datetime import date

    from streams.businesstime.problems import Reading
    from streams.problems import Path

SHARE_FORM = r"\d{1,2}(\.\d+)?\s?%"
PERCENT_FORM = r"\d+\s?%"
BEFORE_FORM = r".* before"
NAME_FORM = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_SHARE = re.compile(SHARE_FORM, re.ASCII)
_PERCENT = re.compile(PERCENT_FORM, re.ASCII)
_MAX_NAME = 128


def read_table(
    reading: Reading,
    path: Path,
    value: object,
    known: tuple[str, ...],
    required: tuple[str, ...] = (),
    such_as: str = "",
) -> dict[str, object]:
    """A table of known keys; those required that it lacks are problems. ``such_as``: an example of one."""
    found = reading.table(path, value, known, such_as)
    if isinstance(value, dict):
        for key in required:
            if value.get(key) is None:
                reading.problem((*path, key), None, "is required")
                found.pop(key, None)
    return found


def read_optional(reading: Reading, path: Path, said: dict[str, object], key: str) -> str:
    """Text that may be absent, and is empty then."""
    return reading.text((*path, key), said[key]) if said.get(key) is not None else ""


def read_name(reading: Reading, path: Path, value: object) -> str:
    """A name that becomes a label value and part of the names of rules; empty after a problem."""
    text = reading.text(path, value)
    if (text and not re.fullmatch(NAME_FORM, text[: _MAX_NAME + 1])) or len(text) > _MAX_NAME:
        reading.problem(path, text, f"must be letters, digits, '-', '_' and '.', at most {_MAX_NAME}")
        return ""
    return text


def read_names(reading: Reading, path: Path, value: object, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """One text or a list of texts, each once; ``known``: the words that are allowed, if not all are."""
    if value == []:
        reading.problem(path, value, "must name something; leave it out to allow everything")
    found: dict[str, None] = {}
    for place, item in enumerate(reading.items(value)):
        here = (*path, place) if isinstance(value, list) else path
        text = reading.text(here, item)
        if text in found:
            reading.problem(here, text, "stands twice")
        elif text and known and text not in known:
            reading.problem(here, text, f"unknown; {nearest(text, known)}")
        elif text:
            found[text] = None
    return tuple(found)


def read_some_names(reading: Reading, path: Path, value: object, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Names where none at all would mean everything: a key with nothing behind it must not."""
    if value is None:
        reading.problem(path, value, "must name something; leave it out to allow everything")
        return ()
    return read_names(reading, path, value, known)


def read_choice(reading: Reading, path: Path, value: object, key: str, default: str = "") -> str:
    """One of the words of :data:`CHOICES`; the default if absent or after a problem. Without default it is required."""
    if value is None and default:
        return default
    text = reading.text(path, value)
    if text and text not in CHOICES[key]:
        reading.problem(path, text, f"unknown; {nearest(text, CHOICES[key])}")
        return default or CHOICES[key][0]
    return text or default or CHOICES[key][0]


def read_share(reading: Reading, path: Path, value: object) -> float | None:
    """A share such as ``95%``, as a number between 0 and 1; None if absent or after a problem."""
    if value is None:
        return None
    if isinstance(value, str) and _SHARE.fullmatch(value) and Decimal(value.rstrip("% ")) > 0:
        return float(Decimal(value.rstrip("% ")) / 100)
    rule = "must be a share such as 95%, more than 0% and less than 100%"
    if isinstance(value, str) and re.fullmatch(r"0?\.\d+|\d{1,2}(\.\d+)?", value, re.ASCII) and Decimal(value) > 0:
        percent = Decimal(value) * (100 if Decimal(value) < 1 else 1)
        rule += f"; write {percent.normalize():f}%"
    reading.problem(path, value, rule)
    return None


def read_duration(reading: Reading, path: Path, value: object, suffix: str = "") -> Duration | None:
    """A duration such as ``1bh``, before a ``suffix`` that the text ends with; None after a problem."""
    text = reading.text(path, value)
    try:
        return parse_duration(text.removesuffix(suffix)) if text else None
    except DurationError as error:
        reading.problem(path, text, str(error))
        return None


def read_warning(reading: Reading, path: Path, value: object) -> Warn | None:
    """A warning point, ``75%`` of the target or ``0:30bh before`` its end; None after a problem."""
    text = reading.text(path, value)
    if _PERCENT.fullmatch(text):
        percent = int(text.rstrip("% "))
        if 0 < percent < 100:
            return Warn(percent=percent)
        reading.problem(path, text, "must be 1% to 99% of the target: a warning at its end or later warns of nothing")
        return None
    if text.endswith(" before"):
        before = read_duration(reading, path, text, " before")
        if before is None:
            return None
        if before.unit is not Unit.BUSINESS_DAYS:
            return Warn(before=before)
        reading.problem(path, text, "must be in h or bh: business days differ in length, so the point would too")
    elif text:
        reading.problem(path, text, "must be a whole percentage of the target such as 75%, or such as 0:30bh before")
    return None


def read_instant(reading: Reading, path: Path, value: object) -> int | None:
    """Milliseconds of a date (its midnight, UTC) or of a time with its offset; None after a problem."""
    text = reading.text(path, value)
    day = read_date(text)
    if day is not None:
        return millis(datetime(day.year, day.month, day.day, tzinfo=UTC))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is not None:
        return millis(moment)
    if moment is not None:
        reading.problem(path, text, f"needs its offset, such as {moment.isoformat()}+01:00, or Z for UTC")
    elif text:
        reading.problem(path, text, "must be a date (midnight UTC), or a time such as 2027-01-01T06:00:00+01:00")
    return None


def read_day(reading: Reading, path: Path, value: object) -> date | None:
    """A date; None after a problem."""
    text = reading.text(path, value)
    day = read_date(text)
    if text and day is None:
        reading.problem(path, text, "must be a date such as 2027-01-31")
    return day


def read_seconds(reading: Reading, path: Path, value: object) -> float:
    """A number of seconds, more than 0; 0 after a problem."""
    text = reading.text(path, value)
    if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text, re.ASCII) and float(text) > 0:
        return float(text)
    if text:
        reading.problem(path, text, "must be a number of seconds, more than 0, such as 20")
    return 0.0

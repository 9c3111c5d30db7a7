"""Times in files: formats, zones and clock times, as functions from text to milliseconds since the epoch, UTC."""

from __future__ import annotations

import difflib
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from streams.sources.mapping_document import AS_WRITTEN
from streams.sources.mapping_rows import RowError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

DAY_MILLIS = 86_400_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_YEAR = 9000
_REMEMBERED = 8192
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[AaPp]\.?[Mm]\.?)",
    "b": r"(?P<b>[A-Za-z]{3,9})\.?",
    "a": r"[A-Za-z]{2,9}\.?",
    "z": r"(?P<z>Z|[+-]\d{2}:?\d{2})",
    "%": "%",
}
_NAMED = ("iso", "epoch_seconds", "epoch_millis")
_DURATION = re.compile(r"(-?)(?:(\d+):)?(\d+):(\d{2}(?:\.\d+)?)$")


def check_format(text: str) -> str:
    """What is wrong with a format; empty if nothing is."""
    if text in _NAMED:
        return ""
    unknown = [found for found in re.findall(r"%(.?)", text) if found not in _DIRECTIVES]
    if unknown:
        return f"%{unknown[0]} is not known; known are {' '.join('%' + d for d in _DIRECTIVES)}"
    used = re.findall(r"%(.)", text)
    if len([name for name in used if name != "%"]) != len(set(used) - {"%"}):
        return "must not use a directive twice"
    if not {"Y", "y"} & set(used) or not {"m", "b"} & set(used) or "d" not in used:
        return f"must name year, month and day (%Y or %y, %m or %b, %d), or be one of {', '.join(_NAMED)}"
    return "%I needs %p" if "I" in used and "p" not in used else ""


def check_zone(name: str) -> str:
    """What is wrong with a zone; empty if nothing is."""
    try:
        _zone(name)
    except (OSError, ValueError, KeyError):
        known = {*available_timezones(), AS_WRITTEN}
        close = difflib.get_close_matches(name, sorted(known), n=1)
        return "must be an IANA zone such as Europe/Rome, or as_written" + (
            f"; did you mean {close[0]!r}?" if close else ""
        )
    return ""


def _zone(name: str) -> tzinfo:
    return UTC if name == AS_WRITTEN else ZoneInfo(name)


def compile_formats(field: str, formats: Sequence[str], zone: str, fold: str) -> Callable[[str], int]:
    """A function from text to milliseconds; formats are tried in their order.

    Args:
        field: what to call the time in errors.
        formats: checked formats.
        zone: checked zone; used where the text itself carries no offset.
        fold: ``first`` or ``second``: which of the two instants a local time means that occurs twice.

    Returns:
        A function that raises :class:`RowError` for text that no format fits. A local time that does not exist, for
        the clocks were put forward, is read with the offset before the change.
    """
    tz = _zone(zone)
    second = 1 if fold == "second" else 0
    readers = [_reader(text, tz, second) for text in formats]
    wanted = " or ".join(formats)

    @lru_cache(maxsize=_REMEMBERED)
    def parse(text: str) -> int:
        for reader in readers:
            try:
                millis = reader(text)
            except (ValueError, OverflowError):
                continue
            if millis is not None:
                check_range(field, text, millis)
                return millis
        raise RowError(field, text, f"must be a time like {wanted}")

    return parse


def check_range(field: str, value: object, millis: int) -> None:
    """Refuse what can hardly be meant as the time of an event, such as 0001-01-01 for an unknown one.

    Raises:
        RowError: before 1970, or after the last year that events may name.
    """
    if not 0 <= millis < (_LAST_YEAR - 1970) * 365 * DAY_MILLIS:
        raise RowError(field, value, f"must be a time from 1970 to {_LAST_YEAR}")


def _reader(text: str, tz: tzinfo, fold: int) -> Callable[[str], int | None]:
    if text == "iso":
        return lambda value: _iso(value, tz, fold)
    if text == "epoch_seconds":
        return lambda value: round(float(value) * 1000)
    if text == "epoch_millis":
        return lambda value: round(float(value))
    parts = re.split(r"%(.)", text)
    pattern = "".join(_DIRECTIVES[part] if index % 2 else re.escape(part) for index, part in enumerate(parts))
    match = re.compile(pattern.replace(r"\ ", " ")).fullmatch
    return lambda value: None if (found := match(value)) is None else _parsed(found.groupdict(), tz, fold)


def _iso(value: str, tz: tzinfo, fold: int) -> int:
    parsed = datetime.fromisoformat(value)
    return millis_of(parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=tz, fold=fold))


def _parsed(found: dict[str, str | None], tz: tzinfo, fold: int) -> int:
    get = found.get
    year = int(get("Y") or 0)
    if short := get("y"):
        # The rule of POSIX: 69 to 99 are of the twentieth century.
        year = int(short) + (1900 if int(short) >= 69 else 2000)
    month = _MONTHS.index(name[:3].lower()) + 1 if (name := get("b")) else int(get("m") or 0)
    hour = int(get("H") or 0)
    if twelve := get("I"):
        hour = int(twelve) % 12 + (12 if (get("p") or "").lower().startswith("p") else 0)
    micros = int((get("f") or "0")[:6].ljust(6, "0"))
    if (offset := get("z")) and offset != "Z":
        ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
        local = datetime(year, month, int(get("d") or 0), hour, int(get("M") or 0), int(get("S") or 0), micros, UTC)
        return millis_of(local + ahead if offset[0] == "-" else local - ahead)
    zone = UTC if offset else tz
    return millis_of(
        datetime(year, month, int(get("d") or 0), hour, int(get("M") or 0), int(get("S") or 0), micros, zone, fold=fold)
    )


def millis_of(time: datetime) -> int:
    """Milliseconds since the epoch of an aware time; sub-millisecond digits are cut off."""
    since = time.astimezone(UTC) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def duration_millis(field: str, text: str) -> int:
    """Milliseconds of a duration: seconds as a number, or ``[H:]MM:SS``.

    Raises:
        RowError: neither of them.
    """
    found = _DURATION.match(text)
    try:
        if found:
            sign, hours, minutes, seconds = found.groups()
            millis = (int(hours or 0) * 3600 + int(minutes) * 60) * 1000 + round(float(seconds) * 1000)
            return -millis if sign else millis
        return round(float(text) * 1000)
    except (ValueError, OverflowError):
        raise RowError(field, text, "must be a number of seconds, or H:MM:SS") from None

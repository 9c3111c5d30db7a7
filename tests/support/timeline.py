"""Write a timeline as a person would tell it, and get events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from streams.events import ENTRY_TYPES, EVENT_TYPES, Event, Kind


def millis(text: str, day: str = "2026-05-04") -> int:
    """Milliseconds of ``HH:MM[:SS]`` on a day, or of ``YYYY-MM-DD HH:MM[:SS]``; UTC."""
    moment = datetime.fromisoformat(text if " " in text else f"{day} {text}").replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


class Timeline:
    """Collects events of one day."""

    def __init__(self, day: str = "2026-05-04") -> None:
        self.day = day
        self.events: list[Event] = []

    def add(self, subject: str, when: str, name: str, *, uid: str | None = None, **data: Any) -> Event:
        """Add an event; equal times keep the order of writing through their sequence."""
        kind, _, entity = subject.partition("/")
        number = len(self.events) + 1
        typed_kind: Kind = msgspec.convert(kind, Kind)
        event = Event(
            typed_kind,
            entity,
            ENTRY_TYPES[typed_kind](
                millis(when, self.day),
                number,
                f"test#{uid or f'e{number}'}",
                msgspec.convert(data, EVENT_TYPES[name]),
            ),
        )
        self.events.append(event)
        return event

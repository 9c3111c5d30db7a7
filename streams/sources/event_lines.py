"""Lines that are events already: one CloudEvent (JSON, structured mode) a line, taken as it is.

Used wherever a mapping is: a topic that was dumped, or what ``ticket-streams simulate`` has written, needs no mapping.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from streams.codec import RejectedError, UnknownTypeError, decode
from streams.events import short_name
from streams.figures.options import FigureOptions
from streams.sources.mapping_document import LINES, Format
from streams.sources.mapping_events import Ignored, Invalid, Mapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.sources.mapping_events import Pseudonymise
    from streams.sources.mapping_rows import Row


class EventLines:
    """Reads lines as :class:`streams.sources.mapping.Mapping` reads rows."""

    name = "cloudevents"
    about = "One CloudEvent a line, as it is on the topics"
    figures = FigureOptions()
    format = Format(type=LINES, delimiter="", quote="", encoding="utf-8", header=False, columns=(), fields=None)

    def events(self, rows: Iterable[Row], pseudonymise: Pseudonymise) -> Iterator[Mapped | Ignored | Invalid]:
        """What the lines come to: an event each, or why there is none.

        Args:
            rows: lines with their numbers, each with the line's text as its only field; bytes that are no UTF-8
                are surrogates.
            pseudonymise: not used: events hold pseudonyms of customers already.
        """
        for line, (text,) in rows:
            try:
                event = decode(text.encode("utf-8", "surrogateescape"))
            except RejectedError as error:
                yield Invalid(line, error.field, error.value, error.rule)
            except UnknownTypeError as error:
                yield Ignored(line, f"{error}: is not a known type of event")
            else:
                said: dict[str, Any] = orjson.loads(text)
                yield Mapped(event, short_name(type(event.entry.data)), said["source"], said["id"], line)

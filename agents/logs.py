"""Recorded logs as events in order of time: files, a mapping and a pseudonym key make them."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agents.files import open_rows
from agents.pseudonyms import customer_key, pseudonymiser
from streams.sources.mapping import Invalid, Mapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agents.mappings import Source

SHOWN_PROBLEMS = 5


@dataclass(slots=True)
class Log:
    """What files came to."""

    events: list[Mapped] = field(default_factory=list)
    """In order of event time; equal times in the order of the files."""
    counts: Counter[str] = field(default_factory=Counter)
    """Rows that were ``ignored`` or ``invalid``."""
    problems: list[str] = field(default_factory=list)
    """The first invalid rows, a sentence each."""


def read_log(files: Iterable[str], mapping: Source) -> Log:
    """Read recorded logs.

    Raises:
        FileError: a file cannot be read.
        MappingError: the mapping does not fit a file.
        CustomerKeyError: the configured pseudonym key cannot be used.
    """
    log = Log()
    pseudonym = pseudonymiser(customer_key(os.environ))
    for name in files:
        for outcome in mapping.events(open_rows(Path(name), mapping.format), pseudonym):
            if isinstance(outcome, Mapped):
                log.events.append(outcome)
            elif isinstance(outcome, Invalid):
                log.counts["invalid"] += 1
                if len(log.problems) < SHOWN_PROBLEMS:
                    log.problems.append(f"{name}:{outcome.line}: {outcome.field} = {outcome.value!r}: {outcome.rule}")
            else:
                log.counts["ignored"] += 1
    log.events.sort(key=lambda mapped: mapped.event.entry.time)
    return log

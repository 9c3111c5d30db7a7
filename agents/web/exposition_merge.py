"""Several workers' expositions as one.

Series of queues stand on one worker each, and are taken as they are. Series of a process or of its part of the events
(``ticketstreams_*``, ``process_*``, ``python_*`` and the pipeline's) get the label ``worker``, so that they stay
distinct. The definitions are the same everywhere and are taken once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agents.web.text import labels_text
from streams.figures.catalogue import PIPELINE, PROCESSOR

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFINITION = "support_metric_definition_info"
READY = "ticketstreams_ready"
_PER_PROCESS = frozenset(metric.full_name for metric in (*PIPELINE, *PROCESSOR)) - {DEFINITION}
_PREFIXES = ("ticketstreams_", "process_", "python_")
_YIELD_EVERY = 500


class _Family:
    def __init__(self) -> None:
        self.header: list[str] = []
        self.lines: dict[str, str] = {}
        """Series to its line; the first worker that has a series keeps it."""


async def merge_expositions(texts: Mapping[str, bytes | None]) -> bytes:
    """Merge expositions by worker; None stands for a worker that did not answer: it is not ready."""
    families: dict[str, _Family] = {}
    for worker, text in texts.items():
        label = labels_text((("worker", worker),))
        if text is None:
            family = families.setdefault(READY, _Family())
            family.lines[label] = f"{READY}{{{label}}} 0"
            continue
        family = _Family()
        for number, line in enumerate(text.decode().split("\n")):
            if line.startswith("# "):
                name = line.split(" ", 3)[2]
                family = families.setdefault(name, _Family())
                if line not in family.header:
                    family.header.append(line)
                distinct = name in _PER_PROCESS or name.startswith(_PREFIXES)
            elif line:
                said = _with_label(line, label) if distinct else line
                family.lines.setdefault(said.rpartition(" ")[0], said)
            if number % _YIELD_EVERY == 0:
                await asyncio.sleep(0)
    parts = ("\n".join((*family.header, *family.lines.values())) for family in families.values())
    return ("\n".join(parts) + "\n").encode()


def _with_label(line: str, label: str) -> str:
    name, brace, rest = line.partition("{")
    if not brace:
        name, _, value = line.partition(" ")
        return f"{name}{{{label}}} {value}"
    return f"{name}{{{label},{rest}"

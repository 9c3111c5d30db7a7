"""What a metric's declaration says."""

from __future__ import annotations

from typing import Literal, NamedTuple

Type = Literal["counter", "gauge", "summary"]
Family = Literal[
    "tickets", "contacts", "chats", "complaints", "recontacts", "reps", "by_rep", "sla", "pipeline", "processor"
]

GROUP_LABELS = ("queue", "channel", "priority")
PREFIXES: dict[Family, str] = {
    "tickets": "support_",
    "contacts": "support_",
    "chats": "support_",
    "complaints": "support_",
    "recontacts": "support_",
    "reps": "support_",
    "by_rep": "support_",
    "sla": "support_",
    "pipeline": "support_",
    "processor": "ticketstreams_",
}


class Metric(NamedTuple):
    """One metric family."""

    id: str
    """Id in the specification."""
    family: Family
    name: str
    type: Type
    help: str
    formula: str
    labels: tuple[str, ...] = ()
    """Labels besides those of the group."""
    cell: str = ""
    """Cell it is read from, where it is one cell."""
    attribution: tuple[str, ...] = ("event",)
    """The rules that it is booked by; its default (SPEC 2.0) first."""
    windows: tuple[str, ...] = ()
    """The windows that it is published for; none named: for all."""

    @property
    def full_name(self) -> str:
        """The name with its prefix."""
        return PREFIXES[self.family] + self.name

    @property
    def windowed_name(self) -> str:
        """Name of the gauge that says a counter's increase within a window."""
        return self.full_name.removesuffix("_total")

    @property
    def by_window(self) -> bool:
        """Whether it is a counter that a gauge for each window stands beside."""
        return self.type == "counter" and self.of_group and self.family != "by_rep"

    @property
    def of_group(self) -> bool:
        """Whether it is a figure of a queue, and carries the group's labels."""
        return self.family not in ("pipeline", "processor")


BOTH = ("event", "cohort")
COHORT_FIRST = ("cohort", "event")
RARE = ("1h", "1d", "today", "yesterday", "all")
"""Windows of what happens too seldom for shorter ones."""
DAYS = ("1d", "7d", "today", "yesterday", "all")
"""Windows of numbers for each solved ticket: too few are solved in shorter ones to say anything."""
WEEK = ("7d", "all")
"""Windows of what is known only days after it happened."""

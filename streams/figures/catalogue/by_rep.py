"""Metrics of single reps: exported only when asked for (``export_rep_label``), and never paged on.

They have names of their own, so that no sum over a metric of queues counts anything twice.
"""

from __future__ import annotations

from streams.figures.catalogue.metric import Metric

_REP = ("rep",)


def _counter(spec: str, name: str, said: str, formula: str, attribution: tuple[str, ...] = ("event",)) -> Metric:
    return Metric(spec, "by_rep", f"by_rep_{name}_total", "counter", said, formula, _REP, attribution=attribution)


BY_REP: tuple[Metric, ...] = (
    _counter("M21", "answered", "Entries into the queue that the rep answered.", "count at connect"),
    _counter("M21", "handled", "Segments that the rep handled.", "count of rep segments at wrap end"),
    _counter("M33", "handle_seconds", "Handle time of these.", "talk + hold + wrap-up"),
    _counter("M34", "no_answer", "Rings that the rep did not answer.", "count of missed rings"),
    _counter(
        "M37",
        "busy_seconds",
        "Time with a contact or its wrap-up, of reps whose presence is known.",
        "busy",
        ("split",),
    ),
    _counter("M37", "idle_seconds", "Time available with nothing to do.", "idle", ("split",)),
    _counter("M13", "replies", "Replies that a customer waited for, by their author.", "first replies + next replies"),
    _counter("M15", "solves", "Times the rep solved a ticket.", "count of ticket.solved"),
)
"""Since the first event. They carry the labels of a group, of which the priority is empty: they are of all of them."""

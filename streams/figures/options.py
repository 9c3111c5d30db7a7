"""Choices of definition. The defaults are the specification's; a mapping or the configuration may choose otherwise."""

from __future__ import annotations

from typing import Literal

import msgspec


class FigureOptions(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How figures are defined where honest people differ. Durations in seconds."""

    attribute_to: Literal["event", "first", "last"] = "event"
    """Which queue and priority a ticket's figures are booked to: those in force at the event that ends the
    duration, those of the ticket's first event, or those of its last event known so far."""

    closed_is_solve: bool = True
    """Whether a ticket that is closed without having been solved counts as solved then (closed by rule)."""

    repeated_solves: bool = False
    """Whether saying "solved" of a ticket that is already solved is another solve event and moves its last one."""

    close_time: Literal["first", "last"] = "last"
    """Which closing counts for the time to close."""

    state_times: Literal["solve", "spell"] = "solve"
    """When the times in pending and on hold are booked: at the last solve (unsolved tickets have none yet), or at
    the end of the latest spell in that state, solved or not."""

    cohort_at: Literal["enqueue", "arrival"] = "enqueue"
    """What the cohort of a contact is: the time it entered the queue, or the time the contact began."""

    recontact_from: Literal["end", "start"] = "end"
    """From where the gap to a later contact is measured: from the end of an earlier one (a re-contact), or from
    its start whatever its end (a repeat contact: every contact counts, also those that never reached a queue)."""

    service_level_seconds: float = 20.0
    """Threshold T of service level: a wait of at most T is a hit."""

    queue_service_level_seconds: dict[str, float] = {}
    """Thresholds of single queues."""

    short_abandon_seconds: float = 5.0
    """Threshold S: an abandonment after at most S is short."""

    max_wait_seconds: float = 14_400.0
    """A contact that waits longer without any event is a ghost of a lost event: reaped and counted."""

    max_schedule_seconds: float = 604_800.0
    """A callback that stays scheduled for longer without any event is such a ghost too."""

    callback_policy: Literal["leg", "original_arrival"] = "original_arrival"
    """Which wait the service level of callbacks is judged by: that of each of its own entries into a queue, or the
    customer's, from the first entry into a queue until the customer is reached."""

    handle_includes_dial: bool = False
    """Whether handle time includes dialling; a rep who dials in vain then handles a segment too."""

    def threshold_millis(self, queue: str) -> int:
        """Service-level threshold of a queue, in milliseconds."""
        return round(self.queue_service_level_seconds.get(queue, self.service_level_seconds) * 1000)

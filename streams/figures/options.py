"""Choices of definition. The defaults are the specification's; a mapping or the configuration may choose otherwise."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from streams.figures.days import LocalDays, days_of, wrong_zone


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

    resolution_quiet_seconds: float = 604_800.0
    """How long no further contact for the same reason may come until a chain of contacts counts as resolved."""

    shared_after_contacts: Annotated[int, msgspec.Meta(ge=1, le=2000)] = 1000
    """A handle with more contacts than that, since the first event and with those of all handles merged into it, is
    taken for several customers' (a switchboard, a number that stands for no number), as if ``identity.shared`` had said
    so: it identifies nobody, and its contacts are in M54 as ``shared_number``. At most 2000: so many are derived at
    once."""

    not_first_level_reasons: list[str] = []
    """Reasons of contacts that the first level cannot solve: they are left out of the net first contact resolution."""

    rushed_recontact_window: Literal["24h", "72h"] = "72h"
    """Within what time after a contact the customer's next one speaks for its having been rushed."""

    rushed_handle_time_drop: float = 0.1
    """By what share handle time must have fallen against the week before, for contacts to be taken for rushed."""

    rushed_z: float = 1.645
    """How significant the rise of re-contacts must be for that: one-sided two-proportion z."""

    rushed_min_contacts: int = 30
    """How many contacts there must be for that in this week, old enough to tell, and in the week before."""

    rushed_min_alike: Annotated[int, msgspec.Meta(ge=1)] = 5
    """How many contacts of one channel and reason there must be in each of the weeks for them to be compared by
    themselves: like is compared with like. Those that are rarer in both are compared together."""

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

    max_spell_seconds: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 43_200.0
    """For how long at most a state of a rep, or a conversation, is taken to last; sources repeat states that last
    longer. At most a day."""

    max_ring_seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 300.0
    """For how long at most it rings at a rep: whatever rings longer has lost its end."""

    missed_state_seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 30.0
    """For how long at most a rep who did not answer a contact is shown as having missed or rejected it, if nothing is
    heard of them; 0: not at all. Make it longer if your system sends them nothing until they say that they are back."""

    heartbeat_timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    """A rep whose heartbeats, once there were some, stop for so long is in an unknown state."""

    unreported_wrapup_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """For how long at most a rep is taken to wrap up while its end has not been reported; 0: only wrap-up that was
    reported counts, afterwards. Set it if your source reports every wrap-up, and reps show as wrapping up at once."""

    service_level_goal: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8
    """Share of contacts to be answered within the service level's threshold, for which reps are required."""

    staffing_model: Literal["erlang_c", "erlang_a"] = "erlang_c"
    """How required reps are computed: everyone waits until served, or customers give up as their patience ends."""

    patience_seconds: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 180.0
    """Mean patience of waiting customers, in the model ``erlang_a``."""

    callback_policy: Literal["leg", "original_arrival"] = "original_arrival"
    """Which wait the service level of callbacks is judged by: that of each of its own entries into a queue, or the
    customer's, from the first entry into a queue until the customer is reached."""

    schedule_rule: Literal["as_assigned", "last", "at_creation"] = "as_assigned"
    """Which calendar measures the business time of a ticket that had several: each while it was assigned, the one in
    force at the end of the duration for all of it, or the ticket's first one for all of it."""

    queue_calendars: dict[str, str] = {}
    """Calendars of single queues, by their names in the file of calendars."""

    default_calendar: str = ""
    """Calendar of all other queues, and of tickets that are with none; empty: they have no calendar, and no business
    time is measured in them."""

    handle_includes_dial: bool = False
    """Whether handle time includes dialling; a rep who dials in vain then handles a segment too."""

    queue_zones: dict[str, str] = {}
    """Time zones of single queues: midnight there is when their days begin, as in the windows ``today`` and
    ``yesterday``."""

    default_zone: str = "UTC"
    """Time zone of all other queues. In a mapping's figures the default is the mapping's own zone."""

    def __post_init__(self) -> None:
        """Refuse zones that do not exist.

        Raises:
            ValueError: names option, value and rule.
        """
        said = {f"queue_zones.{queue}": zone for queue, zone in self.queue_zones.items()}
        for option, zone in {**said, "default_zone": self.default_zone}.items():
            if wrong := wrong_zone(zone):
                msg = f"{option} = {zone!r}: {wrong}"
                raise ValueError(msg)

    def days(self, queue: str) -> LocalDays:
        """The days of a queue."""
        return days_of(self.queue_zones.get(queue, self.default_zone))

    @property
    def max_spell_millis(self) -> int:
        """The longest that anything of a rep lasts, in milliseconds."""
        return round(self.max_spell_seconds * 1000)

    @property
    def max_ring_millis(self) -> int:
        """The longest ring, in milliseconds."""
        return round(self.max_ring_seconds * 1000)

    @property
    def missed_state_millis(self) -> int:
        """The longest that a rep is shown as having missed or rejected a contact, in milliseconds."""
        return min(round(self.missed_state_seconds * 1000), self.max_spell_millis)

    @property
    def heartbeat_timeout_millis(self) -> int:
        """After how long without heartbeat a rep's state is unknown, in milliseconds."""
        return round(self.heartbeat_timeout_seconds * 1000)

    @property
    def unreported_wrapup_millis(self) -> int:
        """The longest wrap-up whose end was not reported, in milliseconds."""
        return round(self.unreported_wrapup_seconds * 1000)

    def threshold_millis(self, queue: str) -> int:
        """Service-level threshold of a queue, in milliseconds."""
        return round(self.queue_service_level_seconds.get(queue, self.service_level_seconds) * 1000)

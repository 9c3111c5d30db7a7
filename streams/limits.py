"""How much is taken, kept and sent of anything, so that nothing that a producer sends can stop a worker.

What a broker refuses for its size would end the worker that sends it, and every successor that takes the same events:
so all that is kept of an entity, and all that follows from it, fits into one record of a broker's default settings.
What is derived again whenever something changes stays small enough to take a fraction of a second.

None of it can be set: the limits hold together, and a history that one worker keeps must not be too long for the next.
"""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """Bytes are those of UTF-8 as sent or stored."""

    record_bytes: int = 1_000_000
    """The largest record that is ever sent: key, value and headers. Brokers take 1,048,588 bytes
    (`max.message.bytes`), of which the frame of a record batch is a part; do not set less for any topic."""

    event_bytes: int = 900_000
    """The largest event that is taken: key, value and headers of its record. A larger one is rejected with the reason
    `size`."""

    history_events: int = 2_000
    """The most events that are kept of one ticket, call or chat, of one rep in one hour, and of one handle's identity.
    Whatever comes then is rejected with the reason `history`; what came before stays in the figures, and a duplicate of
    an event that was kept is a duplicate."""

    history_bytes: int = 500_000
    """The most bytes that these events may take, as stored. Rejected beyond: as above."""

    history_queues: int = 50
    """The most different queues that these events may name. Rejected beyond: an event that names one more."""

    history_reps: int = 500
    """The same for reps."""

    history_customers: int = 50
    """The same for customers, and for the handles that a handle is said to be the same as."""

    rep_hour_spans: int = 500
    """The most stretches of time (talk, wrap-up, ring, dialling) that may begin in one hour of one rep. Contacts that
    bring more are left out of the rep's time, and counted as `support_events_total{topic="rep-work",
    result="crowded"}`: such a rep is no person. All other figures of these contacts stay."""


LIMITS = Limits()

ENTRY_BYTES = 14_000
"""No event takes more than this in a history: all its texts are short (:data:`streams.events.base.MAX_TEXT`)."""

"""Events of a call back to a customer who did not stay in the queue (family ``callback``).

They carry the id of the contact in which the callback was requested, so that the customer's wait is one wait. A
``contact.queued`` of a contact whose callback is pending is the callback's own entry into the queue.

Ranks: a request precedes the entry into the queue at the same instant (a callback without delay); a dial precedes its
result. A new date or entry that precedes the failure of the same instant ends the attempt as failed itself.
"""

from __future__ import annotations

from typing import ClassVar

from streams.events.base import Data


class CallbackRequested(Data, tag="callback.requested", frozen=True):
    """The customer asked to be called back, and left the queue: scheduled until it enters a queue itself."""

    RANK: ClassVar[int] = 0


class CallbackScheduled(Data, tag="callback.scheduled", frozen=True):
    """The next attempt was put off: scheduled, not waiting."""

    RANK: ClassVar[int] = 0


class CallbackAttempted(Data, tag="callback.attempted", frozen=True):
    """A rep accepted the callback and dials. A rep who declines makes no attempt: ``contact.not_answered``."""

    RANK: ClassVar[int] = 2


class CallbackFailed(Data, tag="callback.failed", frozen=True):
    """The dialled customer was not reached; another attempt may follow."""

    RANK: ClassVar[int] = 3


class CallbackAnswered(Data, tag="callback.answered", frozen=True):
    """The customer answered: the rep and the customer talk."""

    RANK: ClassVar[int] = 3


class CallbackAbandoned(Data, tag="callback.abandoned", frozen=True):
    """No further attempt will be made: withdrawn by the customer, or given up."""

    RANK: ClassVar[int] = 7

"""When each metric's clock runs: from the tape to the few instants at which a clock is told something new.

One rule a metric, and no rule knows of targets, calendars or policies: those are the machine's
(:mod:`streams.sla.clocks`). Nor do they know of the statuses in which a clock pauses: a policy may add to them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from streams.events.tickets import DONE
from streams.sla.model import Metric
from streams.sla.tape import Fact, is_assigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streams.sla.tape import Tape

    _Rule = Callable[["Tape"], Iterator["Condition"]]


class Phase(StrEnum):
    """What a clock is told to do."""

    RUN = "run"
    PAUSE = "pause"
    """Only by what is no status: a bot is serving."""
    STOP = "stop"
    """What was promised is done."""
    CANCEL = "cancel"
    """Nothing is owed any more, and nothing was done either."""


class Condition(NamedTuple):
    """What a clock is told at one moment."""

    place: int
    """Of the moment on the tape."""
    phase: Phase
    why: str
    """In a word or two."""
    renew: bool = False
    """An instance that is open ends here, and another one begins."""
    fresh: bool = False
    """The time that has passed counts no longer."""
    resumable: bool = False
    """If it runs again after this, then the same instance goes on."""


TICKET_METRICS = (
    Metric.FIRST_REPLY,
    Metric.NEXT_REPLY,
    Metric.PERIODIC_UPDATE,
    Metric.PAUSABLE_UPDATE,
    Metric.REQUESTER_WAIT,
    Metric.AGENT_WORK,
    Metric.RESOLUTION,
    Metric.GROUP_OWNERSHIP,
)
CALL_METRICS = (Metric.QUEUE_WAIT, Metric.CALLBACK)
CHAT_METRICS = (*CALL_METRICS, Metric.FIRST_REPLY, Metric.NEXT_REPLY, Metric.RESOLUTION)
SOLVED = "solved"


def conditions(metric: Metric, tape: Tape) -> Iterator[Condition]:
    """What the clock of a metric is told, in order; of several at one moment the stop comes last."""
    for told in _RULES[metric](tape):
        gone = tape.moments[told.place].gone
        if gone:
            # Whatever the metric: what is merged or deleted is owed nothing. What is brought back goes on.
            yield Condition(told.place, Phase.CANCEL, gone, resumable=not tape.by_episode)
        else:
            yield told


def _first_reply(tape: Tape) -> Iterator[Condition]:
    """Owed from creation until a human rep replies; anew from a reopen if nobody ever has.

    While a bot serves, people owe nothing yet: their clock begins with the hand-off (SPEC decision 7).
    """
    replied = bot = handed = done = False
    for place, moment in enumerate(tape.moments):
        fresh = False
        if replied:
            break
        if done and moment.status not in DONE:
            bot = handed = False
        if Fact.HANDOFF in moment.facts and not handed:
            handed, bot, fresh = True, False, True
        elif Fact.BOT in moment.facts and not handed:
            bot = True
        done = moment.status in DONE
        replied = Fact.REPLY in moment.facts
        if place == 0 and (replied or done):
            # Done in the instant of its creation: a promise was kept all the same.
            yield Condition(place, Phase.RUN, "created")
        if replied:
            yield Condition(place, Phase.STOP, "reply")
        elif done:
            yield Condition(place, Phase.STOP, SOLVED)
        elif bot:
            yield Condition(place, Phase.PAUSE, "bot")
        else:
            yield Condition(place, Phase.RUN, "hand-off" if fresh else "no reply yet", fresh=fresh)


def _next_reply(tape: Tape) -> Iterator[Condition]:
    """Owed from the oldest message of a customer that no rep has answered, once a rep has written at all."""
    addressed, waiting, done = tape.addressed, False, False
    for place, moment in enumerate(tape.moments):
        if moment.status in DONE and not done:
            waiting = False
        elif Fact.CUSTOMER in moment.facts and addressed:
            waiting = True
        done = moment.status in DONE
        replied = Fact.REPLY in moment.facts
        if replied:
            addressed, waiting = True, False
        if waiting and not done:
            yield Condition(place, Phase.RUN, "customer message")
        else:
            yield Condition(place, Phase.STOP, "reply" if replied else SOLVED)


def _update(tape: Tape) -> Iterator[Condition]:
    """Owed from each public reply of a rep until the next one, or the solve."""
    told = False
    for place, moment in enumerate(tape.moments):
        replied = Fact.REPLY in moment.facts
        if moment.status in DONE:
            told = False
            yield Condition(place, Phase.STOP, SOLVED)
        elif replied or told:
            told = True
            yield Condition(place, Phase.RUN, "reply", renew=replied)


def _until_solved(tape: Tape) -> Iterator[Condition]:
    """Owed while it is not solved; a reopen goes on where the solve had stopped, or is another episode."""
    for place, moment in enumerate(tape.moments):
        done = moment.status in DONE
        if not done or place == 0:
            yield Condition(place, Phase.RUN, "created" if place == 0 else "not solved")
        if done:
            yield Condition(place, Phase.STOP, SOLVED, resumable=not tape.by_episode)


def _ownership(tape: Tape) -> Iterator[Condition]:
    """Owed by each group while it has the ticket and it is not solved."""
    owner = ""
    for place, moment in enumerate(tape.moments):
        group = moment.labels.queue if is_assigned(moment) else ""
        if moment.status in DONE:
            yield Condition(place, Phase.STOP, SOLVED)
        elif group:
            yield Condition(place, Phase.RUN, "assigned", renew=bool(owner) and group != owner)
        else:
            yield Condition(place, Phase.STOP, "passed on")
        owner = group


def _wait(tape: Tape) -> Iterator[Condition]:
    """Owed from entering a queue, or asking to be called back, until a person is reached."""
    for place, moment in enumerate(tape.moments):
        if Fact.QUEUED in moment.facts:
            yield Condition(place, Phase.RUN, "queued")
        elif moment.status == "answered":
            yield Condition(place, Phase.STOP, "answered")
        else:
            yield Condition(place, Phase.CANCEL, moment.status)


_RULES: dict[Metric, _Rule] = {
    Metric.FIRST_REPLY: _first_reply,
    Metric.NEXT_REPLY: _next_reply,
    Metric.PERIODIC_UPDATE: _update,
    Metric.PAUSABLE_UPDATE: _update,
    Metric.REQUESTER_WAIT: _until_solved,
    Metric.AGENT_WORK: _until_solved,
    Metric.RESOLUTION: _until_solved,
    Metric.GROUP_OWNERSHIP: _ownership,
    Metric.QUEUE_WAIT: _wait,
    Metric.CALLBACK: _wait,
}

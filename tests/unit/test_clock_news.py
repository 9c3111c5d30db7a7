"""Transitions of clocks on their topic: each once, with its true instant, whoever dies in between."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from streams.codec import encode
from streams.pipeline.entities import EntityStage
from streams.pipeline.rules import Rules
from streams.topics import SLA_TRANSITIONS
from tests.golden.test_sla_examples import NOON, WAIT
from tests.support.local import LATENESS, Logged
from tests.support.sla import policies, policy, target
from tests.support.timeline import Timeline, millis

if TYPE_CHECKING:
    from streams.events import Event
    from streams.sla.promises import Policies
    from streams.stage import Step


class Worker:
    """A stage of tickets with its changelog, and all that it has sent."""

    def __init__(self, given: Policies = WAIT) -> None:
        self.rules = Rules(policies=given)
        self.changelog: dict[bytes, bytes | None] = {}
        self.sent: list[dict[str, Any]] = []
        self.offset = 0
        self.start()

    def start(self) -> None:
        """A new process takes over."""
        self.stage = EntityStage("ticket", partitions=1, rules=self.rules, lateness=LATENESS, reject_future=False)
        self.stage.restore(0, list(self.changelog.items()))

    def take(self, *events: Event, now: str = "09:00", lose_state: bool = False) -> list[dict[str, Any]]:
        """Take a batch; returns the transitions sent."""
        records = []
        for event in events:
            source, _, uid = event.entry.uid.partition("#")
            name = str(type(event.entry.data).__struct_config__.tag)
            value = encode(event.kind, event.entity, name, source, uid, event.entry)
            records.append(Logged(self.offset, event.entity.encode(), value))
            self.offset += 1
        return self._finish(self.stage.fold(0, records, millis(now)), lose_state=lose_state)

    def tick(self, now: str, *, lose_state: bool = False) -> list[dict[str, Any]]:
        """Let time pass; returns the transitions sent."""
        step = self.stage.due(0, millis(now))
        return [] if step is None else self._finish(step, lose_state=lose_state)

    def _finish(self, step: Step, *, lose_state: bool) -> list[dict[str, Any]]:
        new = [json.loads(each.value or b"") for each in step.outputs if each.topic == SLA_TRANSITIONS.name]
        self.sent += new
        if not lose_state:
            self.changelog |= step.writes
            self.stage.adopt(0, step)
        return new


def line(until: str = "23:59", since: str = "") -> list[Event]:
    told = Timeline()
    for at, name, data in NOON:
        told.add("ticket/T", at, name, **data)
    return [event for event in told.events if millis(since or "00:00") <= event.entry.time <= millis(until)]


def brief(sent: list[dict[str, Any]]) -> list[tuple[str, str, bool]]:
    return [(each["data"]["transition"], each["time"][11:16], each["data"]["open"]) for each in sent]


def test_each_transition_is_told_once_when_it_is_time() -> None:
    worker = Worker()
    assert brief(worker.take(*line("10:00"))) == [("activated", "10:00", True)]
    assert worker.tick("11:29:59") == []
    assert brief(worker.take(*line("10:40", "10:01"))) == [("paused", "10:40", True)]
    assert worker.tick("11:29:59") == []
    assert brief(worker.take(*line("11:30", "10:41"))) == [("resumed", "11:30", True)]
    assert brief(worker.take(*line("12:00", "11:31"))) == [
        ("target_changed", "12:00", True),
        ("breached", "12:00", True),
    ]
    assert brief(worker.take(*line("12:10", "12:01"))) == [("target_changed", "12:10", True)]
    assert worker.tick("12:19:59") == []
    assert brief(worker.tick("12:20")) == [("warned", "12:20", True)]
    assert worker.tick("12:49:59") == []
    assert brief(worker.tick("12:50:00")) == [("breached", "12:50", True)]
    assert worker.tick("12:51") == []
    assert brief(worker.take(*line(since="12:11"))) == [("fulfilled", "13:05", True)]
    ids = [each["id"] for each in worker.sent]
    assert len(set(ids)) == len(ids)
    assert {each["subject"] for each in worker.sent} == {"ticket/T"}


def test_a_worker_that_was_down_stamps_true_instants_and_says_what_is_over() -> None:
    worker = Worker()
    worker.take(*line("12:10"))
    worker.tick("12:40")
    before = len(worker.sent)
    worker.start()
    # What is in the log is read before the clock is believed: see Engine.
    assert brief(worker.take(*line(since="12:11"), now="13:10")) == [
        ("breached", "12:50", False),
        ("fulfilled", "13:05", True),
    ]
    assert worker.tick("13:10") == []
    breached, fulfilled = worker.sent[before:]
    assert breached["time"] == "2026-05-04T12:50:00Z"
    assert (fulfilled["data"]["late"], fulfilled["data"]["overdue_seconds"]) == (True, 900)


def test_a_worker_that_was_down_tells_what_is_still_open() -> None:
    worker = Worker()
    worker.take(*line("12:10"))
    worker.tick("12:10")
    worker.start()
    assert brief(worker.tick("13:10")) == [("warned", "12:20", False), ("breached", "12:50", True)]
    assert worker.tick("13:11") == []
    worker.start()
    assert worker.tick("13:12") == []


def test_a_restart_after_everything_was_told_tells_nothing_again() -> None:
    worker = Worker()
    worker.take(*line("12:10"))
    worker.tick("12:55")
    said = len(worker.sent)
    worker.start()
    assert worker.tick("12:56") == []
    assert [each["data"]["transition"] for each in worker.take(*line(since="12:11"))] == ["fulfilled"]
    assert len(worker.sent) == said + 1


def test_what_was_sent_and_not_stored_is_sent_again_under_the_same_identity() -> None:
    worker = Worker()
    worker.take(*line("12:10"))
    lost = worker.tick("12:20", lose_state=True)
    worker.start()
    again = worker.tick("12:21")
    assert [each["id"] for each in again] == [each["id"] for each in lost]
    assert [each["time"] for each in again] == [each["time"] for each in lost]


def test_a_late_reply_withdraws_the_breach_that_never_was() -> None:
    worker = Worker(policies(policy(target("first_reply", "1h", warn=()))))
    told = Timeline()
    created = told.add("ticket/T", "10:00", "ticket.created")
    other = told.add("ticket/U", "11:05", "ticket.created")
    reply = told.add("ticket/T", "10:59", "message.sent", author="rep")
    worker.take(created)
    assert brief(worker.tick("11:00:01")) == [("breached", "11:00", True)]
    worker.take(other)
    sent = worker.take(reply)
    assert [(each["data"]["transition"], each["data"]["withdrawn"]) for each in sent] == [
        ("fulfilled", False),
        ("breached", True),
    ]
    assert sent[1]["id"] == worker.sent[1]["id"]
    assert not sent[1]["data"]["open"]


def test_a_late_event_that_changes_nothing_withdraws_nothing() -> None:
    worker = Worker(policies(policy(target("first_reply", "1h"))))
    told = Timeline()
    worker.take(told.add("ticket/T", "10:00", "ticket.created", priority="normal"))
    worker.tick("11:00:01")
    worker.start()
    assert worker.take(told.add("ticket/T", "10:20", "ticket.updated", priority="normal")) == []


def test_more_deadlines_than_one_step_takes_are_told_in_several() -> None:
    worker = Worker(policies(policy(target("first_reply", "1h", warn=()))))
    told = Timeline()
    worker.take(*(told.add(f"ticket/T{number}", "10:00", "ticket.created") for number in range(12)))
    with patch("streams.pipeline.entities._MAX_DUE", 5):
        assert len(worker.tick("11:00")) == 5
        # Whoever takes over cannot know which of those due at one instant were told: their identities can.
        worker.start()
        assert [len(worker.tick("11:00:01")) for _ in range(4)] == [5, 5, 2, 0]
    breached = [each["id"] for each in worker.sent if each["data"]["transition"] == "breached"]
    assert len(set(breached)) == 12

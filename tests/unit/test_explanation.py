"""Explanations of clocks: what counted, what did not and why, and that the counted parts are what has passed."""

from __future__ import annotations

from typing import Any

import pytest

from streams.sla.explanation import explain
from tests.golden.test_sla_examples import OPENING_HOURS, WAIT, told
from tests.support.sla import clocks, policies, policy, target
from tests.support.timeline import Timeline, millis


def explained(until: str, now: str) -> dict[str, Any]:
    (found,) = explain("ticket/T", clocks(told(until), WAIT), millis(now))["clocks"]
    return dict(found)


def test_pauses_and_changes_of_target() -> None:
    found = explained("12:10", "12:30")
    assert [(one["from"][11:16], one["to"][11:16], one["phase"], one["why"]) for one in found["segments"]] == [
        ("10:00", "10:40", "running", "created"),
        ("10:40", "11:30", "paused", "pending"),
        ("11:30", "12:30", "running", "open"),
    ]
    assert (found["state"], found["elapsed_seconds"], found["remaining_seconds"]) == ("warning", 6_000, 1_200)
    assert found["due"] == "2026-05-04T12:50:00Z"
    assert [one["transition"] for one in found["ahead"]] == ["breached"]
    words = "\n".join(found["words"])
    assert "10:40:00Z to 2026-05-04T11:30:00Z: not counted, paused (pending)." in words
    assert "12:00:00Z: breached the target of 1h, 1 h 10 min had passed." in words
    assert words.endswith("It will be breached at 2026-05-04T12:50:00Z if nothing happens: 20 min left.")


@pytest.mark.parametrize(
    ("until", "now", "last"),
    [
        ("10:40", "11:00", "Paused (pending): it has no deadline, 1 h 20 min left."),
        ("12:10", "12:55", "Breached since 2026-05-04T12:50:00Z, and still open: 5 min over."),
        ("13:05", "14:00", "Fulfilled at 2026-05-04T13:05:00Z: it was solved, 15 min over."),
    ],
)
def test_how_it_stands(until: str, now: str, last: str) -> None:
    assert explained(until, now)["words"][-1] == last


def test_hours_in_which_the_desk_was_closed() -> None:
    line = Timeline("2026-03-27")
    line.add("ticket/T", "15:30", "ticket.created", queue="Q")
    given = policies(policy(target("first_reply", "1bh"), calendar="berlin"), calendars=OPENING_HOURS)
    (found,) = explain("ticket/T", clocks(line.events, given), millis("2026-03-30 07:45"))["clocks"]
    assert [(one["from"], one["to"], one["phase"], one["counted_seconds"]) for one in found["segments"]] == [
        ("2026-03-27T15:30:00Z", "2026-03-27T16:00:00Z", "running", 1_800),
        ("2026-03-27T16:00:00Z", "2026-03-30T07:00:00Z", "outside_hours", 0),
        ("2026-03-30T07:00:00Z", "2026-03-30T07:45:00Z", "running", 2_700),
    ]
    assert {(one["calendar"], one["calendar_version"]) for one in found["segments"]} == {("x", 1)}
    assert (found["state"], found["remaining_seconds"]) == ("breached", -900)


def test_a_bot_s_time_is_shown_and_not_counted() -> None:
    line = Timeline()
    line.add("ticket/T", "09:00", "ticket.created")
    line.add("ticket/T", "09:00", "message.sent", author="bot")
    line.add("ticket/T", "09:20", "bot.handoff")
    given = policies(policy(target("first_reply", "1h")))
    (found,) = explain("ticket/T", clocks(line.events, given), millis("09:30"))["clocks"]
    assert [(one["phase"], one["counted_seconds"]) for one in found["segments"]] == [("waived", 0), ("running", 600)]
    assert found["due"] == "2026-05-04T10:20:00Z"

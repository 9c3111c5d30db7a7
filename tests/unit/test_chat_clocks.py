"""The clocks of what is written in chats: who owes an answer since when, and what the end of a chat makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streams.history import EMPTY, merge
from streams.pipeline.derive import derive
from streams.pipeline.rules import Rules
from streams.sla.clocks import Kind, State
from streams.sla.explanation import explain
from tests.support.sla import policies, policy, target
from tests.support.timeline import millis
from tests.unit.test_chat_dialogue import Step, began, handed, line_of, report, said, told

if TYPE_CHECKING:
    from streams.sla.clocks import Instance

PROMISED = policies(policy(target("first_reply", "0:10h"), target("next_reply", "0:05h"), target("resolution", "2h")))
LEFT: Step = ("09:05", "contact.ended", {"by": "customer"})
REP_ENDED: Step = ("09:05", "contact.ended", {"by": "rep"})
ABANDONED: Step = ("09:05", "contact.abandoned", {})
RESOLVED: Step = ("09:05", "bot.resolved", {})
TIMED_OUT: Step = ("09:05", "contact.ended", {"by": "system"})
ENDED: Step = ("09:05", "contact.ended", {})
LEFT_LATE: Step = ("09:35", "contact.ended", {"by": "customer"})


def queued(when: str) -> Step:
    return when, "contact.queued", {}


def clocks(*steps: Step, metric: str = "first_reply", now: str = "23:00") -> list[Instance]:
    history = merge(EMPTY, [event.entry for event in line_of(*steps).events]).history
    found = derive("chat", "C", history, Rules(policies=PROMISED), millis(now)).clocks
    return [instance for instance in found if instance.metric == metric]


def end_of(*steps: Step, metric: str = "first_reply", now: str = "23:00") -> tuple[str, str, int]:
    """How the only clock of a metric ended, why, and after how many seconds of it."""
    (found,) = clocks(*steps, metric=metric, now=now)
    last = found.transitions[-1]
    return last.kind, last.why, found.passed // 1000


class TestFirstReply:
    def test_from_the_beginning_where_no_bot_serves(self) -> None:
        assert end_of(began(), said("09:00", "customer"), said("09:04")) == ("fulfilled", "reply", 240)

    def test_from_the_hand_off(self) -> None:
        steps = began(), said("09:00", "bot"), said("09:30", "customer"), handed("10:00"), said("10:04")
        assert end_of(*steps) == ("fulfilled", "reply", 240)

    def test_the_clock_stands_while_a_bot_serves(self) -> None:
        (found,) = clocks(began(), said("09:00", "bot"), said("09:30", "customer"))
        assert (found.state, found.passed, found.ahead) == (State.PAUSED, 0, [])

    @pytest.mark.parametrize("to_people", [queued("10:00"), ("10:00", "contact.connected", {"rep": "r"})])
    def test_a_queue_or_a_rep_after_a_bot_is_a_hand_off_that_nobody_told(self, to_people: Step) -> None:
        steps = began(), said("09:00", "bot"), to_people, said("10:04")
        assert end_of(*steps) == ("fulfilled", "reply", 240)
        assert told(*steps)["first_reply_seconds"]["sum"] == 240
        assert told(*steps)["first_reply_felt_seconds"]["sum"] == 3_840
        assert told(*steps)["bot_handoff_seconds"]["count"] == 0, "of hand-offs only those that were told"

    def test_a_bot_that_writes_to_who_waits_for_a_person_serves_nobody(self) -> None:
        steps = began(), queued("09:00"), said("09:01", "bot"), said("09:04")
        assert end_of(*steps) == ("fulfilled", "reply", 240)
        assert told(*steps)["first_reply_seconds"]["sum"] == 240

    def test_a_hand_off_after_the_queue_waives_what_has_passed(self) -> None:
        steps = began(), queued("09:00"), said("09:00", "bot"), handed("09:30"), said("09:34")
        assert end_of(*steps) == ("fulfilled", "reply", 240)
        assert told(*steps)["first_reply_seconds"]["sum"] == 240

    @pytest.mark.parametrize(
        ("end", "kind", "why"),
        [
            (LEFT, "cancelled", "customer left"),
            (ABANDONED, "cancelled", "customer left"),
            (RESOLVED, "cancelled", "resolved by the bot"),
            (TIMED_OUT, "cancelled", "ended by the system"),
            (ENDED, "cancelled", "ended"),
            (REP_ENDED, "fulfilled", "solved"),
        ],
    )
    def test_an_end_without_a_reply(self, end: Step, kind: str, why: str) -> None:
        assert end_of(began(), said("09:00", "customer"), queued("09:00"), end) == (kind, why, 300)

    def test_who_left_too_late_stays_breached(self) -> None:
        (found,) = clocks(began(), said("09:00", "customer"), ("09:30", "contact.ended", {"by": "customer"}))
        assert [(each.kind, each.at) for each in found.transitions][-2:] == [
            (Kind.BREACHED, millis("09:10")),
            (Kind.CANCELLED, millis("09:30")),
        ]

    @pytest.mark.parametrize("end", [LEFT, RESOLVED, REP_ENDED])
    def test_who_comes_back_unanswered_is_owed_a_first_reply_anew(self, end: Step) -> None:
        steps = said("09:00", "customer"), queued("09:00"), end, began("14:00"), said("14:00", "customer")
        before, after = clocks(began(), *steps, said("14:03"))
        assert before.ended is not None
        assert (after.number, after.began, after.state, after.passed) == (2, millis("14:00"), State.FULFILLED, 180_000)

    def test_the_answer_at_the_instant_of_the_end_is_in_time(self) -> None:
        assert end_of(began(), said("09:00", "customer"), said("09:05"), LEFT) == ("fulfilled", "reply", 300)

    def test_a_thank_you_alone_opens_nothing(self) -> None:
        assert len(clocks(began(), said("09:00", "bot"), RESOLVED, said("09:06", "customer"))) == 1

    def test_no_clock_where_no_messages_are_told(self) -> None:
        assert clocks(began(), queued("09:00"), ("09:02", "contact.connected", {"rep": "r"})) == []

    def test_a_message_made_private_is_no_reply(self) -> None:
        line = said("09:02"), said("09:04"), ("09:30", "message.made_private", {"message": "e2"})
        assert end_of(began(), *line) == ("fulfilled", "reply", 240)

    def test_a_ghost_of_a_lost_event_is_owed_nothing(self) -> None:
        steps = began(), said("09:00", "customer"), queued("09:00")
        lost = Rules().options.max_wait_seconds
        assert end_of(*steps, now="2026-06-30 00:00") == ("cancelled", "ghost", lost)
        (before,) = clocks(*steps, now="09:05")
        assert before.state is State.ACTIVE

    def test_a_reply_is_to_its_author_s_credit(self) -> None:
        (found,) = clocks(began(rep="owner"), said("09:00", "customer"), said("09:04", rep="helper"))
        assert found.transitions[-1].rep == "helper"


class TestNextReply:
    FIRST = (began(), said("09:00", "customer"), said("09:01"))

    def test_a_second_message_does_not_make_it_anew(self) -> None:
        steps = *self.FIRST, said("09:02", "customer"), said("09:04", "customer"), said("09:05")
        assert end_of(*steps, metric="next_reply") == ("fulfilled", "reply", 180)

    def test_what_is_written_before_the_first_reply_is_that_one_s(self) -> None:
        assert clocks(began(), said("09:00", "customer"), said("09:01", "customer"), metric="next_reply") == []

    @pytest.mark.parametrize(("end", "kind"), [(LEFT, "cancelled"), (ENDED, "cancelled"), (REP_ENDED, "fulfilled")])
    def test_an_end_without_an_answer(self, end: Step, kind: str) -> None:
        assert end_of(*self.FIRST, said("09:03", "customer"), end, metric="next_reply")[0] == kind

    def test_a_thank_you_of_days_ago_waits_for_nothing(self) -> None:
        steps = *self.FIRST, ENDED, said("09:06", "customer"), began("2026-05-09 10:00")
        again = *steps, said("2026-05-09 10:00", "customer"), said("2026-05-09 10:02")
        assert end_of(*again, metric="next_reply") == ("fulfilled", "reply", 120)
        assert told(*again)["next_reply_seconds"]["sum"] == 120, "naive: five days"
        assert told(*steps, said("2026-05-09 10:02"))["next_reply_seconds"]["count"] == 0

    def test_a_question_that_lets_the_customer_in_again_waits_since_it_was_asked(self) -> None:
        steps = *self.FIRST, ENDED, said("14:00", "customer"), queued("14:01"), said("14:03")
        assert end_of(*steps, metric="next_reply") == ("fulfilled", "reply", 180)
        assert told(*steps)["next_reply_seconds"]["sum"] == 180


class TestResolution:
    ASKED = (began(), said("09:00", "customer"))

    @pytest.mark.parametrize(
        ("steps", "kind"),
        [
            ((said("09:01"), LEFT), "fulfilled"),
            ((said("09:01"), said("09:02", "customer"), ENDED), "fulfilled"),
            ((RESOLVED,), "fulfilled"),
            ((REP_ENDED,), "fulfilled"),
            ((said("09:01", "bot"), LEFT), "cancelled"),
            ((queued("09:00"), ABANDONED), "cancelled"),
        ],
    )
    def test_what_the_end_makes_of_it(self, steps: tuple[Step, ...], kind: str) -> None:
        found = end_of(*self.ASKED, *steps, metric="resolution")
        assert (found[0], found[2]) == (kind, 300)

    def test_each_episode_has_its_own(self) -> None:
        steps = *self.ASKED, said("09:01"), LEFT, said("14:00", "customer"), queued("14:01"), said("14:03")
        first, second = clocks(*steps, ("14:10", "contact.ended", {"by": "rep"}), metric="resolution")
        assert (first.state, first.passed) == (State.FULFILLED, 300_000)
        assert (second.state, second.began, second.passed) == (State.FULFILLED, millis("14:00"), 600_000)


def test_explained() -> None:
    instances = clocks(began(), said("09:00", "bot"), handed("09:30"), said("09:31", "customer"), LEFT_LATE)
    (found,) = explain("chat/c", instances, millis("12:00"))["clocks"]
    assert [(one["phase"], one["from"][11:16], one["to"][11:16]) for one in found["segments"]] == [
        ("waived", "09:00", "09:30"),
        ("running", "09:30", "09:35"),
    ]
    assert found["words"][-1] == "Cancelled at 2026-05-04T09:35:00Z: the customer left, 5 min left."


def test_they_are_counted() -> None:
    steps = began(), said("09:00", "customer"), said("09:12"), said("09:13", "customer"), said("09:14")
    history = merge(EMPTY, [event.entry for event in line_of(*steps, LEFT_LATE).events]).history
    sets = derive("chat", "C", history, Rules(policies=PROMISED), millis("12:00")).sets
    counted = {item.cell for items, _ in sets.values() for item in items if item.cell.startswith("s.")}
    owner = "|live|calendar|P"
    assert {f"s.breach|first_reply{owner}", f"s.late|first_reply{owner}", f"s.done|next_reply{owner}"} <= counted
    assert f"s.done|resolution{owner}" in counted


def test_nothing_is_promised_to_tests_and_to_what_the_desk_began() -> None:
    for data in ({"test": True}, {"direction": "outbound"}):
        assert clocks(began(**data), said("09:00", "customer")) == []


def test_a_queue_that_is_known_later_than_the_clock_began() -> None:
    steps: tuple[Step, ...] = ("09:00", "contact.initiated", {}), said("09:11", "customer", queue="Q"), said("09:12")
    found = report(line_of(*steps))
    assert "chats" in found["total"]
    history = merge(EMPTY, [event.entry for event in line_of(*steps).events]).history
    derived = derive("chat", "C", history, Rules(policies=PROMISED), millis("12:00"))
    assert {queue for queue, (items, _) in derived.sets.items() if items} <= set(derived.queues)

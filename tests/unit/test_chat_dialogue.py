"""What is written in chats: the figures of tickets, for exchanges instead of messages (SPEC 2.1, M41; WE-10)."""

from __future__ import annotations

from typing import Any

import pytest

from streams.figures import cells as c
from streams.figures.catalogue import chats
from streams.figures.contributions import Item
from streams.figures.options import FigureOptions
from streams.figures.panes import GroupKey, Panes
from streams.figures.series import Sample, samples
from streams.figures.windows import ALL
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline, millis

Step = tuple[str, str, dict[str, Any]]


def line_of(*steps: Step, kind: str = "chat") -> Timeline:
    line = Timeline()
    for when, name, data in steps:
        line.add(f"{kind}/c", when, name, **data)
    return line


def report(line: Timeline, as_of: str | None = None, by: tuple[str, ...] = ()) -> dict[str, Any]:
    collected = Report(Rules(), by=by)
    for event in line.events:
        collected.add(event)
    return collected.result(None if as_of is None else millis(as_of))


def told(*steps: Step, as_of: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = report(line_of(*steps), as_of)["total"]["chats"]
    return found


def summed(found: dict[str, Any], name: str) -> tuple[int, float]:
    return found[name]["count"], found[name]["sum"]


def began(when: str = "09:00", **data: Any) -> Step:
    return when, "contact.initiated", {"queue": "Q", **data}


def said(when: str, author: str = "rep", **data: Any) -> Step:
    return when, "message.sent", {"author": author, **data}


def handed(when: str) -> Step:
    return when, "bot.handoff", {}


def ended(when: str) -> Step:
    return when, "contact.ended", {}


WE10: tuple[Step, ...] = (
    ("2026-05-04 09:00", "contact.initiated", {"queue": "Q"}),
    said("2026-05-04 09:00", "bot"),
    ("2026-05-04 09:05", "bot.resolved", {}),
    said("2026-05-08 14:00", "customer"),
    said("2026-05-08 14:00", "bot"),
    handed("2026-05-08 14:02"),
    said("2026-05-08 14:10", rep="r"),
    ended("2026-05-08 14:30"),
)


class TestWE10:
    """The bot, its false resolution and the hand-off, as a chat: the figures of the ticket."""

    def test_the_human_clock_and_the_one_the_customer_feels(self) -> None:
        found = told(*WE10)
        assert summed(found, "first_reply_seconds") == (1, 480)
        assert summed(found, "first_reply_felt_seconds") == (1, 600)
        assert found["first_reply_seconds"]["sum"] != 364_200, "naive: from the first word"
        assert summed(found, "bot_handoff_seconds") == (1, 120)

    def test_containment_is_taken_back(self) -> None:
        assert told(*WE10, as_of="2026-05-04 09:05")["bot_contained"] == 1
        verified = told(*WE10, as_of="2026-05-12 00:00")["bot_containment_verified"]
        assert (verified["numerator"], verified["denominator"]) == (0, 1)

    def test_containment_that_lasts_is_verified(self) -> None:
        verified = told(*WE10[:3], as_of="2026-05-11 09:05")["bot_containment_verified"]
        assert (verified["numerator"], verified["denominator"]) == (1, 1)
        with_thanks = told(*WE10[:3], said("09:06", "customer"), as_of="2026-05-11 09:05")
        assert with_thanks["bot_containment_verified"] == verified, "a thank-you is no come-back"

    def test_a_second_hand_off_counts_in_a_new_episode_only(self) -> None:
        again = (*WE10[:6], handed("2026-05-08 14:05"), *WE10[6:])
        assert told(*again)["bot_handoff_seconds"]["count"] == 1
        back = (began("2026-05-09 10:00"), handed("2026-05-09 10:01"))
        found = told(*again, *back)["bot_handoff_seconds"]
        assert (found["count"], found["sum"]) == (2, 180)

    def test_told_as_a_ticket_it_has_the_same_figures(self) -> None:
        as_ticket = [
            ({"contact.initiated": "ticket.created", "contact.ended": "ticket.solved"}.get(step[1], step[1]), step)
            for step in WE10
        ]
        steps = [(step[0], name, step[2]) for name, step in as_ticket]
        steps.insert(4, ("2026-05-08 14:00", "ticket.reopened", {}))
        ticket = report(line_of(*steps, kind="ticket"), "2026-05-20 00:00")["total"]["tickets"]
        chat = told(*WE10, as_of="2026-05-20 00:00")
        for name in ("first_reply_seconds", "first_reply_felt_seconds", "bot_handoff_seconds"):
            assert chat[name] == ticket[name], name
        for name in ("bot_contained", "bot_containment_verified"):
            assert chat[name] == ticket[name], name


class TestReplies:
    """M01, M02 and M13."""

    def test_messages_in_a_row_are_one_exchange(self) -> None:
        found = told(
            began(), said("09:00", "customer"), said("09:01"), said("09:02"), said("09:03"),
            said("09:05", "customer"), said("09:06", "customer"), said("09:07"), ended("09:10"),
        )  # fmt: skip
        assert summed(found, "replies") == (1, 2)
        assert found["replies"]["sum"] != 4, "naive: every message"
        assert summed(found, "first_reply_seconds") == (1, 60)
        assert summed(found, "next_reply_seconds") == (1, 120)

    @pytest.mark.parametrize(
        "silent", [said("09:01", "bot"), said("09:01", public=False), said("09:01", automated=True)]
    )
    def test_bots_notes_and_acknowledgements_answer_nothing(self, silent: Step) -> None:
        found = told(began(), said("09:00", "customer"), silent, said("09:04"), ended("09:10"))
        assert summed(found, "first_reply_seconds") == (1, 240)
        assert summed(found, "replies") == (1, 1)

    def test_no_value_until_somebody_writes(self) -> None:
        steps: tuple[Step, ...] = (
            began(),
            said("09:00", "customer"),
            ("09:01", "contact.queued", {}),
            ("09:02", "contact.connected", {}),
        )
        line = line_of(*steps, said("09:03", rep="r"))
        assert "chats" not in report(line, "09:02")["total"], "a connection is no reply"
        assert summed(report(line)["total"]["chats"], "first_reply_seconds") == (1, 180)

    def test_an_abandoned_chat_was_answered_by_nobody(self) -> None:
        steps: tuple[Step, ...] = (
            began(), said("09:00", "customer"), ("09:00", "contact.queued", {}), ("09:05", "contact.abandoned", {}),
        )  # fmt: skip
        assert "chats" not in report(line_of(*steps))["total"]

    def test_who_comes_back_after_giving_up_waits_anew(self) -> None:
        found = told(
            began(), said("09:00", "customer"), ("09:00", "contact.queued", {}), ("09:05", "contact.abandoned", {}),
            began("2026-05-09 10:00"), said("2026-05-09 10:00", "customer"), said("2026-05-09 10:02"),
        )  # fmt: skip
        assert summed(found, "first_reply_seconds") == (1, 120)
        assert found["first_reply_seconds"]["sum"] != 435_720, "not the five days that nobody waited"

    def test_the_end_of_the_chat_ends_the_wait_without_a_value(self) -> None:
        found = told(began(), said("09:01"), said("09:05", "customer"), ended("09:06"))
        assert summed(found, "next_reply_seconds") == (0, 0)

    def test_the_number_of_exchanges_is_withdrawn_while_it_goes_on(self) -> None:
        steps = began(), said("09:01"), said("09:05", "customer"), ended("09:06")
        assert summed(told(*steps), "replies") == (1, 1)
        assert summed(told(*steps, began("10:00")), "replies") == (0, 0)
        assert summed(told(*steps, began("10:00"), said("10:01"), ended("10:02")), "replies") == (1, 2)

    def test_a_reply_is_its_author_s(self) -> None:
        line = line_of(began(rep="owner"), said("09:01", rep="helper"), ended("09:06"))
        found = report(line, by=("rep",))["by"]["rep"]
        assert found["helper"]["chats"]["first_reply_seconds"]["count"] == 1

    def test_made_private_it_never_was_a_reply(self) -> None:
        line = line_of(began(), said("09:01"), said("09:04"), ended("09:06"))
        line.add("chat/c", "09:30", "message.made_private", message="e2")
        found = report(line)["total"]["chats"]
        assert (summed(found, "first_reply_seconds"), summed(found, "replies")) == ((1, 240), (1, 1))

    def test_a_message_of_somebody_in_copy_does_not_make_it_theirs(self) -> None:
        line = line_of(began(customer="x"), said("09:01", "customer", customer="y"), said("09:02"), ended("09:06"))
        line.add("chat/d", "10:00", "contact.initiated", queue="Q", customer="x", direction="inbound")
        line.add("chat/d", "10:00", "contact.queued")
        line.add("chat/d", "10:01", "contact.connected", rep="r")
        line.add("chat/c", "09:00", "contact.queued")
        assert report(line)["total"]["recontacts"]["24h"]["any"] == 1

    def test_a_mystery_shopper_s_chat_is_in_no_figure(self) -> None:
        assert "chats" not in report(line_of(began(test=True), said("09:01"), ended("09:06")))["total"]


class TestEpisodes:
    """When a chat that was over goes on."""

    def test_the_bot_s_dialogue_before_the_hand_off_belongs_to_it(self) -> None:
        steps: tuple[Step, ...] = (
            began(), ("09:05", "bot.resolved", {}), said("14:00", "customer"), said("14:00", "bot"),
            said("14:03", "customer"), said("14:03", "bot"), handed("14:05"), said("14:10"),
        )  # fmt: skip
        found = told(*steps)
        assert summed(found, "first_reply_felt_seconds") == (1, 600)
        assert found["bot_handoff_seconds"]["sum"] == 300

    def test_a_thank_you_of_days_ago_does_not(self) -> None:
        steps: tuple[Step, ...] = (
            began(), ("09:05", "bot.resolved", {}), said("09:06", "customer"), said("2026-05-08 14:00", "customer"),
            handed("2026-05-08 14:02"), said("2026-05-08 14:10"),
        )  # fmt: skip
        found = told(*steps)
        assert summed(found, "first_reply_felt_seconds") == (1, 600)
        assert found["first_reply_felt_seconds"]["sum"] != 363_840

    def test_with_no_word_before_it_it_begins_with_the_hand_off(self) -> None:
        found = told(began(), ("09:05", "bot.resolved", {}), handed("14:05"), said("14:10"))
        assert summed(found, "first_reply_felt_seconds") == (1, 300)

    @pytest.mark.parametrize(
        "bot",
        [
            [said("14:00", "customer"), said("14:00:30", "bot"), said("14:01", "bot")],
            [("14:00", "contact.initiated", {}), said("14:01", "bot")],
        ],
        ids=["before it goes on", "after that"],
    )
    def test_a_queue_after_the_bot_s_dialogue_is_where_people_take_over(self, bot: list[Step]) -> None:
        steps = (
            began(),
            said("09:01"),
            ("09:05", "contact.ended", {}),
            *bot,
            ("14:05", "contact.queued", {"queue": "Q"}),
        )
        for first in (began(), ("09:00", "contact.queued", {"queue": "Q"})):
            line = line_of(first, ("09:02", "contact.abandoned", {}), *steps[3:], said("14:10"))
            found = report(line)["total"]["chats"]
            assert summed(found, "first_reply_seconds") == (1, 300), "since they took over"
            assert summed(found, "first_reply_felt_seconds") == (1, 600), "since the customer was back"

    def test_what_a_bot_resolved_was_served_without_a_reply_by_people(self) -> None:
        resolved = told(began(), said("09:00", "bot"), ("09:05", "bot.resolved", {}))["replies"]
        assert (resolved["count"], resolved["sum"]) == (1, 0)
        left = report(line_of(began(), said("09:00", "bot"), ("09:05", "contact.ended", {"by": "customer"})))
        assert "chats" not in left["total"]

    def test_what_a_person_took_part_in_no_bot_contained(self) -> None:
        connected = ("09:02", "contact.connected", {"rep": "r"})
        assert told(began(), connected, ("09:05", "bot.resolved", {}))["bot_contained"] == 0
        assert told(began(), said("09:02"), ("09:05", "bot.resolved", {}))["bot_contained"] == 0
        assert told(began(), ("09:05", "bot.resolved", {}), ("09:06", "contact.ended", {}))["bot_contained"] == 1


def exported(channel: str, *booked: tuple[str, int]) -> list[Sample]:
    """The series of a queue, just after something was booked."""
    panes = Panes()
    panes.apply("Q", [Item(cell, channel, "", "", 0, 0, value) for cell, value in booked], 1)
    panes.advance(0)
    return list(samples(GroupKey("Q", channel, ""), panes.group("Q", channel, ""), FigureOptions()))


def test_series_of_chats_are_there_for_queues_of_chats_only() -> None:
    of_chat = {
        (one.family, one.suffix): one.value
        for one in exported("chat", (c.CHAT_REPLIES, 3), (c.CHAT_FIRST_REPLY, 2_000))
        if ("window", ALL) in one.labels
    }
    assert of_chat["support_chat_replies", "_sum"] == 3, "a number, not seconds"
    assert of_chat["support_chat_first_reply_seconds", "_sum"] == 2.0
    assert of_chat["support_chat_next_reply_seconds", "_count"] == 0
    assert not any(family.startswith("support_ticket") for family, _ in of_chat)
    of_calls = {one.family for one in exported("voice", (c.OFFERED, 1))}
    assert not of_calls & {metric.full_name for metric in (*chats.COUNTERS, *chats.SUMMARIES, *chats.RATIOS)}
    without_words = {one.family for one in exported("chat", (c.OFFERED, 1))}
    assert "support_chat_bot_contained_total" in without_words, "0, not absent, where chats are taken"

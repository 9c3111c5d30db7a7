"""Details of life cycles that no other test looks at: idle chats, bots, rings that are over, and who a requester is."""

from __future__ import annotations

from typing import Any

import pytest

from streams.lifecycles.dialogue import IDLE, Dialogue, fold_dialogue
from streams.lifecycles.parts import Ring
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline, millis
from tests.unit import test_chat_dialogue as chats
from tests.unit import test_ticket as tickets
from tests.unit.test_callback_places import folded
from tests.unit.test_callbacks import DIALLED, REQUEST
from tests.unit.test_chat_dialogue import Step, began, ended, handed, said
from tests.unit.test_contact import Q

RESOLVED = "bot.resolved"


def dialogue(*steps: Step) -> Dialogue:
    found = fold_dialogue([event.entry for event in chats.line_of(*steps).events])
    assert found is not None
    return found


class TestIdleChats:
    """After 24 hours without a word what is written next is about something else; at 24 hours it is not yet."""

    @pytest.mark.parametrize(("late", "since"), [("", "10:00"), (":01", "2026-05-05 10:00:01")])
    def test_the_limit_is_inside_between_words(self, late: str, since: str) -> None:
        assert millis("2026-05-05 10:00") - millis("10:00") == IDLE
        found = dialogue(
            began(), ("09:05", RESOLVED, {}), said("10:00", "customer"), said(f"2026-05-05 10:00{late}", "customer"),
            handed("2026-05-05 10:05"),
        )  # fmt: skip
        assert [episode.began for episode in found.episodes] == [millis("09:00"), millis(since)]

    @pytest.mark.parametrize(("late", "since"), [("", "10:00"), (":01", "2026-05-05 10:00:01")])
    def test_and_between_a_word_and_the_return(self, late: str, since: str) -> None:
        found = dialogue(began(), ("09:05", RESOLVED, {}), said("10:00", "customer"), handed(f"2026-05-05 10:00{late}"))
        assert found.episodes[-1].began == millis(since)


class TestChats:
    def test_one_of_which_nothing_but_words_is_known_is_one_too(self) -> None:
        found = dialogue(said("09:00", "customer", queue="Q"), said("09:03"))
        assert found.first_reply is not None
        assert found.first_reply[0].at - found.first_reply[2] == 180_000

    def test_whoever_met_a_person_once_may_be_helped_by_a_bot_the_next_time(self) -> None:
        found = dialogue(
            began(), said("09:02"), ended("09:05"), ("14:00", "contact.initiated", {}), ("14:05", RESOLVED, {})
        )
        assert [episode.contained for episode in found.episodes] == [False, True]

    def test_a_reply_that_names_nobody_is_nobody_s(self) -> None:
        found = dialogue(began(rep="a"), said("09:02"))
        assert found.first_reply is not None
        assert found.first_reply[0].dims.rep == ""

    @pytest.mark.parametrize(("by", "label", "value"), [("channel", {}, "chat"), ("priority", {"priority": "p"}, "p")])
    def test_every_figure_has_the_labels_of_the_chat(self, by: str, label: dict[str, str], value: str) -> None:
        steps: tuple[Step, ...] = (
            began(**label), handed("09:01"), said("09:02", "customer"), said("09:03"), said("09:04", "customer"),
            said("09:06"), ended("09:07"), ("10:00", "contact.initiated", {}), ("10:05", RESOLVED, {}),
        )  # fmt: skip
        found = chats.report(chats.line_of(*steps), "2026-05-20 09:00", by=(by,))["by"][by]
        counted = found[value]["chats"]
        assert (counted["first_reply_felt_seconds"]["count"], counted["next_reply_seconds"]["count"]) == (1, 1)
        assert (counted["bot_handoff_seconds"]["count"], counted["bot_contained"]) == (1, 1)
        assert counted["bot_containment_verified"]["numerator"] == 1
        assert {name for name, figures in found.items() if "chats" in figures} == {value}

    @pytest.mark.parametrize(("late", "verified"), [("", 0), (":01", 1)])
    def test_what_a_bot_contained_is_verified_after_seven_days(self, late: str, verified: int) -> None:
        back: Step = (f"2026-05-11 09:05{late}", "contact.initiated", {})
        found = chats.told(began(), ("09:05", RESOLVED, {}), back, as_of="2026-05-20 09:00")["bot_containment_verified"]
        assert (found["numerator"], found["denominator"]) == (verified, 1)

    def test_their_figures_are_of_their_days(self) -> None:
        steps = began(), handed("09:01"), said("09:03"), ended("09:07")
        assert set(chats.report(chats.line_of(*steps))["by_day"]) == {"2026-05-04"}


class TestAnswersInWriting:
    """In a source that reports no connections a rep's first public message to who waits is one; no other is."""

    QUEUED: Step = ("10:00", "contact.queued", {"queue": "Q"})

    def handled(self, *steps: Step) -> list[tuple[str, float]]:
        """Reps and the seconds of their conversations."""
        found = chats.report(chats.line_of(*steps, ended("10:10")), by=("rep",))["by"]["rep"]
        times = {rep: one["contacts"]["handle_seconds"] for rep, one in found.items() if "contacts" in one}
        return [(rep, time["sum"]) for rep, time in times.items() if time["count"]]

    def test_the_conversation_is_of_who_wrote(self) -> None:
        assert self.handled(self.QUEUED, said("10:04", rep="a"), said("10:06", rep="b")) == [("a", 360)]

    def test_after_a_connection_writing_begins_nothing(self) -> None:
        connected = ("10:01", "contact.connected", {"rep": "a"})
        assert self.handled(self.QUEUED, connected, said("10:04", rep="b")) == [("a", 540)]

    def test_nobody_is_answered_who_never_waited(self) -> None:
        assert self.handled(began("10:00"), said("10:04", rep="a")) == []

    def test_who_waits_again_is_answered_again(self) -> None:
        again = ("10:05", "contact.queued", {"queue": "Q"})
        assert self.handled(self.QUEUED, said("10:04", rep="a"), again, said("10:07", rep="b")) == [
            ("a", 60),
            ("b", 180),
        ]


class TestBotsAndTickets:
    @pytest.mark.parametrize(
        ("steps", "contained"),
        [
            ((), 1),
            ((tickets.said("09:03"),), 0),
            ((tickets.status("09:03", "solved"),), 0),
            ((tickets.said("09:03"), tickets.status("09:04", "solved")), 0),
            ((tickets.said("09:03"), tickets.status("09:04", "pending")), 0),
        ],
        ids=["alone", "after a reply", "after a solve", "after both", "after a reply and a pause"],
    )
    def test_a_bot_contains_what_no_person_replied_to_and_nobody_had_solved(
        self, steps: tuple[Step, ...], contained: int
    ) -> None:
        assert tickets.told(tickets.created(), *steps, ("09:05", RESOLVED, {}))["bot_contained"] == contained


class TestStations:
    def test_to_be_with_no_group_is_no_station(self) -> None:
        moved = [("09:10", "ticket.assigned", {"queue": ""}), ("09:20", "ticket.assigned", {"queue": "B"})]
        found = tickets.told(tickets.created(queue="A"), *moved, tickets.status("10:00", "solved"))
        assert (found["group_stations"]["sum"], found["group_station_spells"]["sum"]) == (2, 2)


class TestRequesters:
    @pytest.mark.parametrize(("customer", "again"), [("old", 0), ("new", 1)])
    def test_a_ticket_that_was_given_to_another_customer_is_theirs(self, customer: str, again: int) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", queue="Q", customer="old")
        line.add("ticket/T", "09:10", "ticket.requester_changed", customer="new")
        line.add("ticket/T", "09:15", "ticket.requester_changed")
        line.add("ticket/T", "09:20", "ticket.solved")
        line.add("call/C", "11:00", "contact.queued", queue="Q", customer=customer, direction="inbound")
        line.add("call/C", "11:01", "contact.connected", rep="a")
        line.add("call/C", "11:02", "contact.ended")
        report = Report(Rules())
        for event in line.events:
            report.add(event)
        found: dict[str, Any] = report.result()["total"]["recontacts"]
        assert found["24h"]["any"] == again

    @pytest.mark.parametrize(("reason", "again"), [("password", 1), ("invoice", 0)])
    def test_its_reason_may_become_known_later(self, reason: str, again: int) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", queue="Q", customer="z")
        line.add("ticket/T", "09:10", "ticket.updated", reason="password")
        line.add("ticket/T", "09:20", "ticket.solved")
        line.add("call/C", "11:00", "contact.queued", queue="Q", customer="z", direction="inbound", reason=reason)
        line.add("call/C", "11:02", "contact.ended")
        report = Report(Rules())
        for event in line.events:
            report.add(event)
        found: dict[str, Any] = report.result()["total"]["recontacts"]
        assert (found["24h"]["any"], found["24h"]["reason"]) == (1, again)

    @pytest.mark.parametrize("test", [True, False])
    def test_a_ticket_may_turn_out_to_be_a_test(self, test: bool) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", queue="Q", test=not test)
        line.add("ticket/T", "09:10", "ticket.updated", test=test)
        line.add("ticket/T", "09:20", "ticket.solved")
        report = Report(Rules())
        for event in line.events:
            report.add(event)
        assert ("tickets" in report.result()["total"]) is not test


class TestRings:
    """Where it rang, and until when: reps' time is counted by it."""

    OFFERED: tuple[Step, ...] = (
        ("10:00:00", "queued", Q), ("10:00:10", "offered_to_rep", {"rep": "a"}),
        ("10:00:15", "offered_to_rep", {"rep": "b"}),
    )  # fmt: skip

    def over(self, *steps: Step) -> list[tuple[str, int, int]]:
        begin = millis("10:00")
        rings = folded(*steps).rings
        return [(ring.rep, (ring.since - begin) // 1000, (ring.until - begin) // 1000) for ring in rings.over]

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("connected", {"rep": "a"}),
            ("abandoned", {}),
            ("left_queue", {"why": "voicemail"}),
            ("queued", {"queue": "R"}),
            ("callback.requested", {}),
        ],
    )
    def test_whatever_ends_the_wait_ends_them_all(self, name: str, data: dict[str, Any]) -> None:
        assert self.over(*self.OFFERED, ("10:00:30", name, data)) == [("a", 10, 30), ("b", 15, 30)]

    def test_one_that_was_missed_is_over_alone(self) -> None:
        missed = ("10:00:20", "not_answered", {"rep": "a"})
        assert self.over(*self.OFFERED, missed) == [("a", 10, 20)]
        assert folded(*self.OFFERED, missed).rings.now == {"b": millis("10:00:15")}

    def test_offered_again_it_begins_anew(self) -> None:
        again = ("10:00:20", "offered_to_rep", {"rep": "a"})
        assert self.over(*self.OFFERED, again) == [("a", 10, 20)]
        assert folded(*self.OFFERED, again).rings.now["a"] == millis("10:00:20")

    @pytest.mark.parametrize("name", ["contact.queued", "callback.attempted", "callback.abandoned"])
    def test_so_does_whatever_a_callback_does_next(self, name: str) -> None:
        steps = (
            *REQUEST,
            ("10:05", "queued", {}),
            ("10:05:10", "offered_to_rep", {"rep": "a"}),
            ("10:05:20", name, {}),
        )
        assert self.over(*steps) == [("a", 310, 320)]
        assert folded(*DIALLED, ("10:07", "offered_to_rep", {"rep": "c"})).rings.over == []

    def test_a_ring_says_where_it_was(self) -> None:
        assert folded(*self.OFFERED, ("10:00:30", "abandoned", {})).rings.over[0] == Ring(
            "a", millis("10:00:10"), millis("10:00:30")
        )

"""The specification's worked examples, with its exact values; and never the naive ones."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from streams.figures import cells as c
from streams.figures.from_ticket import contributions
from streams.figures.options import FigureOptions
from streams.figures.working_hours import WorkingHours
from streams.lifecycles.ticket import fold_ticket
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.support.timeline import Timeline, millis

if TYPE_CHECKING:
    from streams.events import Event

MINUTE = 60
HOUR = 3600


def report(
    events: list[Event], *, as_of: str | None = None, day: str = "2026-05-04", by: tuple[str, ...] = (), **options: Any
) -> dict[str, Any]:
    attribution = options.pop("attribution", "cohort")
    collected = Report(Rules(FigureOptions(**options)), by=by, attribution=attribution)
    for event in events:
        collected.add(event)
    return collected.result(None if as_of is None else millis(as_of, day))


def ticket_we01() -> Timeline:
    line = Timeline()
    line.add("ticket/T1", "09:00", "ticket.created", created_by="customer", queue="support", channel="email")
    line.add("ticket/T1", "09:20", "message.sent", author="rep")
    line.add("ticket/T1", "09:20", "ticket.status_changed", to="pending")
    line.add("ticket/T1", "10:00", "message.sent", author="customer")
    line.add("ticket/T1", "10:00", "ticket.status_changed", to="open")
    line.add("ticket/T1", "10:05", "message.sent", author="rep", public=False)
    line.add("ticket/T1", "10:45", "message.sent", author="rep")
    line.add("ticket/T1", "10:45", "ticket.status_changed", to="on_hold")
    line.add("ticket/T1", "12:00", "ticket.status_changed", to="open")
    line.add("ticket/T1", "12:30", "message.sent", author="rep")
    line.add("ticket/T1", "12:30", "ticket.status_changed", to="solved")
    line.add("ticket/T1", "15:00", "message.sent", author="customer")
    line.add("ticket/T1", "15:00", "ticket.status_changed", to="open")
    line.add("ticket/T1", "15:25", "message.sent", author="rep")
    line.add("ticket/T1", "15:25", "ticket.status_changed", to="solved")
    return line


class TestWE01:
    def at(self, when: str) -> dict[str, Any]:
        figures: dict[str, Any] = report(ticket_we01().events, as_of=when)["total"]["tickets"]
        return figures

    def test_at_the_first_solve(self) -> None:
        figures = self.at("12:30")
        assert figures["first_reply_seconds"]["sum"] == 1200
        assert figures["requester_wait_seconds"]["sum"] == 10_200
        assert figures["agent_work_seconds"]["sum"] == 5700
        assert figures["pending_seconds"]["sum"] == 2400
        assert figures["on_hold_seconds"]["sum"] == 4500
        assert figures["first_resolution_seconds"]["sum"] == 12_600
        assert figures["full_resolution_seconds"]["sum"] == 12_600
        assert (figures["solved"], figures["solve_events"], figures["open"]) == (1, 1, 0)
        assert (figures["replies"]["count"], figures["replies"]["sum"]) == (1, 3)

    def test_the_reopen_takes_the_full_resolution_back(self) -> None:
        figures = self.at("15:00")
        assert figures["full_resolution_seconds"]["count"] == 0
        assert figures["requester_wait_seconds"]["count"] == 0
        assert figures["replies"]["count"] == 0
        assert figures["first_resolution_seconds"]["sum"] == 12_600
        assert (figures["reopen_events"], figures["open"], figures["open_by_status"]) == (1, 1, {"open": 1})

    def test_at_the_end(self) -> None:
        figures = self.at("15:25")
        assert figures["first_reply_seconds"]["sum"] == 1200
        assert figures["requester_wait_seconds"]["sum"] == 11_700
        assert figures["agent_work_seconds"]["sum"] == 7200
        assert figures["pending_seconds"]["sum"] == 2400
        assert figures["on_hold_seconds"]["sum"] == 4500
        assert figures["first_resolution_seconds"]["sum"] == 12_600
        assert figures["full_resolution_seconds"]["sum"] == 23_100
        assert figures["full_resolution_seconds"]["count"] == 1
        assert (figures["solve_events"], figures["reopen_events"]) == (2, 1)
        assert figures["solve_events"] - figures["reopen_events"] == 1, "net solved tickets"
        assert 195 * MINUTE + 40 * MINUTE + 150 * MINUTE == 23_100

    def test_next_replies(self) -> None:
        """#2 ends with R2 and #3 with R4; R3 answers nothing, and the internal note neither."""
        assert self.booked(c.NEXT_REPLY) == [("10:45", 2700), ("15:25", 1500)]
        figures = self.at("15:25")["next_reply_seconds"]
        assert (figures["count"], figures["sum"]) == (2, 4200)

    def test_update_gaps(self) -> None:
        """From R1 to R2 and from R2 to R3; with the reopen the clock starts again only at R4."""
        assert self.booked(c.UPDATE_GAP) == [("10:45", 85 * MINUTE), ("12:30", 105 * MINUTE)]
        assert self.booked(c.UPDATE_GAP_PAUSABLE) == [("10:45", 45 * MINUTE), ("12:30", 105 * MINUTE)]
        figures = self.at("15:25")
        assert (figures["update_gap_periodic_seconds"]["sum"], figures["update_gap_pausable_seconds"]["sum"]) == (
            190 * MINUTE,
            150 * MINUTE,
        )

    def test_replies_reopens_and_touches(self) -> None:
        figures = self.at("15:25")
        assert (figures["replies"]["count"], figures["replies"]["sum"], figures["replies"]["max"]) == (1, 4, 4)
        assert figures["reopen_events"] == 1
        matured = self.at("2026-05-11 12:30")
        assert matured["one_touch_ratio"] == {"numerator": 0, "denominator": 1, "ratio": 0.0}

    def test_the_group_had_it_twice_with_the_solved_time_left_out(self) -> None:
        assert self.booked(c.GROUP_OWNERSHIP) == [("12:30", 210 * MINUTE), ("15:25", 25 * MINUTE)]
        assert self.at("15:25")["pending_with_customer_last_seconds"]["count"] == 0

    def booked(self, cell: str) -> list[tuple[str, int]]:
        """When a cell is booked, and how many seconds."""
        ticket = fold_ticket([event.entry for event in ticket_we01().events], FigureOptions())
        assert ticket is not None
        items = contributions(ticket, FigureOptions(), WorkingHours())["support"][0]
        return [
            (datetime.fromtimestamp(item.at / 1000, UTC).strftime("%H:%M"), item.value // 1000)
            for item in items
            if item.cell == cell
        ]

    def test_not_the_naive_values(self) -> None:
        figures = self.at("15:25")
        assert 5 * MINUTE not in dict(self.booked(c.NEXT_REPLY)).values(), "an internal note answers nothing"
        assert figures["next_reply_seconds"]["count"] != 3, "R3 had nothing to answer"
        assert figures["update_gap_periodic_seconds"]["count"] != 3, "no update is owed while solved"
        assert figures["update_gap_pausable_seconds"]["sum"] != (190 - 40 - 75) * MINUTE, "on-hold is no pause"
        assert figures["replies"]["sum"] != 5, "the internal note is no reply"
        assert figures["replies"]["sum"] != 0.004, "replies are no seconds"
        assert figures["group_ownership_seconds"]["sum"] != 385 * MINUTE, "nobody works on what is solved"
        assert figures["requester_wait_seconds"]["sum"] != 23_100, "pending and solved gaps are not waiting"
        assert figures["first_resolution_seconds"]["sum"] != 23_100, "a reopen does not move the first resolution"


def queue_we05() -> Timeline:
    line = Timeline()
    calls: list[tuple[str, str, str, int]] = [
        ("c1", "10:00:00", "answered", 8),
        ("c2", "10:02:00", "abandoned", 3),
        ("c3", "10:03:00", "answered", 20),
        ("c4", "10:05:00", "abandoned", 15),
        ("c5", "10:07:00", "abandoned", 70),
        ("c6", "10:10:00", "answered", 12),
        ("c7", "10:12:00", "callback", 30),
        ("c8", "10:15:00", "transfer", 60),
        ("c9", "10:20:00", "answered", 5),
        ("c11", "10:29:30", "answered", 90),
        ("c10", "10:29:50", "answered", 15),
    ]
    for name, queued, outcome, wait in calls:
        line.add(f"call/{name}", queued, "contact.queued", queue="Q")
        total = sum(int(part) * unit for part, unit in zip(queued.split(":"), (3600, 60, 1), strict=True)) + wait
        when = f"{total // 3600:02}:{total % 3600 // 60:02}:{total % 60:02}"
        if outcome == "answered":
            line.add(f"call/{name}", when, "contact.connected", queue="Q", rep="r")
        elif outcome == "abandoned":
            line.add(f"call/{name}", when, "contact.abandoned")
        else:
            line.add(f"call/{name}", when, "contact.left_queue", why=outcome)
    return line


class TestWE05:
    def contacts(self, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = report(queue_we05().events, **options)["total"]["contacts"]
        return found

    def test_cohort_counts(self) -> None:
        figures = self.contacts()
        assert figures["offered"] == 11
        assert figures["answered"] == 6
        assert figures["abandoned"] == 3
        assert figures["abandoned_short"] == 1
        assert figures["flow_out_by_reason"] == {"callback": 1, "transfer": 1}
        assert figures["offered"] == figures["answered"] + figures["abandoned"] + figures["flow_out"]

    @pytest.mark.parametrize(
        ("formula", "numerator", "denominator"),
        [
            ("icmi1", 7, 9),
            ("answered_only", 5, 6),
            ("strict", 5, 9),
            ("ignore_early", 5, 7),
            ("icmi5", 6, 9),
            ("genesys", 5, 8),
            ("genesys_flow_outs", 5, 10),
            ("amazon", 7, 11),
        ],
    )
    def test_formulas(self, formula: str, numerator: int, denominator: int) -> None:
        level = self.contacts()["service_level"][formula]
        assert (level["numerator"], level["denominator"]) == (numerator, denominator)
        assert level["ratio"] == pytest.approx(numerator / denominator)
        assert level["threshold_seconds"] == 20

    def test_waits(self) -> None:
        figures = self.contacts()
        assert figures["queue_wait_seconds"]["mean"] == 25.0
        assert figures["abandon_wait_seconds"]["mean"] == pytest.approx(88 / 3)
        assert figures["abandon_ratio"]["ratio"] == pytest.approx(3 / 11)
        assert figures["queue_wait_seconds"]["max"] == 90

    def test_event_attribution(self) -> None:
        before = self.contacts(attribution="event", as_of="10:29:59")
        assert (before["offered"], before["answered"], before["abandoned"], before["flow_out"]) == (11, 4, 3, 2)
        assert before["waiting"] == 2
        assert before["service_level"]["strict"]["ratio"] == pytest.approx(4 / 7)
        after = self.contacts(attribution="event")
        # Answered in the second half hour only: more than were offered in it, and not clamped.
        assert after["offered"] - before["offered"] == 0
        assert after["answered"] - before["answered"] == 2
        assert after["service_level"]["strict"]["numerator"] - before["service_level"]["strict"]["numerator"] == 1

    def test_not_the_naive_value(self) -> None:
        waiting = self.contacts(as_of="10:29:59")
        assert waiting["abandoned"] == 3, "calls that still wait are not abandoned"


def call_we06() -> Timeline:
    line = Timeline()
    line.add("call/c", "11:00:00", "contact.initiated", direction="inbound")
    line.add("call/c", "11:00:40", "contact.queued", queue="L1")
    line.add("call/c", "11:01:10", "contact.offered_to_rep", rep="A")
    line.add("call/c", "11:01:20", "contact.connected", rep="A")
    line.add("call/c", "11:03:20", "contact.held")
    line.add("call/c", "11:04:20", "contact.retrieved")
    line.add("call/c", "11:05:20", "contact.transferred", transfer="blind", to="L2")
    line.add("call/c", "11:05:20", "contact.queued", queue="L2")
    line.add("call/c", "11:05:50", "contact.wrapup_ended", rep="A")
    line.add("call/c", "11:06:00", "contact.offered_to_rep", rep="B")
    line.add("call/c", "11:06:20", "contact.not_answered", rep="B")
    line.add("call/c", "11:06:25", "contact.offered_to_rep", rep="C")
    line.add("call/c", "11:06:30", "contact.connected", rep="C")
    line.add("call/c", "11:08:30", "contact.held")
    line.add("call/c", "11:08:50", "contact.retrieved")
    line.add("call/c", "11:10:30", "contact.ended", by="customer")
    line.add("call/c", "11:11:30", "contact.wrapup_ended", rep="C")
    return line


class TestWE06:
    def test_per_queue(self) -> None:
        found = report(call_we06().events, by=("queue",), service_level_seconds=60.0)["by"]["queue"]
        first, second = found["L1"]["contacts"], found["L2"]["contacts"]
        for figures, wait, talk, acw, handle in ((first, 40, 180, 30, 270), (second, 70, 220, 60, 300)):
            assert figures["offered"] == figures["answered"] == figures["handled"] == 1
            assert figures["queue_wait_seconds"]["sum"] == wait
            assert figures["talk_seconds"]["sum"] == talk
            assert figures["acw_seconds"]["sum"] == acw
            assert figures["handle_seconds"]["sum"] == handle
        assert first["service_level"]["strict"]["numerator"] == 1
        assert second["service_level"]["strict"]["numerator"] == 0
        assert (first["contacts"], second["contacts"]) == (1, 0)

    def test_total(self) -> None:
        figures = report(call_we06().events)["total"]["contacts"]
        assert (figures["contacts"], figures["offered"], figures["answered"]) == (1, 2, 2)
        assert figures["handle_seconds"]["mean"] == 285
        assert figures["handle_seconds"]["sum"] == 570
        assert figures["holds"] == 2
        assert figures["longest_hold_seconds"] == 60
        assert figures["customer_hold_seconds"]["mean"] == 80
        assert figures["customer_wait_total_seconds"]["sum"] == 190

    def test_handle_time_is_booked_when_wrap_up_ends(self) -> None:
        def at(when: str) -> dict[str, Any]:
            handle: dict[str, Any] = report(call_we06().events, as_of=when)["total"]["contacts"]["handle_seconds"]
            return handle

        assert (at("11:05:50")["count"], at("11:05:50")["sum"]) == (1, 270)
        assert (at("11:11:29")["sum"], at("11:11:30")["sum"]) == (510, 570)

    def test_it_is_no_recontact(self) -> None:
        for event in (line := call_we06()).events[:1]:
            assert event.entry.data.customer is None
        line.add("call/c", "11:00:00", "contact.updated", customer="z")
        assert report(line.events)["total"]["recontacts"]["7d"] == {"any": 0, "reason": 0}


def contacts_we08() -> Timeline:
    line = Timeline()
    for name, start, end, reason, customer in (
        ("x0", "2026-05-04 10:00:00", "2026-05-04 10:08:00", "billing", "cust-77"),
        ("x1", "2026-05-05 09:30:00", "2026-05-05 09:45:00", "billing", "cust-77"),
        ("x3", "2026-05-07 11:00:00", "2026-05-07 11:05:00", "billing", None),
        ("x4", "2026-05-11 10:07:59", "2026-05-11 10:15:00", "billing", "cust-77"),
    ):
        subject = f"{'chat' if name == 'x1' else 'call'}/{name}"
        known = {"customer": customer} if customer else {}
        line.add(subject, start, "contact.initiated", queue="Q", reason=reason, direction="inbound", **known)
        line.add(subject, start, "contact.queued", queue="Q")
        line.add(subject, start, "contact.connected", rep="r", queue="Q")
        line.add(subject, end, "contact.ended")
    line.add(
        "ticket/x2", "2026-05-07 10:20:00", "ticket.created", customer="cust-77", reason="delivery",
        channel="email", queue="Q",
    )  # fmt: skip
    line.add("ticket/x2", "2026-05-07 16:20:00", "ticket.solved")
    return line


class TestWE08:
    def at(self, when: str | None = None) -> dict[str, Any]:
        figures: dict[str, Any] = report(contacts_we08().events, as_of=when)["total"]["recontacts"]
        return figures

    def test_recontacts(self) -> None:
        figures = self.at()
        assert {w: figures[w]["reason"] for w in ("24h", "72h", "7d")} == {"24h": 1, "72h": 1, "7d": 2}
        assert {w: figures[w]["any"] for w in ("24h", "72h", "7d")} == {"24h": 1, "72h": 2, "7d": 3}
        assert figures["contacts"] == 4, "the withheld number is in no denominator"
        assert figures["unattributable"] == 1

    def test_first_contact_resolution_ripens(self) -> None:
        def fcr(when: str) -> tuple[int, int]:
            found = self.at(when)["fcr_no_recontact"]["7d"]["reason"]
            return found["numerator"], found["denominator"]

        # Billing: x0 (over Mon 10:08) and x1 (over Tue 09:45) were followed; x4 is open until Mon 18 10:15.
        assert fcr("2026-05-11 10:07:00") == (0, 0)
        assert fcr("2026-05-12 09:45:00") == (0, 2)
        assert fcr("2026-05-14 16:19:00") == (0, 2)
        assert fcr("2026-05-14 16:20:00") == (1, 3), "x2, delivery: quiet for seven days"
        assert fcr("2026-05-18 10:14:00") == (1, 3)
        assert fcr("2026-05-18 10:15:00") == (2, 4)

    def test_before_the_customer_is_known_nothing_is_a_recontact(self) -> None:
        line = contacts_we08()
        apart = [event for event in line.events if event.entity in {"x0", "x3"}]
        figures = report(apart)["total"]["recontacts"]
        assert figures["7d"] == {"any": 0, "reason": 0}


def merge_we09() -> list[Event]:
    line = Timeline()
    line.add("ticket/T10", "08:00", "ticket.created", customer="Z", queue="Q")
    line.add("ticket/T11", "08:30", "ticket.merged", into="T10")
    line.add("ticket/T11", "08:05", "ticket.created", customer="Z", queue="Q")
    reply = line.add("ticket/T10", "08:40", "message.sent", author="rep", uid="e40")
    line.events.append(reply)
    line.add("ticket/T10", "09:00", "ticket.solved")
    line.add("ticket/T10", "08:20", "ticket.updated", priority="normal")
    return line.events


class TestWE09:
    def test_figures(self) -> None:
        found = report(merge_we09())
        figures = found["total"]["tickets"]
        assert figures["created"] == 2
        assert figures["merged"] == 1
        assert (figures["solved"], figures["solve_events"]) == (1, 1), "merged is not solved"
        assert figures["first_reply_seconds"]["count"] == 1
        assert figures["first_reply_seconds"]["sum"] == 2400
        assert figures["replies"]["sum"] == 1
        assert found["events"]["duplicate"] == 1
        assert found["events"]["late"] == 2
        assert found["total"]["recontacts"]["concurrent"] == 1
        assert found["total"]["recontacts"]["7d"]["any"] == 0

    @pytest.mark.parametrize(
        ("when", "opened"),
        [("08:00", 1), ("08:04:59", 1), ("08:05", 2), ("08:29:59", 2), ("08:30", 1), ("08:59:59", 1), ("09:00", 0)],
    )
    def test_open_over_time(self, when: str, opened: int) -> None:
        assert report(merge_we09(), as_of=when)["total"]["tickets"]["open"] == opened

    def test_two_tickets_of_one_issue(self) -> None:
        figures = report(merge_we09())["total"]["tickets"]
        assert figures["tickets_per_issue_ratio"] == {"numerator": 2, "denominator": 1, "ratio": 2.0}

    def test_not_the_naive_values(self) -> None:
        figures = report(merge_we09())["total"]["tickets"]
        assert figures["solve_events"] != 2, "T11 is not a solve"
        assert figures["first_reply_seconds"]["count"] != 2, "the reply on T10 is none on T11"
        assert figures["replies"]["sum"] != 2, "e40 came twice"
        assert figures["open"] != 1, "the merge that came before its ticket is not forgotten"
        # Many desks close what they merge, and solve by rule what they close.
        line = Timeline()
        line.events = merge_we09()
        line.add("ticket/T11", "08:30", "ticket.closed", uid="by-merge")
        closed = report(line.events)["total"]["tickets"]
        assert (closed["solve_events"], closed["closed"], closed["full_resolution_seconds"]["count"]) == (1, 0, 1)

    def test_every_order_gives_the_same(self) -> None:
        events = merge_we09()
        straight = report(events)["total"]
        # The two deliveries of e40 are the same bytes: their places may be exchanged.
        orders = [order for order in permutations(range(len(events))) if order.index(3) < order.index(4)]
        assert len(orders) == 2520
        for order in orders:
            shuffled = report([events[place] for place in order])
            assert shuffled["total"] == straight, order
            assert shuffled["events"]["duplicate"] == 1


def conversation_we10() -> Timeline:
    line = Timeline()
    line.add("ticket/t", "2026-05-04 09:00", "ticket.created", channel="chat", queue="Q")
    line.add("ticket/t", "2026-05-04 09:00", "message.sent", author="bot")
    line.add("ticket/t", "2026-05-04 09:05", "bot.resolved")
    line.add("ticket/t", "2026-05-08 14:00", "message.sent", author="customer")
    line.add("ticket/t", "2026-05-08 14:00", "ticket.reopened")
    line.add("ticket/t", "2026-05-08 14:00", "message.sent", author="bot")
    line.add("ticket/t", "2026-05-08 14:02", "bot.handoff")
    line.add("ticket/t", "2026-05-08 14:10", "message.sent", author="rep", rep="r")
    line.add("ticket/t", "2026-05-08 14:30", "ticket.solved", rep="r")
    return line


class TestWE10:
    def at(self, when: str | None = None) -> dict[str, Any]:
        figures: dict[str, Any] = report(conversation_we10().events, as_of=when)["total"]["tickets"]
        return figures

    def test_the_human_clock_and_the_one_the_customer_feels(self) -> None:
        figures = self.at()
        assert figures["first_reply_seconds"]["sum"] == 480
        assert figures["first_reply_felt_seconds"]["sum"] == 600
        assert figures["first_reply_seconds"]["sum"] != 364_200, "naive: from creation"

    def test_containment_is_taken_back(self) -> None:
        assert self.at("2026-05-04 09:05")["bot_contained"] == 1
        assert self.at("2026-05-04 09:04")["bot_contained"] == 0
        verified = self.at("2026-05-12 00:00")["bot_containment_verified"]
        assert (verified["numerator"], verified["denominator"]) == (0, 1)

    def test_containment_that_lasts_is_verified(self) -> None:
        kept = [event for event in conversation_we10().events if event.entry.time < millis("2026-05-08 00:00")]
        before = report(kept, as_of="2026-05-11 09:04")["total"]["tickets"]["bot_containment_verified"]
        after = report(kept, as_of="2026-05-11 09:05")["total"]["tickets"]["bot_containment_verified"]
        assert (before["denominator"], after["numerator"], after["denominator"]) == (0, 1, 1)

    def test_resolutions(self) -> None:
        figures = self.at()
        assert figures["full_resolution_seconds"]["sum"] == 365_400
        assert figures["first_resolution_seconds"]["sum"] == 300
        assert figures["reopen_events"] == 1

    def test_episodes(self) -> None:
        entries = sorted((event.entry for event in conversation_we10().events), key=lambda entry: entry.order)
        ticket = fold_ticket(entries, FigureOptions())
        assert ticket is not None
        first, second = ticket.episodes
        assert first.solved is not None
        assert second.began - first.solved.at == 363_300_000
        assert second.resolution == 1_800_000
        assert second.human_work == 1_680_000
        assert (first.contained, second.contained) == (True, False)

    def test_a_second_handoff_counts_in_a_new_episode_only(self) -> None:
        line = conversation_we10()
        line.add("ticket/t", "2026-05-08 14:05", "bot.handoff")
        assert report(line.events)["total"]["tickets"]["bot_handoff_seconds"]["count"] == 1
        line.add("ticket/t", "2026-05-09 10:00", "ticket.reopened")
        line.add("ticket/t", "2026-05-09 10:01", "bot.handoff")
        assert report(line.events)["total"]["tickets"]["bot_handoff_seconds"]["count"] == 2

"""Reps: presence and silence, the state shown, what contacts take of them, staffing, and the series of a queue."""

from __future__ import annotations

import asyncio
import heapq
import random
from math import exp
from typing import TYPE_CHECKING, Any

import pytest

from agents.web.cells import Feeds, LiveState
from agents.web.freshness import freshness
from agents.web.merging import Merge, Part
from agents.web.view import FEEDS
from streams.codec import RejectedError, decode
from streams.figures import cells as c
from streams.figures.options import FigureOptions
from streams.figures.panes import GroupKey
from streams.figures.rep_series import staffing
from streams.figures.reps import need
from streams.figures.staffing import Load, Staffed, erlang_a, erlang_c, required
from streams.lifecycles.rep import Mark, Presence, fold_rep, presence
from streams.pipeline.kpis import KpiStage
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.laws.histories import wire
from tests.support.local import Cluster
from tests.support.timeline import Timeline, millis

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60_000
HOUR = 60 * MINUTE
OPTIONS = FigureOptions()


def told(*rows: tuple[str, str, str, dict[str, Any]]) -> Timeline:
    line = Timeline()
    for subject, when, name, data in rows:
        line.add(subject, when, name, **data)
    return line


def reps_at(line: Timeline, as_of: str, options: FigureOptions = OPTIONS) -> dict[str, Any]:
    report = Report(Rules(options))
    for event in line.events:
        report.add(event)
    found: dict[str, Any] = report.result(millis(as_of))["total"].get("reps", {})
    return found


def now_at(line: Timeline, as_of: str, options: FigureOptions = OPTIONS) -> dict[str, int]:
    now = reps_at(line, as_of, options).get("now", {})
    return {state: number for state, number in now.items() if number}


class TestPresence:
    def test_a_state_that_is_not_said_again_ends(self) -> None:
        assert presence([Mark(0, "available", "Q")], OPTIONS) == [Presence(0, 12 * HOUR, "available", "Q", "")]

    def test_what_is_left_out_stays_as_it_was_and_empty_means_none(self) -> None:
        marks = [Mark(0, "available", "Q", "chat"), Mark(1, "custom"), Mark(2, "available", ""), Mark(3, "out")]
        assert [spell[2:] for spell in presence(marks, OPTIONS)] == [
            ("available", "Q", "chat"),
            ("custom", "Q", "chat"),
            ("available", "unassigned", "chat"),
        ]

    def test_heartbeats_that_stop_make_the_state_unknown_until_the_next_sign_of_life(self) -> None:
        marks = [
            Mark(0, "available", "Q"),
            Mark(2 * MINUTE, "beat"),
            Mark(20 * MINUTE, "beat"),
            Mark(21 * MINUTE, "out"),
        ]
        assert [spell[:3] for spell in presence(marks, OPTIONS)] == [
            (0, 7 * MINUTE, "available"),
            (7 * MINUTE, 20 * MINUTE, "unknown"),
            (20 * MINUTE, 21 * MINUTE, "available"),
        ]

    def test_a_source_without_heartbeats_may_be_silent(self) -> None:
        marks = [Mark(0, "available", "Q"), Mark(3 * HOUR, "", None)]
        assert {spell.state for spell in presence(marks, OPTIONS)} == {"available"}

    def test_a_beat_that_comes_in_time_leaves_no_seam(self) -> None:
        marks = [Mark(0, "available", "Q"), *(Mark(n * 2 * MINUTE, "beat") for n in range(1, 30)), Mark(HOUR, "out")]
        assert presence(marks, OPTIONS) == [Presence(0, HOUR, "available", "Q", "")]

    def test_heartbeats_after_logging_out_mean_nothing(self) -> None:
        marks = [Mark(0, "available", "Q"), Mark(MINUTE, "beat"), Mark(2 * MINUTE, "out"), Mark(3 * MINUTE, "beat")]
        assert [spell.end for spell in presence(marks, OPTIONS)] == [2 * MINUTE]

    def test_a_queue_or_channel_that_is_not_said_again_is_forgotten(self) -> None:
        """However often the state is said: what a mark says reaches no further than a spell may last."""
        marks = [Mark(0, "available", "Q", "chat"), *(Mark(n * 6 * HOUR, "available") for n in (1, 2, 3))]
        assert [(spell.start // HOUR, *spell[3:]) for spell in presence(marks, OPTIONS)] == [
            (0, "Q", "chat"),
            (6, "Q", "chat"),
            (12, "Q", "chat"),
            (18, "unassigned", ""),
        ]

    def test_a_heartbeat_of_long_ago_asks_for_no_others(self) -> None:
        marks = [Mark(0, "available", "Q"), Mark(MINUTE, "beat"), Mark(13 * HOUR, "available", "Q")]
        assert presence(marks, OPTIONS)[-1] == Presence(13 * HOUR, 25 * HOUR, "available", "Q", "")
        marks[-1] = Mark(12 * HOUR, "available", "Q")
        assert presence(marks, OPTIONS)[-1].state == "unknown"

    def test_a_state_that_was_over_leaves_later_marks_in_force(self) -> None:
        marks = [
            Mark(0, "available", "Q"),
            Mark(13 * HOUR, "", "R"),
            Mark(14 * HOUR, "beat"),
            Mark(15 * HOUR, "custom"),
            Mark(15 * HOUR, "available"),
            Mark(16 * HOUR, "out"),
            Mark(17 * HOUR, "available"),
        ]
        assert [(spell.start // HOUR, spell.state) for spell in presence(marks, OPTIONS)] == [
            (0, "available"),
            (15, "available"),
            (15, "unknown"),
            (17, "available"),
            (17, "unknown"),
        ]

    def test_from_an_instant_on_it_is_what_it_is_from_the_beginning(self) -> None:
        marks = [
            Mark(0, "available", "Q"), Mark(MINUTE, "beat"), Mark(2 * MINUTE, "custom", "R"), Mark(3 * MINUTE, "beat"),
            Mark(4 * MINUTE, ""), Mark(5 * MINUTE, "beat"), Mark(6 * MINUTE, "out"), Mark(7 * MINUTE, "beat"),
        ]  # fmt: skip
        whole = presence(marks, OPTIONS)
        for since in range(0, 8 * MINUTE, MINUTE // 2):
            later = [spell for spell in whole if spell.end > since]
            assert [spell for spell in presence(marks, OPTIONS, since) if spell.end > since] == later, since

    def test_what_a_rep_can_take_tells_their_queue_but_neither_state_nor_channel(self) -> None:
        line = told(
            ("rep/r", "09:00", "rep.logged_in", {"state": "custom", "channel": "voice"}),
            ("rep/r", "09:10", "rep.capacity_changed", {"queue": "B", "channel": "chat", "capacity": 3}),
        )
        marks = fold_rep([event.entry for event in line.events])
        assert marks == [
            Mark(millis("09:00"), "custom", None, "voice"),
            Mark(millis("09:10"), "", "B", None),
        ]


class TestShownState:
    LINE = told(
        ("rep/r", "09:00", "rep.logged_in", {"queue": "Q"}),
        ("call/1", "09:09:50", "contact.queued", {"queue": "Q"}),
        ("call/1", "09:10", "contact.offered_to_rep", {"rep": "r"}),
        ("call/1", "09:10:10", "contact.connected", {"rep": "r"}),
        ("rep/r", "09:12", "rep.state_changed", {"state": "custom", "reason": "about to have lunch"}),
        ("call/1", "09:15", "contact.ended", {}),
        ("call/1", "09:16", "contact.wrapup_ended", {"rep": "r"}),
        ("rep/r", "09:30", "rep.state_changed", {"state": "available"}),
        ("rep/r", "09:40", "rep.heartbeat", {}),
    )

    @pytest.mark.parametrize(
        ("as_of", "state"),
        [
            ("09:09:59", "available"),
            ("09:10:05", "incoming"),
            ("09:13", "on_contact"),
            ("09:16", "custom"),
            ("09:44:59", "available"),
            ("09:45", "unknown"),
        ],
    )
    def test_one_state_at_a_time(self, as_of: str, state: str) -> None:
        assert now_at(self.LINE, as_of) == {state: 1}

    def test_neither_ringing_nor_a_custom_state_is_busy_or_idle(self) -> None:
        found = reps_at(self.LINE, "09:44:59")
        assert found["state_seconds"]["incoming"] == 10
        assert found["state_seconds"]["custom"] == 14 * 60
        assert found["occupancy"]["numerator"] == 290 + 60
        # The second at 09:44:59 is counted up to its first millisecond.
        assert found["occupancy"]["denominator"] == pytest.approx(350 + 600 + 14 * 60 + 59.001)

    def test_silence_shows_in_the_panes_with_no_event(self) -> None:
        cluster = Cluster(Rules())
        for event in self.LINE.events:
            cluster.produce(event.kind, event.entity, wire(event))
        cluster.run(millis("09:41"))
        for as_of, state in (("09:44:59", "available"), ("09:45", "unknown"), ("21:29:59", "unknown"), ("21:30", "")):
            now = cluster.figures(millis(as_of)).get("reps", {}).get("now", {})
            assert {name: number for name, number in now.items() if number} == ({state: 1} if state else {}), as_of


class TestNotAnswered:
    """Who did not answer is shown so until the next sign of them, or for half a minute; neither busy nor idle."""

    @staticmethod
    def line(cause: str = "timeout") -> Timeline:
        return told(
            ("rep/r", "09:00", "rep.logged_in", {"queue": "Q"}),
            ("call/1", "09:10", "contact.queued", {"queue": "Q"}),
            ("call/1", "09:10", "contact.offered_to_rep", {"rep": "r"}),
            ("call/1", "09:10:15", "contact.not_answered", {"rep": "r", "cause": cause}),
        )

    @pytest.mark.parametrize(
        ("cause", "state"), [("timeout", "missed"), ("missed", "missed"), ("rejected", "rejected")]
    )
    def test_the_cause_says_which(self, cause: str, state: str) -> None:
        line = self.line(cause)
        assert now_at(line, "09:10:14") == {"incoming": 1}
        assert now_at(line, "09:10:15") == {state: 1}
        assert now_at(line, "09:10:44") == {state: 1}
        assert now_at(line, "09:10:45") == {"available": 1}
        assert now_at(line, "09:15", FigureOptions(missed_state_seconds=600)) == {state: 1}
        assert now_at(line, "09:10:15", FigureOptions(missed_state_seconds=0)) == {"available": 1}

    def test_it_is_neither_busy_nor_idle(self) -> None:
        found = reps_at(self.line(), "09:59:59")
        assert found["state_seconds"]["missed"] == 30
        assert found["state_seconds"]["incoming"] == 15
        # The second of the report's instant is counted up to its first millisecond.
        assert found["occupancy"] == {"numerator": 0, "denominator": pytest.approx(3599.001 - 45), "ratio": 0}

    @pytest.mark.parametrize(
        ("subject", "name", "data", "shown"),
        [
            ("rep/r", "rep.state_changed", {"state": "available"}, "available"),
            ("rep/r", "rep.state_changed", {"state": "custom"}, "custom"),
            ("rep/r", "rep.logged_out", {}, None),
            ("rep/r", "rep.heartbeat", {}, "missed"),
            ("rep/r", "rep.capacity_changed", {"capacity": 1}, "missed"),
            ("call/1", "contact.offered_to_rep", {"rep": "r"}, "incoming"),
            ("call/1", "contact.connected", {"rep": "r"}, "on_contact"),
            ("call/1", "contact.connected", {"rep": "s"}, "missed"),
        ],
    )
    def test_the_next_sign_of_the_rep_ends_it(
        self, subject: str, name: str, data: dict[str, Any], shown: str | None
    ) -> None:
        line = self.line()
        line.add(subject, "09:10:20", name, **data)
        now = now_at(line, "09:10:21")
        if data.get("rep") == "s":
            assert now.pop("on_contact") == 1
        assert now == ({shown: 1} if shown else {})

    def test_a_sign_at_the_same_instant_speaks_for_itself(self) -> None:
        line = self.line()
        line.add("rep/r", "09:10:15", "rep.state_changed", state="custom", reason="paused by the switch")
        assert now_at(line, "09:10:15") == {"custom": 1}
        assert reps_at(line, "09:20")["state_seconds"]["missed"] == 0

    def test_another_one_that_is_not_answered_begins_it_anew(self) -> None:
        line = self.line("rejected")
        line.add("call/2", "09:10:20", "contact.queued", queue="Q")
        line.add("call/2", "09:10:25", "contact.not_answered", rep="r")  # this source tells of no rings
        found = reps_at(line, "09:20")["state_seconds"]
        assert (found["rejected"], found["missed"]) == (10, 30)
        assert now_at(line, "09:10:54") == {"missed": 1}

    def test_whose_customer_hung_up_missed_nothing(self) -> None:
        line = self.line()
        del line.events[-1]
        line.add("call/1", "09:10:15", "contact.abandoned")
        line.add("call/1", "09:10:15", "contact.not_answered", rep="r")
        assert now_at(line, "09:10:16") == {"available": 1}

    def test_who_is_on_contact_is_shown_as_having_missed_another_and_busy_all_the_same(self) -> None:
        line = told(
            ("rep/r", "09:00", "rep.logged_in", {"queue": "Q", "channel": "chat"}),
            ("chat/1", "09:00", "contact.queued", {"queue": "Q"}),
            ("chat/1", "09:00", "contact.connected", {"rep": "r"}),
            ("chat/2", "09:10", "contact.queued", {"queue": "Q"}),
            ("chat/2", "09:10", "contact.offered_to_rep", {"rep": "r"}),
            ("chat/2", "09:10:15", "contact.not_answered", {"rep": "r", "cause": "rejected"}),
            ("chat/1", "09:20", "contact.ended", {}),
            ("rep/r", "09:30", "rep.logged_out", {}),
        )
        assert now_at(line, "09:10:14") == {"on_contact": 1}
        assert now_at(line, "09:10:15") == {"rejected": 1}
        found = reps_at(line, "10:00")
        assert found["state_seconds"]["on_contact"] == 1170
        assert found["state_seconds"]["rejected"] == 30
        assert found["occupancy"]["numerator"] == 1200, "naive: 1170, as if the chat had stopped"
        assert found["occupancy"]["denominator"] == 1800
        assert found["chat_concurrency"]["denominator"] == 1200

    def test_the_panes_say_the_same_and_it_ends_with_no_event(self) -> None:
        cluster = Cluster(Rules(), max_batch=1)
        for event in self.line().events:
            cluster.produce(event.kind, event.entity, wire(event))
        cluster.run(millis("09:10:16"))
        for as_of, state in (("09:10:16", "missed"), ("09:10:44", "missed"), ("09:10:45", "available")):
            now = cluster.figures(millis(as_of))["reps"]["now"]
            assert {name: number for name, number in now.items() if number} == {state: 1}, as_of

    def test_they_take_no_contacts_meanwhile(self) -> None:
        states = {"missed": 2, "rejected": 1, "available": 3, "incoming": 1}
        live = {c.REP_NOW + state: number for state, number in states.items()}
        assert need(6, live, known=True) == (6, 4)


class TestContacts:
    def test_wrapup_is_idle_until_reported_unless_told_that_it_will_be(self) -> None:
        line = told(
            ("rep/r", "09:00", "rep.logged_in", {"queue": "Q"}),
            ("call/1", "09:05", "contact.queued", {"queue": "Q"}),
            ("call/1", "09:06", "contact.connected", {"rep": "r"}),
            ("call/1", "09:10", "contact.ended", {}),
        )
        presumed = FigureOptions(unreported_wrapup_seconds=90)
        assert now_at(line, "09:11") == {"available": 1}
        assert now_at(line, "09:11", presumed) == {"acw": 1}
        assert now_at(line, "09:12", presumed) == {"available": 1}
        line.add("call/1", "09:13", "contact.wrapup_ended", rep="r")
        assert reps_at(line, "10:00")["state_seconds"]["acw"] == 180

    def test_a_ring_whose_end_is_lost_ends(self) -> None:
        line = told(
            ("rep/r", "09:00", "rep.logged_in", {"queue": "Q"}),
            ("call/1", "09:05", "contact.queued", {"queue": "Q"}),
            ("call/1", "09:05", "contact.offered_to_rep", {"rep": "r"}),
        )
        assert now_at(line, "09:09:59") == {"incoming": 1}
        assert now_at(line, "09:10") == {"available": 1}

    def test_dialling_a_callback_is_work(self) -> None:
        line = told(
            ("rep/r", "09:00", "rep.logged_in", {"queue": "Q"}),
            ("call/1", "09:05", "contact.queued", {"queue": "Q"}),
            ("call/1", "09:06", "callback.requested", {}),
            ("call/1", "09:10", "contact.queued", {"direction": "callback"}),
            ("call/1", "09:11", "callback.attempted", {"rep": "r"}),
            ("call/1", "09:11:30", "callback.failed", {}),
        )
        assert reps_at(line, "09:20")["occupancy"]["numerator"] == 30

    def test_a_rep_who_was_mistaken_for_another_is_given_back_the_time(self) -> None:
        line = told(
            ("rep/r", "09:00", "rep.logged_in", {"queue": "Q"}),
            ("call/1", "09:05", "contact.queued", {"queue": "Q"}),
            ("call/1", "09:06", "contact.connected", {"rep": "r"}),
            ("call/1", "09:08", "contact.ended", {}),
        )
        cluster = Cluster(Rules(), max_batch=1)
        for event in line.events:
            cluster.produce(event.kind, event.entity, wire(event))
        cluster.run(millis("10:00"))
        assert cluster.figures(millis("09:59:59"))["reps"]["occupancy"]["numerator"] == 120
        # The same event with an earlier time stands instead: it was somebody else.
        other = told(("call/1", "09:05:59", "contact.connected", {"rep": "s"})).events[0]
        stands = Timeline().add("call/1", "09:05:59", "contact.connected", uid="e3", rep="s")
        assert stands.entry.data == other.entry.data
        cluster.produce("call", "1", wire(stands))
        cluster.run(millis("10:00"))
        found = cluster.figures(millis("09:59:59"))["reps"]
        assert found["occupancy"]["numerator"] == 0
        assert found["state_seconds"]["on_contact"] == 121

    def test_capacity_is_checked_and_is_a_sign_of_life(self) -> None:
        body = (
            b'{"specversion": "1.0", "type": "support.rep.capacity_changed.v1", "source": "s", "id": "1",'
            b' "subject": "rep/r", "time": "2026-05-04T09:00:00Z", "data": {"channel": "chat", "capacity": %d}}'
        )
        assert decode(body % 3).entry.data.capacity == 3
        with pytest.raises(RejectedError, match="capacity"):
            decode(body % -1)


def simulated(load: Load, reps: int, threshold: float, patience: float, arrivals: int) -> tuple[float, float]:
    """Shares served in time and lost, by playing it through."""
    dice = random.Random(7)
    free = [0.0] * reps
    at = in_time = lost = 0.0
    for _ in range(arrivals):
        at += dice.expovariate(load.arrivals_per_second)
        wait = max(0.0, free[0] - at)
        if wait > dice.expovariate(1 / patience):
            lost += 1
            continue
        heapq.heapreplace(free, at + wait + dice.expovariate(1 / load.handle_seconds))
        in_time += wait <= threshold
    return in_time / arrivals, lost / arrivals


class TestStaffing:
    LOAD = Load(100 / 1800, 180)

    @pytest.mark.parametrize("reps", [8, 11, 14])
    def test_erlang_a_is_what_happens(self, reps: int) -> None:
        found = erlang_a(self.LOAD, reps, 20, 180)
        in_time, lost = simulated(self.LOAD, reps, 20, 180, 60_000)
        assert found.service_level == pytest.approx(in_time, abs=0.02)
        assert found.abandoned == pytest.approx(lost, abs=0.01)
        # Who is served keeps the reps busy.
        assert found.occupancy == pytest.approx(self.LOAD.erlangs * (1 - found.abandoned) / reps, rel=1e-9)

    @pytest.mark.parametrize("offered", [0.01, 0.5, 0.99, 1.0])
    def test_small_loads_have_waits_too(self, offered: float) -> None:
        """One rep: M/M/1, where as many wait as the rep is busy. Two: by the formula of Erlang C."""
        load = Load(offered / 100, 100)
        if offered < 1:
            one = erlang_c(load, 1, 20)
            assert one is not None
            assert one.waiting == pytest.approx(offered)
            assert one.service_level == pytest.approx(1 - offered * exp(-(1 - offered) * 0.2))
        two = erlang_c(load, 2, 20)
        assert two is not None
        assert two.waiting == pytest.approx(offered**2 / (2 + offered))
        patient = erlang_a(load, 2, 20, 1e8)
        assert patient.service_level == pytest.approx(two.service_level, abs=1e-6)
        assert patient.waiting == pytest.approx(two.waiting, abs=1e-6)

    def test_with_endless_patience_erlang_a_is_erlang_c(self) -> None:
        patient, endless = erlang_a(self.LOAD, 14, 20, 1e8), erlang_c(self.LOAD, 14, 20)
        assert endless is not None
        assert patient == pytest.approx(endless, abs=1e-5)

    def test_erlang_c_asks_for_more(self) -> None:
        by_c = required(0.8, lambda n: erlang_c(self.LOAD, n, 20))
        by_a = required(0.8, lambda n: erlang_a(self.LOAD, n, 20, 180))
        assert (by_c.reps, by_a.reps) == (14, 12)

    @pytest.mark.parametrize("goal", [0.5, 0.8, 0.99])
    @pytest.mark.parametrize("load", [Load(0.001, 60), Load(0.5, 300), Load(10, 240)])
    def test_the_fewest_are_found(self, goal: float, load: Load) -> None:
        models: list[Callable[[int], Staffed | None]] = [
            lambda n: erlang_c(load, n, 20),
            lambda n: erlang_a(load, n, 20, 120),
        ]
        for model in models:
            found = required(goal, model)
            assert found.service_level >= goal
            fewer = model(found.reps - 1) if found.reps > 1 else None
            assert fewer is None or fewer.service_level < goal


def staffed_queue(rules: Rules) -> KpiStage:
    """100 calls of three minutes within half an hour, two priorities, and ten reps."""
    line = Timeline()
    for number in range(100):
        at = f"10:{number * 18 // 60:02}:{number * 18 % 60:02}"
        priority = "high" if number % 4 == 0 else "normal"
        line.add(f"call/{number}", at, "contact.queued", queue="Q", priority=priority)
        line.add(f"call/{number}", at, "contact.connected", rep=f"x{number}")
        line.events.append(_later(line, f"call/{number}", at, 180))
    for number in range(10):
        line.add(f"rep/r{number}", "10:00", "rep.logged_in", queue="Q", state="custom" if number == 9 else "available")
    cluster = Cluster(rules)
    for event in line.events:
        cluster.produce(event.kind, event.entity, wire(event))
    cluster.run(millis("10:40"))
    cluster.cells(millis("10:29:59"))
    return next(stage for worker in cluster.workers for stage in worker.values() if isinstance(stage, KpiStage))


def _later(line: Timeline, subject: str, at: str, seconds: int) -> Any:
    moment = millis(at) // 1000 + seconds
    event = line.add(subject, f"{moment // 3600 % 24:02}:{moment // 60 % 60:02}:{moment % 60:02}", "contact.ended")
    return line.events.pop() if event is line.events[-1] else event


def test_required_reps_and_the_gap_are_told_of_the_queue_as_a_whole() -> None:
    groups = staffed_queue(Rules()).panes[0].groups
    found = {
        (key, family): value
        for key, (family, _, value) in staffing([(GroupKey(*key), group) for key, group in groups.items()], OPTIONS)
    }
    assert found == {
        (GroupKey("Q", "voice", ""), "support_required_reps"): 14,
        # Nine take contacts, and the calls' own reps of whom nothing else is known are busy with them.
        (GroupKey("Q", "", ""), "support_staffing_gap"): 14 - 9 - 10,
    }


def test_the_silence_of_reps_makes_no_figure_stale() -> None:
    assert "reps" in FEEDS
    last = {"calls": 1_000_000_000_000, "reps": 1_000_000_000_000 - 86_400_000}
    found = freshness(Feeds("wall", 1_000_000_000_000, True, 1_000_000_000_000, last, {}), 600)
    assert found["status"] == "ok"
    assert found["freshness"]["reps"]["lag_seconds"] == 86_400


def test_the_whole_lacks_no_reps_of_queues_whose_reps_are_not_known() -> None:
    merge = Merge("1h", ("queue",))
    for queue, free in (("A", 3), ("B", 0), ("C", 0)):
        live = {"p.now.available": LiveState(free, None, {})} if free else {}
        merge.add(Part(GroupKey(queue, "voice", ""), {}, live, frozenset({"reps"} if queue != "B" else ()), 20.0))
        merge.require(queue, "voice", 5)
    found = asyncio.run(merge.read("cohort", 0))["live"]
    names = ("required_reps", "staffed_reps", "staffing_gap")
    assert [found["total"][name] for name in names] == [15, 3, 2 + 5]
    assert [found["by"]["queue"]["B"][name] for name in names] == [5, None, None]
    assert [found["by"]["queue"]["C"][name] for name in names] == [5, 0, 5], "they all went home"

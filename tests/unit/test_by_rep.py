"""The label ``rep``: off unless asked for, capped, and nothing that anybody is paged for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agents.settings import load_settings
from agents.web.exposition import Exposition
from agents.web.present import Present
from streams.figures import cells as c
from streams.figures.by_rep import OTHER, RepPanes
from streams.figures.catalogue import BY_REP, COUNTERS
from streams.figures.contributions import Contribution, Item
from streams.figures.days import days_of
from streams.figures.exports import EVERYTHING
from streams.figures.panes import Panes
from streams.pipeline.kpis import KpiStage
from streams.pipeline.rules import Rules
from tests.laws.histories import wire
from tests.support.contact_centre import MINUTE, NOW, FakeWorker, send
from tests.support.local import Cluster
from tests.support.timeline import Timeline, millis
from tests.unit.test_exposition import parsed

if TYPE_CHECKING:
    from tests.unit.test_exposition import Series

DEPLOY = Path(__file__).parents[2] / "deploy"
DAY = 86_400_000


def answered(rep: str, times: int, at: int = NOW - MINUTE) -> Contribution:
    return Contribution(1, at, [Item(c.QUEUE_WAIT, "voice", "", rep, at, at - 1000, 1000)] * times, [])


def desk(*reps: tuple[str, int], at: int = NOW - MINUTE) -> KpiStage:
    stage = KpiStage(by_rep=True)
    send(stage, "Q", [(f"call/{rep}-{at}", answered(rep, times, at)) for rep, times in reps])
    return stage


def shown(worker: FakeWorker, exposition: Exposition | None = None) -> dict[Series, float]:
    exposition = exposition or Exposition(worker, Present(worker))
    return parsed(asyncio.run(exposition.text()).decode())


def by_rep(series: dict[Series, float], family: str = "support_by_rep_answered_total") -> dict[str, float]:
    return {dict(labels)["rep"]: value for (name, labels), value in series.items() if name == family}


def worker(stage: KpiStage, cap: int, now: int = NOW) -> FakeWorker:
    made = FakeWorker(stage, now)
    made.exports = EVERYTHING._replace(reps=cap)
    return made


class TestCap:
    STAGE = (("ann", 1), ("bob", 5), ("cid", 3), ("dee", 3))

    def test_the_most_active_keep_their_names_and_the_others_are_added_up(self) -> None:
        found = shown(worker(desk(*self.STAGE), 2))
        assert by_rep(found) == {"bob": 5, "cid": 3, OTHER: 4}, "of equals the first by name"
        assert found["ticketstreams_rep_label_overflow", frozenset({("queue", "Q")})] == 2
        key = frozenset({("queue", "Q"), ("channel", "voice"), ("priority", ""), ("rep", "bob")})
        assert found["support_by_rep_answered_total", key] == 5
        assert found["ticketstreams_series", frozenset()] == len(found)

    def test_the_most_active_are_those_who_did_most_and_taken_back_it_is_not_done(self) -> None:
        panes = RepPanes(lambda _: days_of("UTC"))
        panes.advance(NOW)

        def solved(rep: str, ago: int) -> Item:
            return Item(c.SOLVE, "email", "", rep, NOW - ago * MINUTE, 0, 1)

        def named() -> set[str]:
            (reps,) = panes.reps.ranked("Q", 1, NOW).named.values()
            return set(reps) - {OTHER}

        panes.apply("Q", [solved("ann", 1), solved("bob", 1), solved("bob", 2), solved("bob", 3)], 1)
        assert named() == {"bob"}, "three of one day are more than one"
        panes.apply("Q", [solved("bob", 1), solved("bob", 2)], -1)
        assert named() == {"ann"}, "of equals the first by name"
        panes.apply("Q", [solved("ann", 1)], -1)
        assert named() == {"bob"}
        panes.apply("Q", [solved("bob", 3)], -1)
        assert panes.reps.queues == []

    def test_with_names_for_all_nobody_is_left_over(self) -> None:
        found = shown(worker(desk(*self.STAGE), 4))
        assert by_rep(found) == dict(self.STAGE)
        assert found["ticketstreams_rep_label_overflow", frozenset({("queue", "Q")})] == 0

    def test_who_did_much_long_ago_makes_room(self) -> None:
        stage = desk(("old", 50), at=NOW - 8 * DAY)
        send(stage, "Q", [("call/new", answered("new", 1))])
        assert by_rep(shown(worker(stage, 1))) == {"new": 1, OTHER: 50}

    def test_a_rep_who_is_called_like_the_others_is_one_of_them(self) -> None:
        found = shown(worker(desk((OTHER, 9), ("ann", 1)), 5))
        assert by_rep(found) == {"ann": 1, OTHER: 9}
        assert found["ticketstreams_rep_label_overflow", frozenset({("queue", "Q")})] == 1

    def test_what_nobody_is_named_for_is_nobodys(self) -> None:
        assert by_rep(shown(worker(desk(("", 9)), 5))) == {}


class TestOff:
    def test_by_default_there_is_no_such_label_and_no_tally(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = load_settings()
        assert (settings.export_rep_label, settings.exports.reps) == (False, 0)
        stage = KpiStage()
        send(stage, "Q", [("call/1", answered("ann", 1))])
        assert {type(panes) for panes in stage.panes.values()} == {Panes}
        assert not [labels for _, labels in shown(worker(stage, 50)) if dict(labels).get("rep")]
        monkeypatch.setenv("TICKETSTREAMS_EXPORT_REP_LABEL", "true")
        assert load_settings().exports.reps == 50
        monkeypatch.setenv("TICKETSTREAMS_EXPORT_REP_CAP", "7")
        assert load_settings().exports.reps == 7

    def test_names_are_not_those_of_queues_so_that_no_sum_counts_twice(self) -> None:
        assert {metric.full_name for metric in BY_REP}.isdisjoint(
            name for metric in COUNTERS for name in (metric.full_name, metric.windowed_name)
        )

    @pytest.mark.parametrize("folder", ["prometheus", "alertmanager"])
    def test_no_rule_and_no_route_knows_reps(self, folder: str) -> None:
        files = [path for path in (DEPLOY / folder).rglob("*.yml") if path.is_file()]
        assert files
        for path in files:
            text = path.read_text(encoding="utf-8")
            assert "support_by_rep" not in text, path
            assert "rep_label" not in text, path


def test_what_is_kept_is_told_anew_when_something_changes_and_when_the_day_does() -> None:
    stage = desk(("old", 5), at=NOW - 6 * DAY)
    send(stage, "Q", [("call/new", answered("new", 1, NOW - MINUTE))])
    one = worker(stage, 1)
    exposition = Exposition(one, Present(one))
    assert by_rep(shown(one, exposition)) == {"old": 5, OTHER: 1}
    one.time += DAY
    assert by_rep(shown(one, exposition)) == {"new": 1, OTHER: 5}
    send(stage, "Q", [("call/more", answered("new", 2, NOW))])
    assert by_rep(shown(one, exposition)) == {"new": 3, OTHER: 5}
    one.owned_partitions = frozenset()
    assert by_rep(shown(one, exposition)) == {}


def test_from_the_events_of_a_day() -> None:
    line = Timeline()
    line.add("rep/ann", "09:00", "rep.logged_in", queue="Q")
    line.add("call/1", "09:10", "contact.queued", queue="Q")
    line.add("call/1", "09:10", "contact.offered_to_rep", rep="ben")
    line.add("call/1", "09:10:20", "contact.not_answered", rep="ben")
    line.add("call/1", "09:10:30", "contact.connected", rep="ann")
    line.add("call/1", "09:15:30", "contact.ended")
    line.add("call/1", "09:16:30", "contact.wrapup_ended", rep="ann")
    line.add("ticket/2", "09:20", "ticket.created", queue="Q", channel="email")
    line.add("ticket/2", "09:21", "ticket.assigned", rep="ben")
    line.add("ticket/2", "09:30", "message.sent", author="rep", rep="ann")
    line.add("ticket/2", "09:40", "ticket.solved", rep="ben")
    cluster = Cluster(Rules())
    for event in line.events:
        cluster.produce(event.kind, event.entity, wire(event))
    cluster.run(millis("09:40"))
    stage = KpiStage(by_rep=True)
    for process in cluster.workers:
        for plain in process.values():
            if isinstance(plain, KpiStage):
                entries = [item for kept in plain._sets.values() for item in kept.items()]
                stage.restore(0, entries)
    found = shown(worker(stage, 50, millis("09:40")))
    said = {
        (name.removeprefix("support_by_rep_"), dict(labels)["channel"], dict(labels)["rep"]): value
        for (name, labels), value in found.items()
        if name.startswith("support_by_rep_")
    }
    assert said == {
        ("answered_total", "voice", "ann"): 1,
        ("handled_total", "voice", "ann"): 1,
        ("handle_seconds_total", "voice", "ann"): 360,
        ("busy_seconds_total", "", "ann"): 360,
        # Ten and a half minutes before, and from 09:16:30 until the present, whose millisecond counts.
        ("idle_seconds_total", "", "ann"): 630 + 23 * 60 + 30.001,
        ("no_answer_total", "voice", "ben"): 1,
        ("replies_total", "email", "ann"): 1,
        ("solves_total", "email", "ben"): 1,
    }

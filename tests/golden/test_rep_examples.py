"""The specification's worked examples of reps (WE-11) and of staffing (M40), exactly; and never the naive values."""

from __future__ import annotations

from typing import Any

import pytest

from streams.figures import cells as c
from streams.figures.contributions import Item
from streams.figures.panes import Group, GroupKey, Panes
from streams.figures.reps import occupancy, reps
from streams.figures.series import samples
from streams.figures.staffing import Load, erlang_c, required
from streams.lifecycles.rep import Mark
from streams.pipeline.kpis import KpiStage
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.reps.occupancy import pieces
from streams.reps.work import Span, Work
from tests.laws.histories import wire
from tests.support.local import Cluster
from tests.support.timeline import Timeline, millis

MINUTE = 60_000


def we11() -> Timeline:
    """A rep with two chats at once, and a while of nothing."""
    told = Timeline()
    told.add("rep/anna", "10:00", "rep.logged_in", queue="Q", channel="chat")
    told.add("chat/X", "09:59:40", "contact.queued", queue="Q")
    told.add("chat/X", "10:00", "contact.connected", rep="anna")
    told.add("chat/Y", "10:09:50", "contact.queued", queue="Q")
    told.add("chat/Y", "10:10", "contact.connected", rep="anna")
    told.add("chat/X", "10:20", "contact.ended")
    told.add("chat/Y", "10:30", "contact.ended")
    told.add("chat/Y", "10:33", "contact.wrapup_ended", rep="anna")
    told.add("rep/anna", "10:45", "rep.logged_out")
    return told


def in_report(told: Timeline, as_of: str) -> dict[str, Any]:
    report = Report(Rules(), by=("rep", "queue"))
    for event in told.events:
        report.add(event)
    return report.result(millis(as_of))


def in_panes(told: Timeline, key: GroupKey, *instants: str) -> list[Group]:
    """The group of these labels as it stands at each of some instants; the last is what may be read afterwards."""
    cluster = Cluster(Rules())
    for event in told.events:
        cluster.produce(event.kind, event.entity, wire(event))
    cluster.run(millis("09:00"))
    kpis = next(stage for worker in cluster.workers for stage in worker.values() if isinstance(stage, KpiStage))
    for instant in instants:
        cluster.cells(millis(instant))
    return [kpis.panes[0].groups[key]]


class TestWE11:
    KEY = GroupKey("Q", "chat", "")

    def check(self, found: dict[str, Any]) -> None:
        assert found["occupancy"] == {"numerator": 1980.0, "denominator": 2700.0, "ratio": 33 / 45}
        assert round(found["occupancy"]["ratio"], 4) == 0.7333
        assert round(found["occupancy"]["ratio"], 4) != round(43 / 45, 4), "naive: handle times added up (0.9556)"
        assert found["chat_concurrency"] == {"numerator": 2580.0, "denominator": 1980.0, "ratio": 43 / 33}
        assert round(found["chat_concurrency"]["ratio"], 4) == 1.3030
        assert found["concurrent_aht_seconds"] == 990.0
        assert found["chats_handled"] == 2
        assert found["state_seconds"]["on_contact"] == 1800.0
        assert found["state_seconds"]["acw"] == 180.0
        assert found["state_seconds"]["available"] == 720.0

    def test_report(self) -> None:
        found = in_report(we11(), "11:00")
        self.check(found["total"]["reps"])
        self.check(found["by"]["rep"]["anna"]["reps"])
        self.check(found["by"]["queue"]["Q"]["reps"])
        self.check(found["by_day"]["2026-05-04"]["reps"])
        assert found["total"]["contacts"]["handle_seconds"]["mean"] == 1290.0

    def test_panes(self) -> None:
        (group,) = in_panes(we11(), self.KEY, "10:59:59.999")
        found = reps(group.windows["1h"], {})
        assert found is not None
        self.check(found)

    @pytest.mark.parametrize(
        ("until", "busy", "idle"),
        [("10:14:59.999", 15, 0), ("10:29:59.999", 15, 0), ("10:44:59.999", 3, 12), ("10:59:59.999", 0, 0)],
    )
    def test_split_by_quarters_of_an_hour(self, until: str, busy: int, idle: int) -> None:
        (group,) = in_panes(we11(), self.KEY, until)
        share = occupancy(group.windows["15m"])
        assert share == (busy * 60, (busy + idle) * 60)

    def test_series(self) -> None:
        (group,) = in_panes(we11(), self.KEY, "10:44:59.999")
        series = {(one.family, one.labels): one.value for one in samples(self.KEY, group, Rules().options)}
        hour = (("window", "1h"), ("attribution", "split"))
        assert series["support_rep_occupancy_ratio", hour] == 33 / 45
        assert series["support_rep_occupancy_numerator", hour] == 1980.0
        assert series["support_rep_occupancy_denominator", hour] == 2700.0
        assert series["support_chat_concurrency_ratio", hour] == 43 / 33
        assert series["support_chat_concurrent_aht_seconds", hour] == 990.0
        assert series["support_rep_state_seconds_total", (("state", "acw"),)] == 180.0
        assert series["support_reps", (("state", "available"),)] == 1
        assert series["support_reps", (("state", "on_contact"),)] == 0

    @pytest.mark.parametrize(
        ("as_of", "state"),
        [("10:05", "on_contact"), ("10:32:59", "on_contact"), ("10:33", "available"), ("10:45", None)],
    )
    def test_the_one_state_shown(self, as_of: str, state: str | None) -> None:
        # Before the source says how long wrap-up was, nobody knows that it is not over.
        now = in_report(we11(), as_of)["total"]["reps"]["now"]
        expected = {"10:32:59": "available"}.get(as_of, state)
        assert {name: number for name, number in now.items() if number} == ({expected: 1} if expected else {})


class TestAmazonsIntervals:
    """A contact from 05:23 to 06:15, booked by half hours."""

    HALVES = ("05:29:59.999", "05:59:59.999", "06:29:59.999")

    def contact(self) -> Timeline:
        told = Timeline()
        told.add("call/1", "05:22:50", "contact.queued", queue="Q")
        told.add("call/1", "05:23", "contact.connected", rep="ben")
        told.add("call/1", "06:15", "contact.ended")
        return told

    @pytest.mark.parametrize(("until", "minutes"), list(zip(HALVES, (7, 30, 15), strict=True)))
    def test_activity_is_split(self, until: str, minutes: int) -> None:
        (group,) = in_panes(self.contact(), GroupKey("Q", "voice", ""), until)
        assert group.windows["30m"][c.REP_SEEN + "on_contact"] == minutes * MINUTE

    def test_the_contact_record_is_booked_where_it_ends(self) -> None:
        panes = Panes()
        panes.apply("Q", [Item(c.HANDLE, "voice", "", "ben", millis("06:15"), 0, 52 * MINUTE)], 1)
        found = []
        for until in self.HALVES:
            panes.advance(millis(until))
            found.append(panes.group("Q", "voice", "").windows["30m"].get(c.HANDLE))
        assert found[:2] == [None, None]
        assert found[2] is not None
        assert found[2].total == 52 * MINUTE  # type: ignore[union-attr]

    def test_who_tells_nothing_of_their_presence_has_no_occupancy(self) -> None:
        found = in_report(self.contact(), "07:00")["total"]["reps"]
        assert found["state_seconds"]["on_contact"] == 52 * 60
        assert found["occupancy"] == {"numerator": 0.0, "denominator": 0.0, "ratio": None}, "naive: 1.0"


class TestStaffing:
    LOAD = Load(100 / 1800, 180)

    def test_check_value(self) -> None:
        found = required(0.8, lambda n: erlang_c(self.LOAD, n, 20))
        assert found.reps == 14
        assert round(found.service_level, 5) == 0.88835
        assert round(found.occupancy, 4) == 0.7143
        assert round(found.waiting, 5) == 0.17413

    def test_one_rep_less_misses_the_goal_and_as_many_as_erlangs_never_suffice(self) -> None:
        fewer = erlang_c(self.LOAD, 13, 20)
        assert fewer is not None
        assert fewer.service_level < 0.8
        assert erlang_c(self.LOAD, 10, 20) is None, "naive: ten erlangs, ten reps"


def test_overlaps_and_rings_by_hand() -> None:
    """Ringing is neither busy nor idle, and a custom state neither, but for the contacts in it."""
    told = [
        Work(marks=[Mark(0, "available", "Q"), Mark(600_000, "custom"), Mark(900_000, "available")]),
        Work(queues=["Q"], spans=[Span("ring", 60_000, 75_000, "Q"), Span("talk", 75_000, 300_000, "Q")]),
        Work(queues=["Q"], spans=[Span("talk", 840_000, 960_000, "Q")]),
    ]
    found = [(one.start, one.end, one.state) for one in pieces(told, Rules().options)]
    assert found == [
        (0, 60_000, "available"),
        (60_000, 75_000, "incoming"),
        (75_000, 300_000, "on_contact"),
        (300_000, 600_000, "available"),
        (600_000, 840_000, "custom"),
        (840_000, 900_000, "on_contact"),
        (900_000, 960_000, "on_contact"),
        (960_000, 900_000 + 43_200_000, "available"),
    ]


def test_the_priority_of_the_states_by_hand() -> None:
    """Missed before rejected before on contact before wrapping up before ringing before what the rep says."""
    told = [
        Work(marks=[Mark(0, "available", "Q"), Mark(600_000, "out")]),
        Work(queues=["Q"], spans=[Span("ring", 10_000, 300_000, "Q")]),
        Work(queues=["Q"], spans=[Span("acw", 20_000, 250_000, "Q")]),
        Work(queues=["Q"], spans=[Span("talk", 30_000, 200_000, "Q")]),
        Work(queues=["Q"], spans=[Span("rejected", 40_000, 0, "Q")]),
        Work(queues=["Q"], spans=[Span("missed", 50_000, 0, "Q"), Span("rejected", 50_000, 0, "Q")]),
    ]
    assert [(one.start, one.end, one.state, one.busy) for one in pieces(told, Rules().options)] == [
        (0, 10_000, "available", False),
        (10_000, 20_000, "incoming", False),
        (20_000, 30_000, "acw", True),
        (30_000, 40_000, "on_contact", True),
        (40_000, 50_000, "rejected", True),
        (50_000, 80_000, "missed", True),
        (80_000, 200_000, "on_contact", True),
        (200_000, 250_000, "acw", True),
        (250_000, 300_000, "incoming", False),
        (300_000, 600_000, "available", False),
    ]

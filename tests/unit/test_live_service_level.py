"""The live service level, its instant in panes, and the identity of what was offered (M23, M27)."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given

from agents.web.exposition import Exposition
from agents.web.present import Present
from streams.figures import cells as c
from streams.figures.contributions import Contribution, Item
from streams.figures.options import FigureOptions
from streams.figures.panes import ALL, COHORT, MINUTE, Cells, GroupKey, Panes, book
from streams.figures.readers import count, identity_gap
from streams.figures.series import samples
from streams.figures.service_level import FORMULAS, LIVE_FORMULAS, LiveOutcomes
from tests.laws.tape import Tape, tapes
from tests.support.contact_centre import NOW, FakeWorker, send
from tests.unit.test_contact import Q, Step, told

PASSED = Item(c.THRESHOLD_PASSED, "voice", "", "", 90_000, 0, 1)


def live(*steps: Step, as_of: str) -> tuple[int, int]:
    found = told(("10:00:00", "queued", Q), *steps, as_of=as_of)["service_level_live"]["strict"]
    return found["numerator"], found["denominator"]


class TestEvents:
    @pytest.mark.parametrize(("as_of", "expected"), [("10:00:19", (0, 0)), ("10:00:20", (0, 1)), ("13:00", (0, 1))])
    def test_who_waits_counts_once_the_threshold_is_reached(self, as_of: str, expected: tuple[int, int]) -> None:
        assert live(as_of=as_of) == expected

    @pytest.mark.parametrize(
        ("event", "in_time"), [("connected", (1, 1)), ("abandoned", (0, 1)), ("left_queue", (0, 0))]
    )
    def test_what_comes_at_the_threshold_comes_in_time(self, event: str, in_time: tuple[int, int]) -> None:
        assert live(("10:00:20", event, {}), as_of="11:00") == in_time
        assert live(("10:00:21", event, {}), as_of="11:00") == (0, 1), "once, and not again at its end"
        assert live(("10:00:05", event, {}), as_of="10:00:05") == in_time

    def test_a_queue_s_own_threshold(self) -> None:
        steps: list[Step] = [("10:00", "queued", Q)]
        for as_of, passed in (("10:00:59", 0), ("10:01", 1)):
            found = told(*steps, as_of=as_of, queue_service_level_seconds={"Q": 60.0})["service_level_live"]
            assert found["strict"]["denominator"] == passed

    def test_names_are_those_of_the_formulas_that_treat_early_abandonments_alike(self) -> None:
        assert LIVE_FORMULAS.keys() <= FORMULAS.keys()
        found = {name: parts(LiveOutcomes(4, 2, 4)) for name, (_, parts) in LIVE_FORMULAS.items()}
        assert found == {"strict": (4, 10), "ignore_early": (4, 8), "icmi1": (6, 10)}


class TestInstant:
    def passed(self, panes: Panes, window: str = "15m") -> int:
        return sum(count(group.windows[window], c.THRESHOLD_PASSED) for group in panes.groups.values())

    def test_within_a_minute_it_waits_for_its_second(self) -> None:
        panes = Panes()
        panes.advance(MINUTE)
        panes.apply("Q", [PASSED], 1)
        assert self.passed(panes) == 0
        panes.advance(89_999)
        assert self.passed(panes) == 0
        panes.advance(90_000)
        assert self.passed(panes) == 1
        panes.advance(80_000)
        assert self.passed(panes) == 1, "the present never goes back"

    def test_other_events_count_at_once_even_if_their_clock_is_ahead(self) -> None:
        panes = Panes()
        panes.advance(MINUTE)
        panes.apply("Q", [Item(c.OFFERED, "voice", "", "", 90_000, 0, 1)], 1)
        assert panes.groups["Q", "voice", ""].windows["15m"] == {c.OFFERED: 1}

    @pytest.mark.parametrize("withdrawn_at", [0, 89_999, 90_000, 200_000])
    def test_withdrawn_before_or_after_it_leaves_no_trace(self, withdrawn_at: int) -> None:
        panes = Panes()
        panes.apply("Q", [PASSED, PASSED], 1)
        panes.advance(withdrawn_at)
        panes.apply("Q", [PASSED], -1)
        panes.advance(200_000)
        assert self.passed(panes) == 1
        panes.apply("Q", [PASSED], -1)
        assert self.passed(panes) == self.passed(panes, ALL) == 0

    def test_what_passed_long_ago_is_in_the_windows_that_it_belongs_to(self) -> None:
        panes = Panes()
        panes.apply("Q", [PASSED], 1)
        panes.advance(90_000 + 20 * MINUTE)
        assert [self.passed(panes, window) for window in ("15m", "30m", ALL)] == [0, 1, 1]
        panes.advance(90_000 + 31 * MINUTE)
        assert [self.passed(panes, window) for window in ("30m", ALL)] == [0, 1]

    @given(tapes(120))
    def test_whatever_comes_and_goes_it_counts_from_its_instant_on(self, tape: Tape) -> None:
        panes, instant, known = Panes(), -1, []
        for _ in range(tape.pick(40)):
            act = tape.pick(3)
            if act == 0:
                known.append(Item(c.THRESHOLD_PASSED, "voice", "", "", tape.pick(30) * 7_000, 0, 1))
                panes.apply("Q", [known[-1]], 1)
            elif act == 1 and known:
                panes.apply("Q", [known.pop(tape.pick(len(known)))], -1)
            else:
                instant = max(instant, tape.pick(210) * 1000)
                panes.advance(instant)
            assert self.passed(panes, ALL) == sum(item.at <= instant for item in known)

    def test_two_scrapes_in_one_minute_differ_although_no_event_came(self) -> None:
        worker = FakeWorker()
        worker.time = NOW // MINUTE * MINUTE
        due = Item(c.THRESHOLD_PASSED, "voice", "normal", "", worker.time + 30_000, 0, 1)
        send(worker.kpis, "billing", [("call/1", Contribution(1, worker.time, [due], []))])
        exposition = Exposition(worker, Present(worker))

        def shown() -> list[str]:
            text = asyncio.run(exposition.text()).decode()
            name = "support_service_level_live_denominator"
            return [
                line.rpartition(" ")[2]
                for line in text.splitlines()
                if line.startswith(name) and 'formula="strict"' in line and 'window="15m"' in line and "billing" in line
            ]

        assert shown() in (["0"], [])
        worker.time += 29_999
        assert shown() in (["0"], [])
        worker.time += 1
        assert shown() == ["1"]


class TestIdentity:
    CELLS = (c.OFFERED, c.QUEUE_WAIT, c.ABANDON_WAIT, f"{c.FLOW_OUT}overflow", c.GHOST, c.STILL_WAITING)

    def test_each_outcome_closes_it_and_none_leaves_it_open(self) -> None:
        for outcome in self.CELLS[1:]:
            cells: Cells = {}
            book([cells], c.OFFERED + COHORT, 1)
            assert identity_gap(cells) == 1
            book([cells], outcome + COHORT, 1)
            assert identity_gap(cells) == 0, outcome
            book([cells], outcome + COHORT, 1)
            assert identity_gap(cells) == -1, "two outcomes of one contact are wrong too"

    def test_it_is_exported_for_every_window(self) -> None:
        panes = Panes()
        panes.apply("Q", [Item(c.OFFERED, "voice", "", "", MINUTE, MINUTE, 1)], 1)
        panes.advance(20 * MINUTE)
        told = samples(GroupKey("Q", "voice", ""), panes.groups["Q", "voice", ""], FigureOptions())
        gaps = {dict(one.labels)["window"]: one.value for one in told if one.family == "support_contact_identity_gap"}
        assert gaps == {"15m": 0, "30m": 1, "1h": 1, "1d": 1, "7d": 1, "today": 1, "yesterday": 0, "all": 1}

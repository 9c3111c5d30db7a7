"""Panes at their edges: the borders of windows, spans that run on, groups that come and go (deterministic cases)."""

from __future__ import annotations

import pytest

from streams.figures import cells as c
from streams.figures.contributions import Item, Live
from streams.figures.panes import ALL, MINUTE, TODAY, WINDOW_NAMES, WINDOWS, YESTERDAY, Cells, Panes
from tests.laws.test_panes_laws import Booked, summed, windows

WEEK = WINDOWS["7d"]
DAY = 1440
KEY = ("Q", "voice", "")


def created(minute: int, value: int = 1) -> Item:
    return Item(c.CREATED, "voice", "", "", minute * MINUTE, 0, value)


def number_in(cells: Cells, cell: str) -> int:
    held = cells.get(cell, 0)
    assert isinstance(held, int), "neither of the cells of these tests is a distribution"
    return held


def counted(panes: Panes, cell: str = c.CREATED) -> dict[str, int]:
    group = panes.group(*KEY)
    return {name: number_in(cells, cell) for name, cells in group.windows.items()}


def at_present(minute: int, *items: Item, first: bool = True) -> Panes:
    """Items that are booked before, or after, the present is moved to a minute."""
    panes = Panes()
    panes.advance(0)
    if first:
        panes.apply("Q", items, 1)
        panes.group(*KEY)
    panes.advance(minute * MINUTE)
    if not first:
        panes.apply("Q", items, 1)
    return panes


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
class TestBorders:
    """Whether something was known before a minute came, or is told late, makes no difference."""

    @pytest.mark.parametrize("name", list(WINDOWS))
    def test_a_window_holds_as_many_minutes_as_it_says(self, name: str, first: bool) -> None:
        present, length = 20 * DAY + 700, WINDOWS[name]
        within = counted(at_present(present, created(present - length + 1), first=first))
        beyond = counted(at_present(present, created(present - length), first=first))
        assert (within[name], beyond[name]) == (1, 0)
        assert within[ALL] == beyond[ALL] == 1

    @pytest.mark.parametrize(
        ("minute", "expected"),
        [(-DAY - 1, (0, 0)), (-DAY, (0, 1)), (-1, (0, 1)), (0, (1, 0)), (1, (1, 0)), (700, (1, 0)), (701, (0, 0))],
    )
    def test_days_begin_with_their_midnight(self, minute: int, expected: tuple[int, int], first: bool) -> None:
        midnight = 20 * DAY
        found = counted(at_present(midnight + 700, created(midnight + minute), first=first))
        assert (found[TODAY], found[YESTERDAY]) == expected

    def test_what_is_too_old_for_every_window_is_only_in_all(self, first: bool) -> None:
        present = 20 * DAY + 700
        for age in (WEEK, WEEK + 1, 2 * WEEK):
            panes = at_present(present, created(present - age), first=first)
            assert [name for name, number in counted(panes).items() if number] == [ALL]
            assert panes.oldest() is None, "and no pane is kept for it, which nothing would ever drop"
            panes.apply("Q", [created(present - age)], -1)
            assert not any(counted(panes).values()), "taken back it is nowhere"
            panes.advance((present + 2 * WEEK) * MINUTE)
            assert not any(counted(panes).values())


@pytest.mark.parametrize("step", [1, 2, 7, 15])
def test_however_much_is_held_each_minute_enters_and_leaves_its_windows(step: int) -> None:
    """With little held all of it is looked through; with much only the minutes at the borders of windows."""
    items = [Item(c.CREATED, "voice", "", "", minute * MINUTE, 0, 1 + minute % 3) for minute in range(0, 14_000, 5)]
    panes = Panes()
    panes.apply("Q", items, 1)
    panes.advance(11_000 * MINUTE)
    for present in range(11_000 + step, 11_000 + 40 * step, step):
        panes.advance(present * MINUTE)
    booked = [Booked("Q", item) for item in items]
    last = 11_000 + 39 * step
    found = {name: cells[c.CREATED][0] for (_, name), cells in windows(panes).items()}
    for name, length in WINDOWS.items():
        assert found[name] == sum(i.value for _, i in booked if last - length < i.at // MINUTE <= last), name
    assert found[ALL] == sum(i.value for _, i in booked if i.at // MINUTE <= last)


def test_the_same_by_the_sums_of_the_laws() -> None:
    booked = [Booked("A", created(minute)) for minute in range(0, 12_000, 9)]
    panes = Panes()
    panes.apply("A", [one.item for one in booked], 1)
    for present in range(10_990, 11_000):
        panes.advance(present * MINUTE)
    expected = {name: cells[c.CREATED][1] for (_, name), cells in summed(booked, 10_999).items() if name in WINDOWS}
    assert {name: cells[c.CREATED][0] for (_, name), cells in windows(panes).items() if name in WINDOWS} == expected


class TestSpans:
    """What covers a span of time is in every minute that it touches."""

    TALK = c.REP_TIME + "on_contact"
    START = 20 * DAY + 600

    def span(self, start: int, end: int, value: int = 1) -> Item:
        """From a second to another after START."""
        return Item(
            self.TALK, "voice", "", "a", self.START * MINUTE + end * 1000, self.START * MINUTE + start * 1000, value
        )

    def millis(self, panes: Panes) -> dict[int, int]:
        """Booked milliseconds by minute after START."""
        minutes = panes.groups[KEY].minutes
        found = {minute - self.START: number_in(cells, self.TALK) for minute, cells in minutes.items()}
        return {minute: number for minute, number in sorted(found.items()) if number}

    @pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
    def test_milliseconds_go_to_their_minutes(self, first: bool) -> None:
        panes = at_present(self.START + 30, self.span(30, 195), first=first)
        assert self.millis(panes) == {0: 30_000, 1: 60_000, 2: 60_000, 3: 15_000}
        assert counted(panes, self.TALK)["1h"] == counted(panes, self.TALK)[ALL] == 165_000
        assert counted(panes, self.TALK)["30m"] == 165_000 - 30_000

    def test_a_span_within_a_minute_counts_what_it_is(self) -> None:
        panes = at_present(self.START + 1, self.span(10, 15), self.span(60, 120), first=False)
        assert self.millis(panes) == {0: 5_000, 1: 60_000}

    def test_an_empty_one_is_nowhere(self) -> None:
        panes = at_present(self.START + 1, self.span(60, 60), first=False)
        assert KEY not in panes.groups

    def test_several_at_once_count_as_many_times(self) -> None:
        panes = at_present(self.START + 5, self.span(0, 60, value=3), first=False)
        assert self.millis(panes) == {0: 180_000}

    def test_what_runs_on_grows_with_each_minute_that_comes(self) -> None:
        panes = at_present(self.START + 1, self.span(30, 180 + 6), first=False)
        assert self.millis(panes) == {0: 30_000, 1: 60_000}, "panes hold whole minutes"
        seen = []
        for minute in (1, 2, 3, 4, 5):
            panes.advance((self.START + minute) * MINUTE)
            seen.append(counted(panes, self.TALK)[ALL])
        assert seen == [30_001, 90_001, 150_001, 156_000, 156_000]

    @pytest.mark.parametrize("window", ["15m", "7d", TODAY, ALL])
    def test_of_the_present_minute_counts_what_has_passed(self, window: str) -> None:
        panes = at_present(self.START, self.span(30, 45), self.span(40, 90, value=2), first=False)
        seen = []
        for millis in (0, 29_999, 30_000, 41_999, 20_000, 45_000, 60_000, 89_999, 119_999, 120_000):
            panes.advance(self.START * MINUTE + millis)
            seen.append(counted(panes, self.TALK).get(window, 0))
        assert seen == [0, 0, 1, 12_000 + 4_000, 16_000, 15_000 + 10_002, 55_002, *[115_000] * 3]
        panes.advance(self.START * MINUTE + 50_000)
        assert counted(panes, self.TALK)[window] == 115_000, "the present never goes back"

    def test_what_comes_or_goes_within_the_minute_counts_up_to_the_present_at_once(self) -> None:
        panes = at_present(self.START, first=False)
        panes.advance(self.START * MINUTE + 9_999)
        panes.apply("Q", [self.span(0, 300), self.span(5, 7), self.span(20, 30)], 1)
        assert counted(panes, self.TALK)[ALL] == 12_000
        panes.replace("Q", [self.span(0, 300)], [self.span(0, 8)])
        assert counted(panes, self.TALK)[ALL] == 10_000
        panes.replace("Q", [self.span(0, 8)], [self.span(0, 300)])
        panes.apply("Q", [self.span(5, 7), self.span(20, 30)], -1)
        assert counted(panes, self.TALK)[ALL] == 10_000
        panes.advance(self.START * MINUTE + 10_000)
        assert counted(panes, self.TALK)[ALL] == 10_001
        panes.apply("Q", [self.span(0, 300)], -1)
        panes.advance(self.START * MINUTE + 20_000)
        panes.tidy()
        assert KEY not in panes.groups
        panes.advance(self.START * MINUTE + 30_000)

    def test_one_that_begins_later_begins_then(self) -> None:
        panes = at_present(self.START - 10, self.span(30, 90), first=False)
        assert not any(counted(panes, self.TALK).values())
        panes.advance((self.START + 9) * MINUTE)
        assert self.millis(panes) == {0: 30_000, 1: 30_000}

    @pytest.mark.parametrize("until", [-10, 0, 1, 9])
    def test_taken_back_whenever_it_leaves_nothing(self, until: int) -> None:
        panes = at_present(self.START - 10, self.span(30, 90), first=False)
        panes.advance((self.START + until) * MINUTE)
        panes.apply("Q", [self.span(30, 90)], -1)
        panes.advance((self.START + 20) * MINUTE)
        panes.tidy()
        assert KEY not in panes.groups
        assert not any(counted(panes, self.TALK).values())

    @pytest.mark.parametrize("late", [True, False])
    def test_of_one_that_is_older_than_every_window_all_knows_the_whole(self, late: bool) -> None:
        length = 3 * 3600
        present = self.START + WEEK + 60
        panes = at_present(present, self.span(0, length), first=not late)
        found = counted(panes, self.TALK)
        assert found[ALL] == length * 1000
        assert found["7d"] == (length - 61 * 60) * 1000, "an hour and a minute of it have left the week"
        panes.apply("Q", [self.span(0, length)], -1)
        assert not any(counted(panes, self.TALK).values())


class TestGroups:
    def test_every_change_is_told_to_who_keeps_what_was_read(self) -> None:
        panes = at_present(10, created(5), first=False)
        group = panes.groups[KEY]
        waiting = [Live(c.WAITING, "voice", "", 0)]
        seen = [group.changes]
        for times in (1, -1):
            panes.apply("Q", [created(5)], times)
            seen.append(group.changes)
        for add in (True, False):
            panes.set_live("Q", "call/1", waiting, add=add)
            seen.append(group.changes)
        for minute in (20, 36):  # the item leaves the first window, then the second
            panes.advance(minute * MINUTE)
            seen.append(group.changes)
        assert len(set(seen)) == len(seen), "no state has the number of another"

    def test_who_no_longer_waits_is_gone(self) -> None:
        panes = Panes()
        for entity in ("call/1", "call/2"):
            panes.set_live("Q", entity, [Live(c.WAITING, "voice", "", 7)], add=True)
        panes.set_live("Q", "call/1", [Live(c.WAITING, "voice", "", 7)], add=False)
        panes.set_live("Q", "call/3", [Live(c.WAITING, "voice", "", 7)], add=False)
        assert panes.groups[KEY].live == {c.WAITING: {"call/2": 7}}
        panes.tidy()
        assert KEY in panes.groups, "somebody waits"
        panes.set_live("Q", "call/2", [Live(c.WAITING, "voice", "", 7)], add=False)
        panes.tidy()
        assert KEY not in panes.groups

    def test_a_group_of_which_something_is_still_to_come_stays(self) -> None:
        panes = at_present(10, created(5), created(50), first=False)
        panes.apply("Q", [created(5)], -1)
        panes.tidy()
        assert KEY in panes.groups
        panes.advance(60 * MINUTE)
        assert counted(panes)[ALL] == 1
        panes.apply("Q", [created(50)], -1)
        panes.tidy()
        assert KEY not in panes.groups

    def test_only_what_was_taken_from_is_tidied_away(self) -> None:
        panes = Panes()
        panes.group(*KEY)
        panes.apply("R", [created(5)], 1)
        panes.tidy()
        assert KEY in panes.groups, "nothing was taken back from it: whoever made it may still want it"

    def test_the_spans_of_a_group_s_windows_end_in_the_present(self) -> None:
        present = 20 * DAY + 700
        panes = at_present(present, created(present))
        found = panes.spans(panes.groups[KEY])
        assert list(found) == list(WINDOW_NAMES)
        assert (found["15m"], found[TODAY]) == ((present - 14, present), (20 * DAY, present))
        assert found[YESTERDAY] == (19 * DAY, 20 * DAY - 1)


class TestLiveSpans:
    """What a span says is so now."""

    AT = 1_000 * MINUTE

    def panes(self) -> Panes:
        panes = Panes()
        panes.advance(self.AT)
        return panes

    def test_it_is_so_since_the_span_began_until_it_ends(self) -> None:
        panes = self.panes()
        idle = Item(c.REP_TIME + "available", "voice", "", "ann", self.AT + 90_000, self.AT - 5_000, 1)
        panes.apply("Q", [idle], 1)
        panes.advance(self.AT + 1)
        (live,) = panes.groups[KEY].live.values()
        assert live == {"ann": self.AT - 5_000}
        panes.advance(self.AT + 89_999)
        assert list(panes.groups[KEY].live.values()) == [{"ann": self.AT - 5_000}]
        panes.advance(self.AT + 90_000)
        assert not panes.groups[KEY].live

    def test_a_group_that_nothing_else_is_left_in_goes_with_it(self) -> None:
        panes = self.panes()
        idle = Item(c.REP_TIME + "available", "voice", "", "ann", self.AT + 90_000, self.AT - 5_000, 1)
        panes.apply("Q", [idle], 1)
        panes.advance(self.AT + 1)
        panes.apply("Q", [idle], -1)
        panes.tidy()
        assert KEY in panes.groups, "it is still shown"
        panes.advance(self.AT + 2)
        panes.tidy()
        assert KEY not in panes.groups

    def test_readers_are_told_where_it_changes_and_only_there(self) -> None:
        panes = self.panes()
        ahead = Item(c.REP_TIME + "available", "voice", "", "ann", self.AT + 600_000, self.AT - 5_000, 1)
        panes.apply("Q", [ahead], 1)
        panes.group("R", "voice", "")
        panes.advance(self.AT + 1)
        other = panes.groups["R", "voice", ""].changes
        before = panes.groups[KEY].changes
        panes.advance(self.AT + 2)
        assert panes.groups[KEY].changes > before
        before = panes.groups[KEY].changes
        panes.advance(self.AT + 2)
        assert panes.groups[KEY].changes == before, "no time has passed"
        assert panes.groups["R", "voice", ""].changes == other


class TestYesterday:
    """Spans over midnight, and what is corrected of them afterwards."""

    MIDNIGHT = 1440 * MINUTE

    def test_each_day_has_its_part_and_only_that_whenever_it_becomes_known(self) -> None:
        over = Item(c.CHAT_TIME, "voice", "", "ann", self.MIDNIGHT + 3 * MINUTE, self.MIDNIGHT - 2 * MINUTE, 1)
        for known_at in (-10, -1, 0, 1, 10):
            panes = Panes()
            panes.advance(self.MIDNIGHT + known_at * MINUTE)
            panes.apply("Q", [over], 1)
            panes.advance(self.MIDNIGHT + 20 * MINUTE)
            seen = counted(panes, c.CHAT_TIME)
            assert (seen[TODAY], seen[YESTERDAY], seen[ALL]) == (3 * MINUTE, 2 * MINUTE, 5 * MINUTE), known_at

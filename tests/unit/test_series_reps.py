"""Series of reps: who is in which state and for how long, what chats cost, and how many reps a queue lacks."""

from __future__ import annotations

import pytest

from streams.figures import cells as c
from streams.figures.options import FigureOptions
from streams.figures.rep_series import required, staffing
from streams.figures.staffing import Load, Staffed, erlang_a, erlang_c
from streams.figures.staffing import required as fewest
from tests.support.series import EVER, Desk, Table, line_of, ratios, rows


def test_reps_by_state() -> None:
    desk = Desk("")
    for number, state in enumerate(("missed", "on_contact", "acw", "incoming", "available", "offline"), 1):
        desk.live(f"p.now.{state}", *[5.0] * number)
    assert desk.told("support_reps") == rows("""
        support_reps{state=missed}         1
        support_reps{state=rejected}       0
        support_reps{state=on_contact}     2
        support_reps{state=acw}            3
        support_reps{state=incoming}       4
        support_reps{state=unknown}        0
        support_reps{state=custom}         0
        support_reps{state=available}      5
        support_reps{state=offline}        6
    """)


def test_time_of_reps_and_how_much_of_it_they_were_busy() -> None:
    desk = Desk("").spell("p.time.on_contact", 300).spell("p.seen.on_contact", 100).spell("p.time.acw", 60)
    desk.spell("p.time.available", 240).spell("p.time.custom", 500).spell("p.busy", 30).spell("p.time.missed", 45)
    assert desk.told("support_rep_state", "support_rep_occ", exports=EVER) == rows("""
        support_rep_state_seconds_total{state=missed}         45
        support_rep_state_seconds_total{state=rejected}        0
        support_rep_state_seconds_total{state=on_contact}    400
        support_rep_state_seconds_total{state=acw}            60
        support_rep_state_seconds_total{state=incoming}        0
        support_rep_state_seconds_total{state=unknown}         0
        support_rep_state_seconds_total{state=custom}        500
        support_rep_state_seconds_total{state=available}     240
        support_rep_state_seconds_total{state=offline}         0
    """) | ratios("support_rep_occupancy{window=all,attribution=split} 390/630")


def test_what_chats_cost() -> None:
    desk = Desk("chat").spell(c.CHAT_WALL, 600, ago=12).spell(c.CHAT_TIME, 600, ago=12).count(c.CHATS_HANDLED, 4, ago=2)
    desk.spell(c.CHAT_TIME, 300, ago=12)
    desk.spell(c.CHAT_WALL, 300, ago=25 * 60).count(c.CHATS_HANDLED, 1, ago=25 * 60)
    desk.spell(c.CHAT_TIME, 300, ago=25 * 60)
    assert desk.told("support_chat_concurrent") == rows("""
        support_chat_concurrent_aht_seconds{window=15m,attribution=split}         150
        support_chat_concurrent_aht_seconds{window=30m,attribution=split}         150
        support_chat_concurrent_aht_seconds{window=1h,attribution=split}          150
        support_chat_concurrent_aht_seconds{window=1d,attribution=split}          150
        support_chat_concurrent_aht_seconds{window=7d,attribution=split}          180
        support_chat_concurrent_aht_seconds{window=today,attribution=split}       150
        support_chat_concurrent_aht_seconds{window=yesterday,attribution=split}   300
        support_chat_concurrent_aht_seconds{window=all,attribution=split}         180
    """)
    assert desk.told("support_chat_concurrency", exports=EVER) == ratios(
        "support_chat_concurrency{window=all,attribution=split} 1200/900"
    )
    assert Desk("chat").told("support_chat_concurrent") == {}


def loaded(channel: str = "voice", offered: int = 100, seconds: float = 180, priority: str = "") -> Desk:
    """By default the check value: 100 in half an hour, three minutes each."""
    return Desk(channel, priority).count(c.OFFERED, offered).took(c.HANDLE, *[seconds] * 10)


def staffed(*desks: Desk, **options: object) -> Table:
    """Series of staffing, queue and channel among the labels. What tells required reps alone must say the same."""
    chosen = FigureOptions(**options)  # type: ignore[arg-type]
    groups = [(desk.key, desk.group) for desk in desks]
    found: Table = {}
    alone = {}
    for key, (family, labels, value) in staffing(groups, chosen):
        assert not key.priority
        found[line_of(family, (("queue", key.queue), ("channel", key.channel), *labels))] = value
        if family == "support_required_reps":
            alone[key] = value
    assert dict(required(groups, chosen)) == alone
    return found


def voice(number: int) -> Table:
    return {"support_required_reps{queue=Q,channel=voice,model=erlang_c}": number}


def chat(number: int) -> Table:
    return {"support_required_reps{queue=Q,channel=chat,model=erlang_c}": number}


class TestStaffing:
    def test_the_check_value(self) -> None:
        assert staffed(loaded()) == voice(14)

    @pytest.mark.parametrize(("goal", "reps"), [(0.88834, 14), (0.88836, 15), (0.7955, 13), (0.7956, 14)])
    def test_to_the_fifth_digit(self, goal: float, reps: int) -> None:
        assert staffed(loaded(), service_level_goal=goal) == voice(reps)

    def test_by_the_queue_s_own_threshold(self) -> None:
        # Within a minute 13 answer 0.895, 12 only 0.769.
        assert staffed(loaded(), queue_service_level_seconds={"Q": 60.0}) == voice(13)
        assert staffed(loaded(), queue_service_level_seconds={"other": 60.0}) == voice(14)

    def test_where_customers_give_up_fewer_are_needed(self) -> None:
        found = staffed(loaded(), staffing_model="erlang_a")
        assert found == {"support_required_reps{queue=Q,channel=voice,model=erlang_a}": 12}

    def test_only_the_last_half_hour_counts(self) -> None:
        assert staffed(loaded().count(c.OFFERED, 500, ago=40).took(c.HANDLE, 9000, ago=40)) == voice(14)

    def test_all_priorities_are_served_by_the_same_reps(self) -> None:
        offered = Desk(priority="high").count(c.OFFERED, 60), Desk(priority="low").count(c.OFFERED, 40)
        handled = Desk(priority="normal").took(c.HANDLE, 100, 260)
        assert staffed(*offered, handled) == voice(14)

    def test_chats_cost_what_they_take_of_a_rep_s_time(self) -> None:
        reps = Desk("chat", "high").spell(c.CHAT_WALL, 1500, ago=27, number=12).count(c.CHATS_HANDLED, 100, ago=2)
        assert staffed(loaded("chat", seconds=360), reps) == chat(14)
        assert staffed(loaded("chat"), Desk("chat", "high").count(c.CHATS_HANDLED, 5)) == chat(14), (
            "concurrency unknown"
        )
        assert staffed(loaded("voice", seconds=60), reps) == voice(5), "calls do not overlap"

    def test_without_a_known_load_nothing_is_required(self) -> None:
        reps = Desk("").spell("p.time.available", 300).live("p.now.available", 5)
        for desk in (
            Desk().count(c.OFFERED, 100),
            Desk().took(c.HANDLE, 180),
            Desk().count(c.OFFERED, 9).took(c.HANDLE, 0),
        ):
            assert staffed(desk, reps) == {}
        assert staffed(reps) == {}

    def test_the_gap_is_that_of_the_queue_as_a_whole(self) -> None:
        here = Desk("").spell("p.time.available", 300, ago=5000).live("p.now.available", 1, 2).live("p.now.offline", 9)
        busy = Desk("voice", "high").live("p.now.on_contact", 1, 2, 3).live("p.now.available", 4).live("p.now.acw", 5)
        busy.live("p.now.incoming", 1).live("p.now.missed", 1, 2).live(c.WAITING, 1)
        gap = "support_staffing_gap{queue=Q,channel=,model=erlang_c}"
        expected = voice(14) | chat(5) | {gap: 14 + 5 - 8}
        assert staffed(loaded(), loaded("chat", seconds=60), here, busy) == expected
        spare = loaded("chat", seconds=60).live("p.now.acw", *[1.0] * 9)
        assert staffed(spare, here) == chat(5) | {gap: 5 - 11}

    def test_where_nothing_is_known_of_reps_there_is_no_gap(self) -> None:
        assert staffed(loaded().live(c.WAITING, 3)) == voice(14)


def test_queues_are_staffed_each_for_itself() -> None:
    one, other = loaded(), loaded(seconds=60)
    groups = [(one.key, one.group), (other.key._replace(queue="R"), other.group)]
    assert {key.queue: reps for key, reps in required(groups, FigureOptions())} == {"Q": 14, "R": 5}


def test_where_nobody_comes_everybody_is_served_at_once() -> None:
    for found in (erlang_c(Load(0, 180), 3, 20), erlang_a(Load(0, 180), 3, 20, 180)):
        assert found == Staffed(3, 1.0, 0.0, 0.0, 0.0)


def test_a_goal_that_is_just_reached_is_reached() -> None:
    assert fewest(0.5, lambda n: Staffed(n, n / 8, 0.0, 0.0, 0.0)).reps == 4

"""No data is not zero: what is left out, what is None, and what is 0."""

from __future__ import annotations

from typing import Any

import pytest

from streams.figures import cells as c
from streams.figures.cell_sets import COHORT
from streams.figures.contributions import Item, Live
from streams.figures.options import FigureOptions
from streams.figures.panes import Cells, GroupKey, Panes, book
from streams.figures.readers import distribution, figures, ratio
from streams.figures.series import families_of, samples


def told(panes: Panes, key: GroupKey) -> dict[tuple[str, str, tuple[tuple[str, str], ...]], float]:
    panes.group(*key)
    return {(one.family, one.suffix, one.labels): one.value for one in samples(key, panes.groups[key], FigureOptions())}


KEY = GroupKey("Q", "voice", "")


def test_a_family_without_data_is_left_out() -> None:
    assert figures({}, {}, 20.0) == {}


def test_what_was_taken_back_is_no_data() -> None:
    cells: Cells = {}
    book([cells], c.CREATED, 1)
    book([cells], c.CREATED, 1, -1)
    assert figures(cells, {c.WAITING: 0, f"{c.OPEN}new": 0}, 20.0) == {}


def test_only_the_family_that_has_data_is_there() -> None:
    assert figures({}, {c.WAITING: 1}, 20.0).keys() == {"contacts"}
    assert figures({}, {f"{c.OPEN}new": 1}, 20.0)["tickets"]["open"] == 1


def test_a_ratio_over_nothing_is_none_and_over_something_may_be_zero() -> None:
    assert ratio(0, 0)["ratio"] is None
    assert ratio(0, 4)["ratio"] == 0.0


def test_a_distribution_of_nothing_has_no_mean_and_one_of_zeros_has() -> None:
    nothing: dict[str, Any] = distribution({}, c.HANDLE)
    assert (nothing["count"], nothing["sum"], nothing["mean"], nothing["p50"], nothing["max"]) == (
        0,
        0.0,
        None,
        None,
        None,
    )
    cells: Cells = {}
    book([cells], c.HANDLE, 0)
    assert distribution(cells, c.HANDLE)["p90"] == 0.0


def test_an_idle_queue_exports_zero_counts_and_no_ratios_or_quantiles() -> None:
    series = told(Panes(), KEY)
    assert series["support_contacts_offered_total", "", (("unit", "segment"),)] == 0
    assert series["support_contacts_waiting", "", ()] == 0
    names = {(family, suffix) for family, suffix, _ in series}
    assert ("support_service_level_numerator", "") in names
    assert ("support_service_level_ratio", "") not in names
    assert ("support_queue_wait_seconds", "_count") in names
    assert ("support_queue_wait_seconds", "") not in names
    assert ("support_oldest_waiting_enqueued_timestamp_seconds", "") not in names
    assert not any("tickets" in family for family, _ in names), "a voice queue has no tickets"


def test_seconds_are_published_whatever_is_counted_inside() -> None:
    panes = Panes()
    panes.apply("Q", [Item(c.QUEUE_WAIT, "voice", "", "r", 60_000, 30_000, 2500)], 1)
    panes.set_live("Q", "call/1", [Live(c.WAITING, "voice", "", 45_000)], add=True)
    panes.advance(60_000)
    series = told(panes, KEY)
    everything = (("window", "all"), ("attribution", "event"))
    assert series["support_queue_wait_seconds", "_sum", everything] == 2.5
    assert series["support_queue_wait_seconds", "_count", everything] == 1
    assert series["support_oldest_waiting_enqueued_timestamp_seconds", "", ()] == 45
    assert series["support_contacts_answered_total", "", ()] == 1


def test_what_is_dated_ahead_counts_when_its_time_has_come() -> None:
    panes = Panes()
    panes.apply("Q", [Item(c.SOLVES_MATURE, "", "", "", 600_000, 0, 1)], 1)
    panes.advance(540_000)
    assert panes.groups["Q", "", ""].windows["all"] == {}
    panes.advance(600_000)
    assert panes.groups["Q", "", ""].windows["all"] == {c.SOLVES_MATURE: 1}


@pytest.mark.parametrize("cell", [f"{c.REP_TIME}available", c.CHAT_BOT_CONTAINED])
def test_a_configured_queue_shows_its_contacts_from_the_start(cell: str) -> None:
    """Reps who are logged in, or bots that contain chats, do not take the zeros of a configured queue away."""
    group = Panes().group("support", "chat", "")
    book([group.windows.bands[-1]], cell, 1)
    key = GroupKey("support", "chat", "")
    assert "contacts" not in families_of(key, group)
    group.pinned = True
    assert "contacts" in families_of(key, group)


def test_contacts_are_told_by_the_attribution_that_is_asked_for() -> None:
    cells: Cells = {
        c.OFFERED: 9,
        c.OFFERED + COHORT: 8,
        f"{c.FLOW_OUT}overflow": 3,
        f"{c.FLOW_OUT}overflow{COHORT}": 2,
        f"{c.FLOW_OUT}voicemail{COHORT}": 1,
    }
    for chosen, offered, reasons in (
        ("event", 9, {"overflow": 3}),
        ("cohort", 8, {"overflow": 2, "voicemail": 1}),
    ):
        found = figures(cells, {}, 20.0, chosen)["contacts"]  # type: ignore[arg-type]
        assert (found["attribution"], found["offered"], found["flow_out_by_reason"]) == (chosen, offered, reasons)
    assert figures(cells, {}, 20.0) == figures(cells, {}, 20.0, "cohort"), "unless it is said otherwise"


def test_every_formula_says_within_how_many_seconds() -> None:
    found = figures({c.OFFERED + COHORT: 1}, {c.WAITING: 1}, 17.0)["contacts"]
    for name in ("service_level", "service_level_live"):
        assert {formula["threshold_seconds"] for formula in found[name].values()} == {17.0}, name


def test_recontacts_besides_their_windows() -> None:
    cells: Cells = {c.ATTRIBUTABLE: 9, c.RETRY: 4, c.CONCURRENT: 2}
    found = figures(cells, {}, None)["recontacts"]
    assert (found["contacts"], found["retries"], found["concurrent"]) == (9, 4, 2)


def test_first_contact_resolution_without_those_beyond_the_first_level() -> None:
    place = f"{c.RESOLVED_MATURE}7d.any"
    cells: Cells = {
        c.ATTRIBUTABLE: 20, place: 10, f"{c.RETURNED}7d.any": 3, c.MORE_TOUCHES: 2,
        c.BEYOND + place: 4, f"{c.BEYOND}{c.RETURNED}7d.any": 1, c.BEYOND + c.MORE_TOUCHES: 1,
    }  # fmt: skip
    assert "fcr_one_touch_net" not in figures(cells, {}, None, options=FigureOptions())["recontacts"]
    options = FigureOptions(not_first_level_reasons=["delivery"])
    found = figures(cells, {}, None, options=options)["recontacts"]
    assert found["fcr_one_touch"] == ratio(10 - 3 - 2, 10)
    assert found["fcr_one_touch_net"] == ratio((10 - 3 - 2) - (4 - 1 - 1), 10 - 4)
    assert found["fcr_no_recontact_net"]["7d"]["any"] == ratio(10 - 3 - (4 - 1), 10 - 4)


def test_calendars_that_nobody_knows_are_told_where_there_are_any() -> None:
    assert "unknown_calendars" not in figures({c.CREATED: 1}, {}, None)["tickets"]
    assert figures({c.CREATED: 1, c.UNKNOWN_CALENDAR: 2}, {}, None)["tickets"]["unknown_calendars"] == 2


def test_states_that_no_rep_is_in_are_zero() -> None:
    found = figures({}, {f"{c.REP_NOW}available": 2}, None)["reps"]
    assert found["now"] == {state: 2 if state == "available" else 0 for state in c.REP_STATES}
    assert figures({c.CHATS_HANDLED: 1}, {}, None)["reps"]["chats_handled"] == 1

"""What a report and the API say of service-level clocks."""

from __future__ import annotations

from streams.figures import sla_cells as c
from streams.figures.panes import ALL
from streams.figures.sla_readers import sla
from tests.support.series import Desk

LABELS = c.ClockLabels("P", "first_reply", "live", "business")


def document(desk: Desk, **live: int) -> dict[str, object]:
    found = sla(desk.group.windows[ALL], live)
    assert found is not None
    assert len(found) == 1
    return found[0]


def test_how_late_is_told_by_count_sum_mean_quantiles_and_largest_in_seconds() -> None:
    desk = Desk().took(f"{c.OVERDUE}{LABELS}", *range(10, 201, 10), 4000)
    found = document(desk)
    assert found["clock"] == "business"
    overdue = found["overdue_seconds"]
    assert isinstance(overdue, dict)
    assert list(overdue) == ["count", "sum", "mean", "p50", "p90", "p95", "max"]
    assert (overdue["count"], overdue["sum"]) == (21, 6100.0)
    assert overdue["mean"] == 6100 / 21
    for name, expected in {"p50": 110, "p90": 190, "p95": 200, "max": 4000}.items():
        assert abs(overdue[name] - expected) <= 0.01 * expected, name


def test_late_by_nothing_is_a_number_and_none_late_is_none() -> None:
    late = document(Desk().took(f"{c.OVERDUE}{LABELS}", 0))["overdue_seconds"]
    assert late == {"count": 1, "sum": 0.0, "mean": 0.0, "p50": 0.0, "p90": 0.0, "p95": 0.0, "max": 0.0}
    none = document(Desk().count(f"{c.IN_TIME}{LABELS}", 3))["overdue_seconds"]
    assert none == {"count": 0, "sum": 0.0, "mean": None, "p50": None, "p90": None, "p95": None, "max": None}


def test_what_came_of_clocks() -> None:
    desk = Desk()
    for number, prefix in enumerate((c.MET, c.DUE, c.BREACH, c.IN_TIME, c.LATE, c.CANCELLED), 3):
        desk.count(f"{prefix}{LABELS}", number)
    found = document(desk)
    assert found["attainment"] == {"numerator": 3, "denominator": 4, "ratio": 0.75}
    assert [found[name] for name in ("breaches", "fulfilled", "fulfilled_late", "cancelled")] == [5, 6, 7, 8]
    assert "open" not in found, "without live states nothing is said of what is so now"
    assert sla({}, {}) is None


def test_of_what_is_open_now_the_states_and_what_is_at_risk() -> None:
    desk = Desk()
    for state, number in (("active", 4), ("paused", 1), ("warning", 2), ("breached", 1)):
        desk.count(f"{c.NOW[state]}{LABELS}", number)
    desk.count(f"{c.RISK['15m']}{LABELS}", 1).count(f"{c.RISK['1h']}{LABELS}", 3)
    found = document(desk, **{c.deadline(LABELS): 7, c.deadline(LABELS, 1): 1, "waiting": 3})
    assert found["open"] == 8
    assert found["instances"] == {"active": 4, "paused": 1, "warning": 2, "breached": 1}
    assert found["at_risk"] == {"15m": 1, "1h": 3}
    assert "open" not in document(desk, waiting=3), "other live states are no clocks"
    known = document(desk, **{c.deadline(LABELS): 9})
    assert known["open"] == 9
    assert "instances" not in known, "of a window in which not all of them have changed"

"""How fast the budgets of goals burn (M67): by the goals in force now, and absent where there is nothing to say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from agents.web.exposition import Exposition
from agents.web.present import Present
from streams.figures import sla_cells as c
from streams.figures.contributions import Contribution, Item
from streams.figures.exports import KEY, Exports
from streams.sla.model import PolicyBook, PolicySet
from streams.sla.policy_budget import allowed_share
from streams.sla.promises import Policies
from tests.support.contact_centre import MINUTE, NOW, FakeWorker, send
from tests.support.sla import policy, target

if TYPE_CHECKING:
    from collections.abc import Iterable

CLOCK = c.ClockLabels("P", "first_reply", "live", "calendar")
STRICTER = NOW + 5 * MINUTE
BOOK = Policies(
    PolicyBook(
        [
            PolicySet(effective_from=0, policies=(policy(target("first_reply", "1h", goal=0.8)),)),
            PolicySet(effective_from=STRICTER, policies=(policy(target("first_reply", "1h", goal=0.95)),)),
            PolicySet(effective_from=NOW + 60 * MINUTE, policies=(policy(target("next_reply", "1h")),)),
        ]
    )
)


class Worker(FakeWorker):
    def allowances(self) -> dict[tuple[str, str], float]:
        return dict(BOOK.allowances(self.time))


def worker(*told: tuple[int, bool], exports: Exports = KEY) -> Worker:
    """One that knows of clocks that were due so many minutes ago, in time or not."""
    found = Worker()
    found.exports = exports
    items = [
        Item(prefix + str(CLOCK), "email", "", "", NOW - ago * MINUTE, 0, 1)
        for ago, met in told
        for prefix in ((c.DUE, c.MET) if met else (c.DUE,))
    ]
    send(found.kpis, "q", [("ticket/1", Contribution(1, NOW, items, []))])
    return found


def shown(exposition: Exposition, name: str) -> dict[str, float]:
    """Values by window of a family."""
    found = {}
    for line in asyncio.run(exposition.text()).decode().splitlines():
        if line.startswith(name + "{"):
            labels, value = line.rsplit(" ", 1)
            found[labels.partition('window="')[2].partition('"')[0]] = float(value)
    return found


LATE = [(ago, ago != 10) for ago in (10, 11, 40, 50)]


def of(told: Iterable[tuple[int, bool]], exports: Exports = KEY) -> tuple[Worker, Exposition]:
    made = worker(*told, exports=exports)
    return made, Exposition(made, Present(made))


def test_the_late_share_over_the_share_that_is_allowed() -> None:
    _, exposition = of(LATE)
    assert shown(exposition, "support_sla_allowed_share") == {"": 0.2}
    found = shown(exposition, "support_sla_burn_rate")
    assert found["15m"] == pytest.approx(0.5 / 0.2)
    assert found["1h"] == pytest.approx(0.25 / 0.2)


def test_it_is_known_for_the_windows_of_the_attainment_and_not_since_the_first_event() -> None:
    _, exposition = of(LATE)
    assert set(shown(exposition, "support_sla_burn_rate")) == set(KEY.windows)
    _, few = of(LATE, Exports(frozenset({"1h"}), KEY.metrics))
    assert set(shown(few, "support_sla_burn_rate")) == {"1h"}


def test_where_nothing_was_due_it_is_absent_and_where_all_was_in_time_0() -> None:
    _, exposition = of([(40, True)])
    found = shown(exposition, "support_sla_burn_rate")
    assert "15m" not in found
    assert found["1h"] == 0


def test_another_goal_counts_at_once_though_no_event_comes() -> None:
    made, exposition = of(LATE)
    before = shown(exposition, "support_sla_burn_rate")
    made.time = STRICTER - 1
    assert shown(exposition, "support_sla_allowed_share") == {"": 0.2}
    made.time = STRICTER
    assert shown(exposition, "support_sla_allowed_share") == {"": 0.05}
    assert shown(exposition, "support_sla_burn_rate")["1h"] == pytest.approx(4 * before["1h"])


def test_what_is_promised_no_more_burns_no_budget() -> None:
    made, exposition = of(LATE)
    made.time = NOW + 60 * MINUTE
    assert shown(exposition, "support_sla_burn_rate") == {}
    assert shown(exposition, "support_sla_allowed_share") == {}
    assert shown(exposition, "support_sla_attainment_denominator")["all"] == 4


def test_without_policies_nothing_is_allowed_or_burnt() -> None:
    assert Policies().allowances(NOW) == {}
    assert allowed_share(0.9) == 0.1

"""What other policies would have done to a log, compared with what one works out by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from agents.cli.policy import command
from streams.figures.options import FigureOptions
from streams.pipeline.policy_diff import Counts, Group, PolicyDiff
from streams.sla.matching import Match
from tests.support.sla import policies, policy, target
from tests.support.timeline import Timeline, millis

MINUTE = 60_000
OPTIONS = FigureOptions()
ROOT = Path(__file__).parents[2]


def test_a_shorter_target_breaks_more_promises_and_a_pause_fewer() -> None:
    line = Timeline()
    for name, opened, waiting, solved in (
        ("fast", "09:00", None, "09:30"),
        ("slow", "09:00", None, "11:00"),
        ("waited", "09:00", "09:10", "12:00"),
        ("open", "11:00", None, None),
    ):
        line.add(f"ticket/{name}", opened, "ticket.created", queue="q", channel="email")
        if waiting:
            line.add(f"ticket/{name}", waiting, "ticket.status_changed", to="pending")
        if solved:
            line.add(f"ticket/{name}", solved, "ticket.solved")
    old = policies(policy(target("resolution", "2:30h")))
    new = policies(policy(target("resolution", "1h", pause_in=frozenset({"pending"}))))
    compared = PolicyDiff(old, new, OPTIONS)
    for event in [*line.events, *line.events[::-1]]:
        compared.add(event)
    found = compared.result(millis("12:30"))
    assert found.groups == {
        Group("q", "resolution"): Counts(before=4, after=4, late_before=1, late_after=2, gained=2, lost=1)
    }
    assert [(case.entity, case.at) for case in found.gained] == [
        ("ticket/slow", millis("10:00")),
        ("ticket/open", millis("12:00")),
    ]
    assert [case.entity for case in found.lost] == ["ticket/waited"]
    # A breach that lies ahead has not happened yet.
    assert compared.result(millis("11:59")).total.gained == 1
    assert PolicyDiff(old, old, OPTIONS).result(0).groups == {}


def test_shadows_are_left_out_and_single_versions_hold_for_the_whole_log() -> None:
    line = Timeline()
    line.add("ticket/a", "09:00", "ticket.created", queue="q")
    line.add("ticket/a", "12:00", "ticket.solved")
    late = policy(target("resolution", "1h"))
    shadow = policy(target("resolution", "1h"), name="s", mode="shadow")
    compared = PolicyDiff(policies(late, shadow, since=millis("2030-01-01 00:00")), policies(shadow), OPTIONS)
    for event in line.events:
        compared.add(event)
    assert compared.result().total == Counts(before=1, late_before=1, lost=1)


class Told(NamedTuple):
    queue: str
    priority: str
    opened: int
    solved: int | None


minutes = st.integers(0, 200)
tickets = st.lists(
    st.builds(Told, st.sampled_from("xy"), st.sampled_from(["urgent", "low"]), minutes, st.none() | minutes), max_size=4
)


@given(tickets, st.integers(1, 90), st.integers(1, 90), minutes)
def test_it_is_what_subtraction_says(told: list[Told], urgent: int, low: int, now: int) -> None:
    """Old: one target for all; new: by priority, and nothing is promised in queue y."""
    base = millis("2026-05-04 00:00")
    old = policies(policy(target("resolution", "1h")))
    by = {"urgent": f"{urgent // 60}:{urgent % 60:02}h", "low": f"{low // 60}:{low % 60:02}h"}
    new = policies(policy(target("resolution", by=by), selector=Match(queue=("x",))))
    compared = PolicyDiff(old, new, OPTIONS)
    expected: dict[Group, Counter[str]] = {}
    for number, ticket in enumerate(told):
        line = Timeline()
        at = [f"2026-05-04 {minute // 60:02}:{minute % 60:02}" for minute in (ticket.opened, ticket.solved or 0)]
        made = line.add(f"ticket/{number}", at[0], "ticket.created", queue=ticket.queue, priority=ticket.priority)
        compared.add(made)
        solved = ticket.solved is not None and ticket.solved >= ticket.opened
        if solved:
            compared.add(line.add(f"ticket/{number}", at[1], "ticket.solved"))
        if ticket.opened > now:
            continue
        in_time = solved and ticket.solved is not None and ticket.solved <= now
        took = (ticket.solved or 0) - ticket.opened if in_time else now - ticket.opened
        # Who is solved at the very instant of the deadline is in time; who is not solved by then is late.
        late_old = took > 60 or (took == 60 and not in_time)
        limit = {"urgent": urgent, "low": low}[ticket.priority]
        late_new = ticket.queue == "x" and (took > limit or (took == limit and not in_time))
        counts = expected.setdefault(Group(ticket.queue, "resolution"), Counter())
        counts["before"] += 1
        counts["after"] += ticket.queue == "x"
        counts["late_before"] += late_old
        counts["late_after"] += late_new
        counts["gained"] += late_new and not late_old
        counts["lost"] += late_old and not late_new
    found = compared.result(base + now * MINUTE)
    assert found.groups == {group: Counts(**counts) for group, counts in expected.items()}


LOG = """Ticket;State;Team;Agent;Prio;Mail;Updated
1;New;Billing;-;2;a@example.org;04/05/2026 09:00
1;Done;Billing;Ada;2;a@example.org;04/05/2026 12:00
2;New;Returns;-;1;b@example.org;04/05/2026 09:00
2;Done;Returns;Ada;1;b@example.org;04/05/2026 15:00
"""
POLICY = """effective_from: 2030-01-01
policies:
  - {name: p, mode: live, owner: o, review_by: 2031-01-01, targets: {resolution: {default: LIMIT, goal: 90%}}}
"""


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    for name, limit in (("old", "4h"), ("new", "2h")):
        (tmp_path / f"{name}.policy.yaml").write_text(POLICY.replace("LIMIT", limit))
    names = [str(tmp_path / name) for name in ("old.policy.yaml", "new.policy.yaml", "log.csv")]
    mapping = ["--mapping", str(ROOT / "tests" / "golden" / "mappings" / "desk.yaml")]
    told = CliRunner().invoke(command, ["diff", *names, *mapping, "--format", "json", "--show", "5"])
    assert told.exit_code == 0, told.output
    said = json.loads(told.output)
    assert said["total"] == {"before": 2, "after": 2, "late_before": 1, "late_after": 2, "gained": 1, "lost": 0}
    (case,) = said["gained"]
    assert case["entity"] == "ticket/1"
    assert case["metric"] == "resolution"
    assert said["lost"] == []
    table = CliRunner().invoke(command, ["diff", *names, *mapping, "--show", "5"]).output
    assert "resolution" in table
    assert f"gained: ticket/1 resolution in {case['queue']} at {case['at']}" in table
    before = CliRunner().invoke(
        command, ["diff", *names, *mapping, "--as-of", "2026-05-04T08:00:00Z", "--format", "json"]
    )
    assert json.loads(before.output)["total"]["late_after"] == 0
    bad = CliRunner().invoke(command, ["diff", *names, *mapping, "--as-of", "yesterday"])
    assert bad.exit_code == 2

"""Policies in use: read at the start, again when their file changes, and asked about by ``explain``."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner

from agents.cli import explain as cli
from agents.policies import load_policies
from agents.policy_watch import PoliciesInForce, PolicyWatch
from agents.web.runtime_samples import runtime_samples
from agents.web.server import create_web
from agents.web.view import PolicyState
from streams.sla.explanation import explain
from streams.sla.promises import Policies
from streams.topics import CONTRIBUTIONS
from tests.golden.test_sla_examples import WAIT, told
from tests.support.contact_centre import FakeWorker
from tests.support.sla import clocks, policies, policy, target
from tests.support.timeline import Timeline, millis
from tests.unit.test_clock_news import Worker, brief

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY = """\
effective_from: 2026-01-01T00:00:00Z
goals: {quick: {mission: Nobody waits., share: 90%}}
contacts: {desk: {webhook: "https://example.org/x"}}
policies:
  - name: all
    goal: quick
    mode: live
    owner: desk
    review_by: 2030-01-01
    targets: {first_reply: 1h}
    escalation: [{who: desk, when: breach, severity: warning}]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.policy.yaml"
    path.write_text(POLICY)
    return path


def watch(path: Path) -> tuple[PolicyWatch, PoliciesInForce, list[Policies]]:
    taken: list[Policies] = []
    in_force = PoliciesInForce(load_policies([str(path)]), taken.append)
    return PolicyWatch([str(path)], in_force), in_force, taken


def test_a_changed_file_is_taken_once(file: Path) -> None:
    watching, in_force, taken = watch(file)
    before = in_force.state.version
    watching.look()
    assert taken == []
    file.write_text(POLICY.replace("1h", "0:30h"))
    watching.look()
    watching.look()
    assert [each.version for each in taken] == [in_force.state.version]
    assert in_force.state.version != before


@pytest.mark.parametrize(
    "broken", ["policies: [", POLICY.replace("first_reply", "frist_reply"), POLICY.replace("1h", "1d")]
)
def test_a_broken_version_changes_nothing_and_is_counted(file: Path, broken: str) -> None:
    watching, in_force, taken = watch(file)
    before = in_force.state.version
    file.write_text(broken)
    watching.look()
    watching.look()
    assert (taken, in_force.state) == ([], PolicyState(before, 1))
    file.write_text(POLICY.replace("1h", "2h"))
    watching.look()
    assert len(taken) == 1


def test_a_file_that_is_gone_changes_nothing(file: Path) -> None:
    watching, in_force, taken = watch(file)
    file.unlink()
    watching.look()
    assert (taken, in_force.state.failures) == ([], 1)


def test_the_metrics_say_which_policies_are_in_force() -> None:
    worker = FakeWorker()
    worker.policies = PolicyState("abc", 2)
    said = {metric.full_name: (labels, value) for metric, labels, value in runtime_samples(worker)}
    assert said["ticketstreams_policy_info"] == ((("version", "abc"),), 1)
    assert said["ticketstreams_policy_reload_failures_total"] == ((), 2)


def test_other_policies_are_applied_from_their_time_on_and_tell_nothing_of_the_past() -> None:
    old = policy(target("first_reply", "4h", warn=()), name="old")
    new = policy(target("first_reply", "0:30h", warn=()), name="new")
    worker = Worker(policies(old))
    line = Timeline()
    worker.take(line.add("ticket/T", "10:00", "ticket.created"), line.add("ticket/U", "11:00", "ticket.created"))
    worker.tick("11:01")
    both = Policies(
        type(worker.rules.policies.book)([*policies(old).book.sets, *policies(new, since=millis("10:30")).book.sets])
    )
    worker.stage.take_policies(type(worker.rules)(policies=both))
    # U is under the new ones now, and its breach has yet to come; T began before them and keeps what it was promised.
    assert brief(worker.tick("11:02")) == []
    assert brief(worker.tick("11:30")) == [("breached", "11:30", True)]
    assert worker.sent[-1]["subject"] == "ticket/U"
    assert worker.sent[-1]["data"]["policy"] == "new"
    assert brief(worker.tick("13:59")) == []
    assert brief(worker.tick("14:00")) == [("breached", "14:00", True)]
    assert (worker.sent[-1]["subject"], worker.sent[-1]["data"]["policy"]) == ("ticket/T", "old")


CALENDARS = """\
calendars:
  desk:
    zone: UTC
    week: {mon-sun: "09:00-CLOSES"}
"""


def test_a_calendar_that_has_changed_is_another_version_and_moves_the_deadlines_of_what_runs(file: Path) -> None:
    file.write_text(
        POLICY.replace("first_reply: 1h", "first_reply: 2bh")
        .replace("goals:", "calendars: hours.yaml\ngoals:")
        .replace("mode: live", "mode: live\n    calendar: desk")
    )
    hours = file.with_name("hours.yaml")
    hours.write_text(CALENDARS.replace("CLOSES", "17:00"))
    watching, in_force, taken = watch(file)
    before = in_force.state.version
    worker = Worker(in_force.policies)
    worker.take(Timeline().add("ticket/T", "16:00", "ticket.created"))
    assert brief(worker.tick("16:01")) == []
    hours.write_text("# only a remark\n" + CALENDARS.replace("CLOSES", "17:00"))
    watching.look()
    assert in_force.state.version == before, "what means the same is the same"
    hours.write_text(CALENDARS.replace("CLOSES", "20:00"))
    watching.look()
    assert in_force.state.version != before
    worker.stage.take_policies(type(worker.rules)(policies=taken[-1]))
    assert brief(worker.tick("16:02")) == []
    # Until 17:00 the second business hour would have come on the next day.
    assert brief(worker.tick("18:00")) == [("breached", "18:00", True)]


def test_of_versions_in_quick_succession_none_is_passed_over() -> None:
    later = policies(policy(target("first_reply", "9h", warn=()), name="later"), since=millis("13:00")).book.sets
    first = policies(policy(target("first_reply", "1h", warn=()), name="first"))
    worker = Worker(policies())
    worker.take(Timeline().add("ticket/T", "10:00", "ticket.created"))
    worker.tick("10:01")
    for given in (first, Policies(type(first.book)([*first.book.sets, *later]))):
        worker.stage.take_policies(type(worker.rules)(policies=given))
    worker.tick("10:02")
    assert brief(worker.tick("11:00")) == [("breached", "11:00", True)]


def test_what_a_version_began_before_it_was_taken_back_is_undone() -> None:
    line = Timeline()
    old, new = (policies(policy(target("first_reply", hours, warn=()))) for hours in ("4h", "0:01h"))
    worker = Worker(old)
    worker.take(*(line.add(f"ticket/T{number}", "10:00", "ticket.created") for number in range(60)))

    def looks(now: str) -> Iterator[int]:
        """For each look at the deadlines until nothing is due, how many tickets' figures it changes."""
        while (step := worker.stage.due(0, millis(now))) is not None:
            worker.stage.adopt(0, step)
            yield sum(each.topic == CONTRIBUTIONS.name for each in step.outputs)

    assert sum(looks("10:30")) == 0
    worker.stage.take_policies(type(worker.rules)(policies=new))
    begun = next(looks("10:31"))
    assert 0 < begun < 60, "one look is not enough for all tickets"
    worker.stage.take_policies(type(worker.rules)(policies=old))
    assert sum(looks("10:32")) == begun


def test_after_a_restart_with_other_policies_clocks_run_by_these() -> None:
    worker = Worker(policies(policy(target("first_reply", "4h", warn=()))))
    worker.take(Timeline().add("ticket/T", "10:00", "ticket.created"))
    worker.tick("10:01")
    worker.rules = type(worker.rules)(policies=policies(policy(target("first_reply", "1h", warn=()))))
    worker.start()
    assert brief(worker.tick("10:02")) == []
    assert brief(worker.tick("11:00")) == [("breached", "11:00", True)]


def test_a_worker_explains_in_json_and_as_a_page() -> None:
    asyncio.run(_ask_for_explanations())


async def _ask_for_explanations() -> None:
    worker = FakeWorker()
    document = explain("ticket/a/b", clocks(told("12:10"), WAIT), millis("12:30"))
    worker.explained["ticket/a/b"] = document
    async with TestClient(TestServer(create_web(worker))) as client:
        answer = await client.get("/api/v1/explain/ticket/a%2Fb")
        assert await answer.json() == json.loads(json.dumps(document))
        page = await client.get("/explain/ticket/a%2Fb")
        assert "It will be breached at 2026-05-04T12:50:00Z" in await page.text()
        for missing in ("/api/v1/explain/call/a", "/explain/call/%3Cb%3E"):
            absent = await client.get(missing)
            assert absent.status == 404
            assert "<b>" not in await absent.text()
        assert (await client.get("/api/v1/explain/rep/a")).status == 404


MAPPING = """\
format: ndjson
source: /tests/explain
kind: ticket
entity: "{ticket}"
zone: UTC
sequence: row
times:
  noted: {value: "{at}", format: iso}
events:
  - event: ticket.created
    when: {is: {what: opened}}
  - event: message.sent
    when: {is: {what: answered}}
    data: {author: rep}
"""


def explained(tmp_path: Path, *options: str) -> Any:
    (tmp_path / "m.yaml").write_text(MAPPING)
    (tmp_path / "desk.policy.yaml").write_text(POLICY)
    rows = [
        {"ticket": "1", "at": "2026-05-04 10:00", "what": "opened"},
        {"ticket": "1", "at": "2026-05-04 11:30", "what": "answered"},
    ]
    log = tmp_path / "log.ndjson"
    log.write_text("\n".join(json.dumps(row) for row in rows))
    policy_file = str(tmp_path / "desk.policy.yaml")
    return CliRunner().invoke(
        cli.command, [*options, str(log), "--mapping", str(tmp_path / "m.yaml"), "--policy", policy_file]
    )


def test_a_recorded_ticket_is_explained_in_words(tmp_path: Path) -> None:
    result = explained(tmp_path, "1")
    assert result.exit_code == 0, result.output
    assert "2026-05-04T11:00:00Z: breached the target of 1h, 1 h had passed." in result.output
    assert result.output.rstrip().endswith("Fulfilled at 2026-05-04T11:30:00Z: a rep replied, 30 min over.")


def test_a_recorded_ticket_is_explained_as_of_a_time_and_in_json(tmp_path: Path) -> None:
    result = explained(tmp_path, "ticket/1", "--as-of", "2026-05-04T10:40:00Z", "--format", "json")
    (clock,) = json.loads(result.stdout)["clocks"]
    assert (clock["state"], clock["remaining_seconds"]) == ("active", 1_200)


CHATS = """\
format: ndjson
source: /chats
kind: chat
entity: "{chat}"
zone: UTC
sequence: row
times:
  noted: {value: "{at}", format: iso}
at: noted
data: {queue: Q}
events:
  - event: contact.initiated
    when: {is: {what: opened}}
  - event: message.sent
    when: {is: {what: bot}}
    data: {author: bot}
  - event: bot.handoff
    when: {is: {what: handed over}}
  - event: message.sent
    when: {is: {what: answered}}
    data: {author: rep}
"""


def test_a_recorded_chat_is_explained_in_words(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(CHATS)
    (tmp_path / "desk.policy.yaml").write_text(POLICY)
    told = (("10:00", "opened"), ("10:00", "bot"), ("12:00", "handed over"), ("13:30", "answered"))
    rows = [json.dumps({"chat": "1", "at": f"2026-05-04 {at}", "what": what}) for at, what in told]
    (tmp_path / "log.ndjson").write_text("\n".join(rows))
    names = [str(tmp_path / name) for name in ("log.ndjson", "m.yaml", "desk.policy.yaml")]
    result = CliRunner().invoke(cli.command, ["chat/1", names[0], "--mapping", names[1], "--policy", names[2]])
    assert result.exit_code == 0, result.output
    assert "10:00:00Z to 2026-05-04T12:00:00Z: not counted, a bot was serving (bot)." in result.output
    assert "2026-05-04T13:00:00Z: breached the target of 1h, 1 h had passed." in result.output
    assert result.output.rstrip().endswith("Fulfilled at 2026-05-04T13:30:00Z: a rep replied, 30 min over.")


def test_what_is_not_in_the_log_is_said_to_be_unknown(tmp_path: Path) -> None:
    result = explained(tmp_path, "2")
    assert (result.exit_code, result.stderr) == (1, "ticket-streams: there is no ticket '2'\n")


def test_files_without_a_policy_are_an_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.command, ["1", str(tmp_path / "x"), "--mapping", "m"])
    assert (result.exit_code, result.stderr) == (2, "ticket-streams: --policy is needed where files are given\n")

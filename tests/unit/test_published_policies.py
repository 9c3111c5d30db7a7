"""Versions of the policies as records: the same as from files, and what cannot be used changes nothing."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from aiokafka.errors import KafkaConnectionError
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import policy_topic
from agents.cli.policy import command
from agents.engine import EngineError
from agents.policies import load_policies, policy_paths, read_policy_file
from agents.policies.published import PublishedPolicies
from agents.policies.record import PublishedVersion
from agents.policy_topic import PolicyRecord, PolicyTopic
from agents.policy_watch import PoliciesInForce
from agents.settings import Settings
from agents.topic_specs import topic_specs
from streams.sla.policy_document import PolicyError
from streams.sla.promises import Policies
from streams.topics import POLICIES
from tests.unit.test_policy_files import SHORT, at

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

POLICY = """\
effective_from: {since}
calendars: hours/desks.yaml
policies:
  - name: p
    mode: live
    owner: o
    review_by: 2030-01-01
    calendar: desk
    targets: {{first_reply: {{default: {target}, goal: 90%}}}}
"""
CALENDARS = """\
calendars:
  desk:
    zone: UTC
    week: {mon-fri: 09:00-17:00}
    icalendar: [{file: ../days.ics, means: closed}]
"""
DAYS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20260504
SUMMARY:Outing – all day
END:VEVENT
END:VCALENDAR
"""
PAST_FIRST_OF_MAY = at("2026-05-04T00:00"), at("2026-05-06T00:00")


def folder(path: Path, **versions: str) -> Path:
    """Policy files by name, each with a date and a target, and the calendar that they share."""
    (path / "hours").mkdir(parents=True, exist_ok=True)
    (path / "hours" / "desks.yaml").write_text(CALENDARS)
    (path / "days.ics").write_text(DAYS, encoding="utf-8")
    for name, said in versions.items():
        since, target = said.split()
        (path / f"{name}.policy.yaml").write_text(POLICY.format(since=since, target=target))
    return path


def version(path: Path, name: str) -> PublishedVersion:
    return PublishedVersion.of_file(path / f"{name}.policy.yaml")


def log(*records: tuple[str, PublishedVersion | bytes | None]) -> PublishedPolicies:
    topic = PublishedPolicies()
    for name, said in records:
        topic.put(name.encode(), said.encode() if isinstance(said, PublishedVersion) else said)
    return topic


def test_a_record_holds_all_files_that_a_version_names_and_nothing_else(tmp_path: Path) -> None:
    folder(tmp_path, a="2026-01-01 1bd")
    (tmp_path / "other.yaml").write_text("of no concern")
    said = json.loads(version(tmp_path, "a").encode())
    assert said["files"] == {"hours/desks.yaml": CALENDARS, "days.ics": DAYS}
    assert said["policy"] == (tmp_path / "a.policy.yaml").read_text()
    assert PublishedVersion.decode("a", json.dumps(said).encode()) == version(tmp_path, "a")


def test_what_is_published_is_what_the_files_say(tmp_path: Path) -> None:
    folder(tmp_path, a="2026-01-01 1bd", b="2026-06-01 2bh")
    found = log(("a", version(tmp_path, "a")), ("b", version(tmp_path, "b"))).outcome()
    files = load_policies([str(tmp_path)])
    assert found.problems == frozenset()
    assert found.policies.version == files.version
    # The outing of the iCalendar file came along.
    spans = [[*each.calendars["desk"].periods(*PAST_FIRST_OF_MAY)] for each in (found.policies, files)]
    assert spans[0] == spans[1]
    assert [span.start for span in spans[0]] == [at("2026-05-05T09:00")]


def test_shipped_policies_can_be_published() -> None:
    (path,) = policy_paths(["three-desks"])
    found = log((path.name, PublishedVersion.of_file(path))).outcome()
    assert found.policies.version == load_policies(["three-desks"]).version


def test_the_newest_of_a_name_counts_and_what_is_withdrawn_does_not(tmp_path: Path) -> None:
    old, new = (folder(tmp_path / name, a=f"2026-01-01 {name}") for name in ("1bh", "2bh"))
    folder(new, b="2026-06-01 3bh")
    records = [("a", version(old, "a")), ("b", version(new, "b")), ("a", version(new, "a"))]
    assert log(*records).outcome().policies.version == load_policies([str(new)]).version
    alone = load_policies([str(new / "a.policy.yaml")]).version
    assert log(*records, ("b", None)).outcome().policies.version == alone
    nothing = log(*records, ("b", None), ("a", None), ("never", None)).outcome()
    assert (nothing.policies.version, nothing.texts, nothing.problems) == ("", {}, frozenset())


def test_a_calendar_that_is_published_anew_is_that_of_all_versions(tmp_path: Path) -> None:
    old, new = (folder(tmp_path / name, a="2026-01-01 1bh", b="2026-06-01 1bh") for name in "on")
    (new / "days.ics").write_text(DAYS.replace("20260504", "20260505"))
    topic = log(("a", version(old, "a")), ("b", version(new, "b")))
    spans = topic.outcome().policies.calendars["desk"].periods(*PAST_FIRST_OF_MAY)
    assert [span.start for span in spans] == [at("2026-05-04T09:00")]


def damaged(path: Path, name: str) -> list[tuple[bytes, str]]:
    said = json.loads(version(path, name).encode())
    policy = version(path, name)
    wrong = PublishedVersion(policy=policy.policy.replace("mode: live", "mode: lively"), files=policy.files)
    alone = PublishedVersion(policy=policy.policy, files={})
    closed = PublishedVersion(policy=policy.policy, files=policy.files | {"hours/desks.yaml": "calendars: ["})
    return [
        (b"\xff\x00", "policies/x: document = '': must be a published version"),
        (b"[1]", "must be a published version: Expected `object`, got `array`"),
        (json.dumps({key: said[key] for key in said if key != "policy"}).encode(), "missing required field `policy`"),
        (json.dumps(said | {"format": 2}).encode(), "policies/x: format = 2: must be 1"),
        (json.dumps(said | {"policy": said["policy"] + "#"}).encode(), "they were damaged"),
        (wrong.encode(), "policies/x:5: policies[0].mode = 'lively': unknown"),
        (alone.encode(), "policies/x:2: calendars[0] = 'hours/desks.yaml': there is no file policies/hours/desks.yaml"),
        (closed.encode(), "policies/hours/desks.yaml:1: document = '': must be YAML"),
        (PublishedVersion(policy="[" * 1_000, files={}).encode(), "policies/x: cannot be read: RecursionError"),
    ]


@pytest.mark.parametrize("number", range(9))
def test_a_broken_record_changes_nothing_and_says_why(number: int, tmp_path: Path) -> None:
    folder(tmp_path, x="2026-01-01 1bh", y="2026-06-01 1bh")
    value, said = damaged(tmp_path, "x")[number]
    good = version(tmp_path, "x")
    topic = log(("x", good), ("y", version(tmp_path, "y")), ("x", value))
    found = topic.outcome()
    assert found.policies.version == load_policies([str(tmp_path)]).version
    (problem,) = found.problems
    assert said in problem
    topic.put(b"x", good.encode())
    assert topic.outcome().problems == frozenset()


def test_what_a_damaged_text_has_is_told_with_its_name() -> None:
    with pytest.raises(PolicyError, match=r"policies/x: sha256 = 'beef': the texts have [0-9a-f]{64}"):
        PublishedVersion.decode("x", b'{"format":1,"policy":"","files":{},"sha256":"beef"}')


def test_versions_that_do_not_go_together_wait_for_what_mends_them(tmp_path: Path) -> None:
    folder(tmp_path, a="2026-01-01 1bh", b="2026-06-01 2bh")
    swapped = folder(tmp_path / "swapped", a="2026-06-01 1bh", b="2026-01-01 2bh")
    topic = log(*((name, version(tmp_path, name)) for name in "ab"))
    before = topic.outcome().policies.version
    topic.put(b"a", version(swapped, "a").encode())
    found = topic.outcome()
    assert found.policies.version == before
    (problem,) = found.problems
    assert "policies/a:1: effective_from" in problem
    assert "policies/b holds from the same instant" in problem
    topic.put(b"b", version(swapped, "b").encode())
    assert topic.outcome().policies.version == load_policies([str(swapped)]).version
    assert topic.outcome().problems == frozenset()


@pytest.fixture(scope="module")
def records() -> list[tuple[str, bytes | None]]:
    """Versions of two names, of which some do not go together; broken ones; and withdrawals."""
    found: list[tuple[str, bytes | None]] = []
    for since in ("2026-01-01", "2026-06-01"):
        for name in "ab":
            policy = SHORT.format(since=since, urgent="1h" if name == "a" else "2h")
            found.append((name, PublishedVersion(policy=policy, files={}).encode()))
    return [*found, *((name, said) for name in "ab" for said in (None, b"{}"))]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_who_follows_and_who_begins_later_come_to_the_same(
    records: list[tuple[str, bytes | None]], data: st.DataObject
) -> None:
    written = [records[number] for number in data.draw(st.lists(st.integers(0, len(records) - 1), max_size=7))]
    following = PublishedPolicies()
    for name, value in written:
        following.put(name.encode(), value)
        if data.draw(st.booleans()):
            following.outcome()
    found, fresh = following.outcome(), log(*written).outcome()
    assert (found.policies.version, found.texts, found.problems) == (
        fresh.policies.version,
        fresh.texts,
        fresh.problems,
    )


class Followed:
    """A follower of a topic that a test plays."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: list[Policies] = []
        self.in_force = PoliciesInForce(Policies(), self.taken.append)
        self.topic = PolicyTopic("nowhere", self.in_force)
        monkeypatch.setattr(policy_topic, "polls", self._polls)
        monkeypatch.setattr(policy_topic, "RETRY_S", 0.0)
        self.states: list[tuple[int, int]] = []
        """After each look how often policies were taken, and how often refused."""
        self._connections: list[list[list[PolicyRecord]]] = []
        self._all_read = asyncio.Event()

    def follow(self, *connections: list[list[PolicyRecord]]) -> None:
        """Records by connection and look; each connection is lost in the end."""
        self._connections = list(connections)

        async def scenario() -> None:
            following = asyncio.create_task(self.topic.follow())
            await self.topic.caught_up()
            await self._all_read.wait()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

        asyncio.run(scenario())

    async def _polls(self, _broker: str) -> AsyncGenerator[list[PolicyRecord], None]:
        if not self._connections:
            self._all_read.set()
            await asyncio.Event().wait()
        for records in self._connections.pop(0):
            yield records
            self.states.append((len(self.taken), self.in_force.failures))
        raise KafkaConnectionError


def test_a_follower_takes_what_is_new_once_and_counts_what_is_broken_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder(tmp_path, a="2026-01-01 1bh", b="2026-06-01 2bh")
    a, b = (PolicyRecord(name.encode(), version(tmp_path, name).encode()) for name in "ab")
    bad, worse = PolicyRecord(b"a", b"{}"), PolicyRecord(b"c", b"[]")
    followed = Followed(monkeypatch)
    followed.follow([[], [a], [a], [bad], [bad], [b], [worse], [a]], [[a, a, bad, bad, b, worse, a]], [[a, worse, b]])
    assert followed.states == [(0, 0), (1, 0), (1, 0), (1, 1), (1, 1), (2, 1), (2, 2), (2, 2), (2, 2), (2, 2)]
    assert followed.in_force.state.version == load_policies([str(tmp_path)]).version


def test_a_topic_that_cannot_be_read_lets_no_worker_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_topic, "READ_S", 0.05)
    with pytest.raises(EngineError, match="topic 'policies' at nowhere could not be read to its end"):
        Followed(monkeypatch).follow([])


def test_the_topic_keeps_the_newest_of_each_name_for_ever() -> None:
    (spec,) = (each for each in topic_specs(Settings()) if each.name == POLICIES.name)
    assert (spec.partitions, spec.config["cleanup.policy"]) == (1, "compact")
    assert "retention.ms" not in spec.config


def test_what_is_wrong_is_refused_before_any_broker_is_asked(tmp_path: Path) -> None:
    folder(tmp_path, a="2026-01-01 1bh", b="2026-01-01 1bh")
    folder(tmp_path / "more", a="2026-06-01 1bh")

    def publish(*arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(command, ["publish", "--broker", "127.0.0.1:1", *arguments])
        return done.exit_code, done.stdout, done.stderr

    checked = CliRunner().invoke(command, ["check", str(tmp_path)])
    assert checked.exit_code == 1
    status, said, error = publish(str(tmp_path))
    assert (status, error) == (1, "ticket-streams: nothing was published\n")
    assert "holds from the same instant" in said
    assert checked.stdout.startswith(said)
    assert publish() == (
        2,
        "",
        "ticket-streams: nothing to publish: name policy files, or versions to --withdraw\n",
    )
    one, more = str(tmp_path / "a.policy.yaml"), str(tmp_path / "more")
    for twice in ((one, more), (one, "--withdraw", "a.policy.yaml")):
        assert publish(*twice) == (
            2,
            "",
            "ticket-streams: a.policy.yaml is named twice: a version has one name, that of its file\n",
        )
    assert publish("no.policy.yaml")[0] == 2


def test_a_file_read_by_itself_is_called_by_its_path(tmp_path: Path) -> None:
    path = folder(tmp_path, a="2026-01-01 1bh") / "a.policy.yaml"
    assert read_policy_file(path).name == str(path)

"""What must hold at single points of the pipeline, each once broken: see tests/laws for the whole of it."""

from __future__ import annotations

from typing import Any

import pytest

from streams.figures import cells as c
from streams.figures import contributions
from streams.figures.contributions import Contribution, Item, Live
from streams.figures.options import FigureOptions
from streams.pipeline.entities import EntityStage
from streams.pipeline.kpis import KpiStage
from streams.pipeline.rules import Rules
from streams.pipeline.sent import OFFSET_KEY
from streams.stage import TallyKey
from streams.topics import SOURCES, TOPICS, partition_of
from tests.laws.histories import wire
from tests.support.local import Cluster, Logged
from tests.support.timeline import Timeline, millis


def stage(kind: Any = "call", **options: Any) -> EntityStage:
    return EntityStage(kind, partitions=1, rules=Rules(FigureOptions(**options)), lateness=600_000, reject_future=True)


def logged(line: Timeline) -> list[Logged]:
    return [Logged(offset, event.entity.encode(), wire(event)) for offset, event in enumerate(line.events)]


def waiting_call() -> Timeline:
    line = Timeline()
    line.add("call/C", "10:00", "contact.queued", queue="Q")
    return line


def figures(*lines: Timeline, as_of: str, **options: Any) -> dict[str, Any]:
    cluster = Cluster(Rules(FigureOptions(**options)), max_batch=1)
    for line in lines:
        for event in line.events:
            cluster.produce(event.kind, event.entity, wire(event))
    cluster.run(millis(as_of))
    return cluster.figures(millis(as_of))


class TestFigures:
    KEY = contributions.key_of("Q", "ticket/T")
    OPEN = contributions.encode(Contribution(8, 0, [], [Live("open.new", "", "", 0)]))
    EMPTY = contributions.encode(Contribution(16, 0, [], []))

    @pytest.mark.parametrize("together", [True, False])
    def test_an_older_set_that_arrives_after_an_empty_one_changes_nothing(self, together: bool) -> None:
        kpis = KpiStage()
        records = [Logged(0, self.KEY, self.EMPTY), Logged(1, self.KEY, self.OPEN)]
        for batch in [records] if together else [[record] for record in records]:
            step = kpis.fold(0, batch, 0)
            kpis.adopt(0, step)
        assert not any(held for group in kpis.panes[0].groups.values() for held in group.live.values())
        assert step.tally[TallyKey("contributions", "superseded")] == 1

    def test_an_older_entry_of_the_changelog_does_not_replace_a_newer_one(self) -> None:
        kpis = KpiStage()
        item = Item(c.CREATED, "", "", "", 0, 0, 1)
        newer = contributions.encode(Contribution(16, 0, [item], []))
        kpis.restore(0, [(self.KEY, newer), (self.KEY, self.OPEN)])
        kpis.panes[0].advance(0)
        assert kpis.panes[0].groups["Q", "", ""].windows["all"] == {c.CREATED: 1}


class TestDeadlines:
    def test_a_step_that_was_thrown_away_leaves_no_trace(self) -> None:
        calls = stage()
        calls.adopt(0, calls.fold(0, logged(waiting_call()), millis("10:00")))
        assert calls.due(0, millis("13:59:59")) is None
        first, again = calls.due(0, millis("14:00")), calls.due(0, millis("14:00"))
        assert first is not None
        assert again is not None
        assert again.outputs == first.outputs
        calls.adopt(0, again)
        assert calls.due(0, millis("15:00")) is None

    def test_they_are_known_again_after_recovery(self) -> None:
        calls, recovered = stage(), stage()
        step = calls.fold(0, logged(waiting_call()), millis("10:00"))
        recovered.restore(0, step.writes.items())
        assert recovered.due(0, millis("13:59:59")) is None
        assert recovered.due(0, millis("14:00")) is not None

    def test_what_passed_makes_a_newer_version_of_set_and_summary(self) -> None:
        line = waiting_call()
        line.add("call/C", "10:00", "contact.updated", customer="x")
        calls = stage()
        step = calls.fold(0, logged(line), millis("10:00"))
        calls.adopt(0, step)
        passed = calls.due(0, millis("14:00"))
        assert passed is not None
        before, after = (
            [output.value for output in one.outputs if output.topic == "contributions"] for one in (step, passed)
        )
        versions = [contributions.decode(value or b"").version for value in (*before, *after)]
        assert versions == sorted(set(versions))


class TestRecovery:
    def test_an_older_entry_of_the_changelog_does_not_replace_a_newer_one(self) -> None:
        line = waiting_call()
        calls, recovered = stage(), stage()
        older = calls.fold(0, logged(line), millis("10:01"))
        calls.adopt(0, older)
        line.add("call/C", "10:01", "contact.connected", rep="r")
        newer = calls.fold(0, logged(line)[1:], millis("10:01"))
        recovered.restore(0, [*newer.writes.items(), *older.writes.items()])
        history = recovered.history("C")
        assert history is not None
        assert len(history.events) == 2

    def test_the_offset_has_a_key_that_no_entity_can_have(self) -> None:
        line = Timeline()
        line.add("call/\x00offset", "10:00", "contact.queued", queue="Q")
        step = stage().fold(0, logged(line), 0)
        assert step.writes == {OFFSET_KEY: b"0"}
        assert [output.topic for output in step.outputs] == ["dead-letters"]


class TestDyingWorker:
    def test_what_it_sent_is_corrected_although_all_is_again_as_last_sent(self) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", queue="Q")
        for when, status in (("09:10", "pending"), ("09:20", "open"), ("09:30", "pending")):
            line.add("ticket/T", when, "ticket.status_changed", to=status)
        records, now = logged(line), millis("10:00")
        outputs = stage("ticket").fold(0, records[:3], now).outputs  # sent, but never stored
        heir = stage("ticket")
        for batch in (records[:2], records[2:]):  # pending both times: the second set equals the first
            step = heir.fold(0, batch, now)
            heir.adopt(0, step)
            outputs += step.outputs
        kpis = KpiStage()
        sets = [Logged(offset, one.key, one.value) for offset, one in enumerate(outputs)]
        kpis.adopt(0, kpis.fold(0, sets, now))
        live = {state: len(held) for state, held in kpis.panes[0].groups["Q", "", ""].live.items() if held}
        assert live == {"open.pending": 1}


class TestQueuesLeftBehind:
    def test_a_ticket_taken_out_of_all_queues_and_put_into_another(self) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", queue="A")
        line.add("ticket/T", "09:10", "ticket.assigned", queue="")
        line.add("ticket/T", "09:20", "ticket.assigned", queue="B")
        assert figures(line, as_of="10:00")["tickets"]["open"] == 1

    def test_a_contact_whose_queue_becomes_known_where_every_contact_counts(self) -> None:
        line = Timeline()
        line.add("call/C", "09:00", "contact.initiated", customer="x")
        line.add("call/C", "09:01", "contact.queued", queue="B")
        assert figures(line, as_of="10:00", recontact_from="start")["recontacts"]["contacts"] == 1

    def test_an_event_whose_contents_changed(self) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", customer="x", queue="A", uid="same")
        line.add("ticket/T", "08:00", "ticket.created", customer="y", queue="B", uid="same")
        found = figures(line, as_of="10:00")
        assert (found["tickets"]["created"], found["recontacts"]["contacts"]) == (1, 1)


class TestDeadLetters:
    @pytest.mark.parametrize(
        ("kind", "when", "reason", "field"),
        [("ticket", "10:00", "topic", "subject"), ("call", "2026-05-06 10:00:01", "time", "time")],
    )
    def test_they_keep_the_bytes_and_say_why(self, kind: str, when: str, reason: str, field: str) -> None:
        line = Timeline()
        name = "ticket.created" if kind == "ticket" else "contact.queued"
        line.add(f"{kind}/X", when, name, queue="Q")
        (record,) = logged(line)
        step = stage().fold(0, [record], millis("2026-05-05 10:00"))
        (letter,) = step.outputs
        headers = dict(letter.headers)
        assert (letter.topic, letter.key, letter.value) == ("dead-letters", record.key, record.value)
        assert (headers["reason"], headers["field"]) == (reason.encode(), field.encode())
        assert (headers["topic"], headers["partition"], headers["offset"]) == (b"calls", b"0", b"0")
        assert step.tally[TallyKey("calls", "invalid", reason)] == 1


def test_each_event_is_counted_by_how_it_was_taken() -> None:
    line = waiting_call()
    line.events.append(line.events[0])
    line.add("call/D", "11:00", "contact.queued", queue="Q")
    line.add("call/E", "10:49:59", "contact.queued", queue="Q")
    line.add("call/E", "10:50", "contact.connected")
    unknown = Logged(9, b"C", wire(line.events[0]).replace(b"contact.queued", b"contact.praised"))
    step = stage().fold(0, [*logged(line), unknown], millis("11:00"))
    found = {key.result: number for key, number in step.tally.items()}
    assert found == {"ok": 3, "duplicate": 1, "late": 1, "unknown_type": 1}
    assert step.max_event_time == millis("11:00")


def test_topics_are_named_once_and_each_kind_has_its_own() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    assert {kind: topic.name for kind, topic in SOURCES.items()} == {
        "ticket": "tickets",
        "call": "calls",
        "chat": "chats",
        "rep": "reps",
        "identity": "identities",
    }


@pytest.mark.parametrize(("key", "checksum"), [("", 0x00000000), ("a", 0xE8B7BE43), ("123456789", 0xCBF43926)])
def test_partitions_of_internal_topics_are_the_same_on_every_machine(key: str, checksum: int) -> None:
    assert partition_of(key, 4) == checksum % 4

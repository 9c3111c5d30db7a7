"""Nothing that a producer sends may lead to what a broker refuses, or to what takes long: see streams/limits.py."""

from __future__ import annotations

import time
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from agents.engine.pace import FIRST, LONG_S, SHORT_S, Pace
from agents.rules import load_rules
from streams import history as histories
from streams.codec import decode, format_time
from streams.customers import summary as summaries
from streams.customers.summary import Ending, Known, Summary
from streams.events import EVENT_TYPES, kinds_of
from streams.events.base import LABELS, MAX_TEXT
from streams.figures import cells, contributions
from streams.figures.options import FigureOptions
from streams.history import History
from streams.limits import ENTRY_BYTES, LIMITS, Limits
from streams.packing import pack, unpack
from streams.pipeline.customers import CustomerStage
from streams.pipeline.entities import EntityStage
from streams.pipeline.report import Report
from streams.pipeline.reps import RepHoursStage
from streams.pipeline.rules import Rules
from streams.reps import work
from streams.reps.work import HOUR, Span, Work
from streams.stage import MAX_BATCH, TallyKey
from tests.support.local import Cluster, Logged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streams.events import Kind
    from streams.stage import Output, Stage, Step

START = 1_777_885_200_000  # 2026-05-04 09:00 UTC
WIDE = "\U0001f4de"
"""A character of four bytes."""
SEP = contributions.SEPARATOR


def event(kind: str, entity: str, number: int, name: str, *, after_s: int | None = None, **data: Any) -> bytes:
    at = START + 1000 * (number if after_s is None else after_s)
    return orjson.dumps(
        {
            "specversion": "1.0",
            "type": f"support.{name}.v1",
            "source": "desk",
            "id": f"{entity}-{number}",
            "time": format_time(at),
            "subject": f"{kind}/{entity}",
            "data": data,
        }
    )


def logged(values: Iterable[bytes], first: int = 0) -> list[Logged]:
    return [Logged(offset, b"k", value) for offset, value in enumerate(values, first)]


def stage_of(kind: Kind, limits: Limits = LIMITS, rules: Rules | None = None) -> EntityStage:
    return EntityStage(kind, partitions=1, rules=rules or Rules(), lateness=600_000, reject_future=False, limits=limits)


def feed(stage: Stage, records: list[Logged], size: int = MAX_BATCH) -> list[Step]:
    steps = []
    for first in range(0, len(records), size):
        step = stage.fold(0, records[first : first + size], START)
        stage.adopt(0, step)
        steps.append(step)
    return steps


def tally(steps: Iterable[Step]) -> dict[str, int]:
    found: dict[str, int] = {}
    for step in steps:
        for key, number in step.tally.items():
            place = key.reason or key.result
            found[place] = found.get(place, 0) + number
    return found


def letters(steps: Iterable[Step]) -> list[Output]:
    return [output for step in steps for output in step.outputs if output.topic == "dead-letters"]


class TestHistories:
    LIMITS = LIMITS._replace(history_events=5)

    def chatter(self, number: int, first: int = 1) -> list[bytes]:
        created = [event("ticket", "T", 0, "ticket.created", queue="Q")] if first == 1 else []
        sent = [event("ticket", "T", n, "message.sent", author="customer") for n in range(first, first + number)]
        return created + sent

    @pytest.mark.parametrize("size", [1, 3, 100])
    def test_what_comes_first_is_kept_however_batches_are_cut(self, size: int) -> None:
        tickets = stage_of("ticket", self.LIMITS)
        steps = feed(tickets, logged(self.chatter(9)), size)
        assert tally(steps) == {"ok": 5, "history": 5}
        history = tickets.history("T")
        assert history is not None
        assert [entry.uid for entry in history.events] == [f"desk#T-{number}" for number in range(5)]

    def test_a_duplicate_of_what_is_kept_is_a_duplicate(self) -> None:
        tickets = stage_of("ticket", self.LIMITS)
        feed(tickets, logged(self.chatter(9)))
        steps = feed(tickets, logged([*self.chatter(4), *self.chatter(1, 7)], 10))
        assert tally(steps) == {"duplicate": 5, "history": 1}
        assert not [output for output in steps[0].outputs if output.topic == "contributions"]

    def test_what_would_take_the_place_of_another_needs_room_too(self) -> None:
        tickets = stage_of("ticket", self.LIMITS)
        feed(tickets, logged(self.chatter(4)))
        earlier = [event("ticket", "T", 4, "message.sent", author="rep", after_s=second) for second in (3, 2)]
        assert tally(feed(tickets, logged(earlier, 5))) == {"history": 2}
        history = tickets.history("T")
        assert history is not None
        assert not history.replaced

    def test_dead_letters_say_field_value_and_rule(self) -> None:
        letter = letters(feed(stage_of("ticket", self.LIMITS), logged(self.chatter(5))))[0]
        headers = dict(letter.headers)
        assert headers["reason"] == b"history"
        assert headers["error"] == b"subject = 5: has 5 events at most"
        assert letter.value == self.chatter(5)[-1]

    def test_bytes_count_as_well(self) -> None:
        tickets = stage_of("ticket")
        reason = WIDE * MAX_TEXT
        updates = (event("ticket", "T", n, "ticket.updated", reason=reason, team=reason) for n in count(1))
        created = event("ticket", "T", 0, "ticket.created", queue="Q")
        taken = tally(feed(tickets, logged([created, *(next(updates) for _ in range(400))])))
        history = tickets.history("T")
        assert history is not None
        stored = len(histories.encode(history))
        assert LIMITS.history_bytes - ENTRY_BYTES < stored <= LIMITS.history_bytes
        assert taken["ok"] == len(history.events)
        assert taken["history"] == 401 - len(history.events)

    @pytest.mark.parametrize(
        ("field", "most"),
        [("queue", LIMITS.history_queues), ("rep", LIMITS.history_reps), ("customer", LIMITS.history_customers)],
    )
    def test_so_do_the_names_in_them(self, field: str, most: int) -> None:
        updates: list[Any] = [{field: f"{field}{number % (most + 3)}"} for number in range(2 * (most + 3))]
        created = event("ticket", "T", 0, "ticket.created")
        named = [event("ticket", "T", n, "ticket.updated", **data) for n, data in enumerate(updates, 1)]
        steps = feed(stage_of("ticket"), logged([created, *named]))
        assert tally(steps) == {"ok": 1 + 2 * most, "history": 6}
        assert dict(letters(steps)[0].headers)["field"] == f"data.{field}".encode()

    def test_and_what_a_handle_is_said_to_be(self) -> None:
        said = [event("identity", "h", n, "identity.merged", into=f"c{n}") for n in range(60)]
        assert tally(feed(stage_of("identity"), logged(said))) == {
            "ok": LIMITS.history_customers,
            "history": 60 - LIMITS.history_customers,
        }

    def test_a_rep_has_as_many_in_every_hour(self) -> None:
        beats = [event("rep", "r", n, "rep.heartbeat", after_s=n * 600) for n in range(18)]
        assert tally(feed(stage_of("rep", self.LIMITS), logged(beats))) == {"ok": 15, "history": 3}

    def test_the_report_takes_as_many(self) -> None:
        report = Report(Rules())
        for value in self.chatter(LIMITS.history_events + 50):
            report.add(decode(value))
        assert report.events["ok"] == LIMITS.history_events
        assert report.events["invalid"] == 51


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_no_event_takes_more_of_a_history_than_is_counted_on(name: str) -> None:
    properties = EVENT_TYPES[name].__struct_fields__
    texts = dict.fromkeys(LABELS, WIDE * MAX_TEXT)
    for field in properties:
        if field in ("into", "from_ticket", "message", "calendar", "canonical"):
            texts[field] = WIDE * MAX_TEXT
    if "to" in properties and name != "ticket.status_changed":
        texts["to"] = WIDE * MAX_TEXT
    data: dict[str, Any] = {**texts, "channel": "social", "direction": "outbound", "test": True}
    data |= {"to": "on_hold"} if name == "ticket.status_changed" else {}
    data |= {field: value for field, value in (("level", 9), ("author", "customer")) if field in properties}
    data |= {"state": "available"} if "state" in properties else {}
    data |= {"capacity": 1000} if "capacity" in properties else {}
    kind = kinds_of(name)[0]
    document = orjson.loads(event(kind, WIDE * 200, 1, name, **data))
    document |= {"source": WIDE * MAX_TEXT, "id": WIDE * MAX_TEXT, "sequence": str((1 << 63) - 1)}
    size = len(histories.encode(History(1, [decode(orjson.dumps(document)).entry])))
    assert 9_000 < size < ENTRY_BYTES


LONG = {"rep": WIDE * MAX_TEXT, "priority": WIDE * MAX_TEXT}


def messages(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "ticket.created", {"queue": "billing", "channel": "email", "customer": "c", **LONG}
    for n in range(1, number):
        yield "message.sent", {"author": "customer" if n % 2 else "rep"}


def reopens(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "ticket.created", {"queue": "billing", "channel": "email", "customer": "c", **LONG}
    for n in range(1, number):
        yield "ticket.status_changed", {"to": ("solved", "open", "pending", "on_hold")[n % 4]}


def wanderings(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "ticket.created", {"queue": "q0", "channel": "email", "customer": "c0", "rep": "r0"}
    for n in range(1, number):
        yield "ticket.assigned", {"queue": f"q{n % 50}", "rep": f"r{n % 500}", "customer": f"c{n % 50}"}


def transfers(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    round_trip: tuple[tuple[str, dict[str, Any]], ...] = (
        ("contact.queued", {}),
        ("contact.offered_to_rep", {}),
        ("contact.connected", {}),
        ("contact.held", {}),
        ("contact.retrieved", {}),
        ("contact.transferred", {}),
    )
    yield "contact.initiated", {"queue": WIDE * MAX_TEXT, "customer": "c", **LONG}
    for n in range(1, number):
        yield round_trip[(n - 1) % 6]


def dialogue(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "contact.queued", {"queue": "billing", "customer": "c", **LONG}
    yield "contact.connected", {}
    for n in range(2, number):
        yield "message.sent", {"author": "customer" if n % 2 else "rep"}


CALENDARS = "agents/policies/three-desks.calendars.yaml"
POLICY = "agents/policies/three-desks.policy.yaml"


@pytest.mark.parametrize("policies", [False, True], ids=["plain", "promised"])
@pytest.mark.parametrize(
    ("kind", "story"),
    [
        ("ticket", messages), ("ticket", reopens), ("ticket", wanderings),
        ("call", transfers), ("chat", transfers), ("chat", dialogue),
    ],
)  # fmt: skip
def test_all_that_follows_from_the_largest_history_fits_into_a_record(kind: Kind, story: Any, policies: bool) -> None:
    rules = Rules()
    if policies:
        rules = load_rules(
            FigureOptions(default_calendar="support-berlin"), calendars_file=CALENDARS, policies=[POLICY]
        )
    told = story(LIMITS.history_events)
    values = [event(kind, "E", n, name, after_s=60 * n, **data) for n, (name, data) in enumerate(told)]
    first = stage_of(kind, rules=rules)
    step = first.fold(0, logged(values), START + 60_000 * len(values))
    assert tally([step]) == {"ok": LIMITS.history_events}
    taken: list[Step] = [step]
    later: list[Stage] = [CustomerStage(partitions=1, rules=rules), RepHoursStage(partitions=1, rules=rules)]
    for stage in later:
        records = [Logged(n, one.key, one.value) for n, one in enumerate(step.outputs) if one.topic == stage.source]
        taken += feed(stage, records)
    for one in taken:
        for output in one.outputs:
            headers = sum(len(name) + len(value or b"") for name, value in output.headers)
            assert len(output.key or b"") + len(output.value or b"") + headers < LIMITS.record_bytes, output.topic
        for key, value in one.writes.items():
            assert len(key) + len(value or b"") < LIMITS.record_bytes, key
    assert sum(len(output.value or b"") for output in step.outputs) < 10_000_000


def test_what_is_packed_is_read_as_it_was() -> None:
    small, large = b"\x94\x01\x02", b"\x94" + b"a label" * 20_000
    assert pack(small) is small
    assert len(pack(large)) < 2000
    assert unpack(pack(large)) == large
    assert unpack(small) is small


class TestLargeEvents:
    @staticmethod
    def of(size: int, key: bytes = b"k") -> Logged:
        value = event("ticket", "T", 0, "ticket.created", queue="Q", text="")
        return Logged(0, key, value.replace(b'"text":""', b'"text":"%s"' % (b"x" * (size - len(value) - len(key)))))

    def test_as_large_as_may_be_is_taken(self) -> None:
        step = stage_of("ticket").fold(0, [self.of(LIMITS.event_bytes)], START)
        assert step.tally[TallyKey("tickets", "ok")] == 1

    def test_one_byte_more_is_a_dead_letter_and_whole(self) -> None:
        record = self.of(LIMITS.event_bytes + 1)
        steps = feed(stage_of("ticket"), [record])
        assert tally(steps) == {"size": 1}
        (letter,) = letters(steps)
        assert letter.value == record.value
        assert dict(letter.headers)["error"] == (
            b"value = 900001: key, value and headers must have at most 900000 bytes"
        )

    @pytest.mark.parametrize("size", [1_010_000, 1_048_000, 5_000_000])
    def test_what_does_not_fit_is_cut_and_the_headers_say_so(self, size: int) -> None:
        record = self.of(size, b"k" * 5000)
        (letter,) = letters(feed(stage_of("ticket"), [record]))
        headers = dict(letter.headers)
        assert record.value is not None
        assert letter.value is not None
        assert record.value.startswith(letter.value)
        assert headers["value-bytes"] == str(len(record.value)).encode()
        assert headers["value-sha256"] == sha256(record.value).hexdigest().encode()
        assert letter.key == b"k" * 4096
        assert headers["key-bytes"] == b"5000"
        total = (
            len(letter.value) + len(letter.key) + sum(len(name) + len(said or b"") for name, said in headers.items())
        )
        assert LIMITS.record_bytes - 2000 < total <= LIMITS.record_bytes

    def test_headers_count_too(self) -> None:
        record = Logged(0, b"k", b"{}", (("ce_type", b"x" * LIMITS.event_bytes),))
        assert tally(feed(stage_of("ticket"), [record])) == {"size": 1}


class TestSwitchboards:
    RULES = Rules(FigureOptions(shared_after_contacts=10))

    @staticmethod
    def call(number: int, handle: str = "h", version: int = 8) -> Logged:
        began = START + number * 3_600_000
        said = Summary(began, [Ending(began + 60_000)], "Q", "voice", "", queues=["Q"])
        return Logged(number, f"{handle}{SEP}call/{number}".encode(), summaries.encode(Known(version, said)))

    def standing(self, steps: Iterable[Step]) -> dict[bytes, set[str]]:
        newest: dict[bytes, tuple[int, set[str]]] = {}
        for step in steps:
            for output in step.outputs:
                assert output.key is not None
                found = contributions.decode(output.value or b"")
                if newest.get(output.key, (0, set()))[0] <= found.version:
                    newest[output.key] = (found.version, {item.cell for item in found.items})
        return {key: said for key, (_, said) in newest.items()}

    @pytest.mark.parametrize("size", [1, 4, 100])
    def test_one_contact_too_many_makes_all_of_them_several_customers(self, size: int) -> None:
        shared = f"{cells.UNATTRIBUTABLE}shared_number"
        calls = [self.call(number) for number in range(11)]
        stage = CustomerStage(partitions=1, rules=self.RULES)
        before = self.standing(feed(stage, calls[:10], size))
        assert all(cells.ATTRIBUTABLE in said for said in before.values())
        after = self.standing([*feed(CustomerStage(partitions=1, rules=self.RULES), calls, size)])
        assert list(after.values()) == [{shared}] * 11

    def test_from_then_on_only_what_is_touched_is_derived(self) -> None:
        stage = CustomerStage(partitions=1, rules=self.RULES)
        feed(stage, [self.call(number) for number in range(50)])
        heir = CustomerStage(partitions=1, rules=self.RULES)
        for known in (stage, heir):
            if known is heir:
                entries = [(one.key or b"", one.value) for one in map(self.call, range(50))]
                heir.restore(0, entries)
            step = known.fold(0, [self.call(50), self.call(3, version=16)], START)
            assert len(step.outputs) == 2

    def test_another_handle_is_what_it_was(self) -> None:
        steps = feed(
            CustomerStage(partitions=1, rules=self.RULES),
            [*(self.call(number) for number in range(20)), self.call(20, "other"), self.call(21, "other")],
        )
        said = self.standing(steps)
        assert f"{cells.RECONTACT}24h.any" in said[f"Q{SEP}customer/other/call/21".encode()]


class TestReps:
    LIMITS = LIMITS._replace(rep_hour_spans=4)

    @staticmethod
    def talk(number: int, *starts: int, version: int = 8) -> Logged:
        spans = [Span("talk", START + at, START + at + 60_000, "Q") for at in starts]
        known = work.Known(version, Work(channel="voice", queues=["Q"], spans=spans))
        return Logged(number, f"r{SEP}call/{number}".encode(), work.encode(known))

    @pytest.mark.parametrize("size", [1, 100])
    def test_contacts_beyond_what_a_person_can_do_in_an_hour_are_left_out(self, size: int) -> None:
        stage = RepHoursStage(partitions=1, rules=Rules(), limits=self.LIMITS)
        records = [self.talk(number, number * 60_000, number * 60_000 + 1) for number in range(4)]
        records += [self.talk(4, HOUR + 1), self.talk(0, 0, 1, version=16), self.talk(1, version=16), self.talk(5, 9)]
        steps = feed(stage, records, size)
        # What is known already takes no more, and what an entity takes back makes room.
        assert tally(steps) == {"ok": 6, "crowded": 2}

    def test_many_at_once_take_no_time_to_speak_of(self) -> None:
        stage = RepHoursStage(partitions=1, rules=Rules())
        endless = [
            Logged(n, f"bot{SEP}chat/{n}".encode(), work.encode(work.Known(8, Work(
                chat=True, channel="chat", queues=["Q"], spans=[Span("talk", START + n * 7000, 0, "Q")]))))
            for n in range(5000)
        ]  # fmt: skip
        began = time.process_time()
        feed(stage, endless)
        assert time.process_time() - began < 15  # 1.5 s; it was 39 s when each step cost all that went on


def test_a_flood_of_one_ticket_leaves_all_other_figures_exact() -> None:
    def produce(cluster: Cluster, *, flooded: bool) -> None:
        for n in range(LIMITS.history_events + 300):
            if flooded:
                name = "message.sent" if n else "ticket.created"
                cluster.produce("ticket", "F", event("ticket", "F", n, name, queue="flooded", author="rep"))
            if n % 100 == 0:
                cluster.produce("ticket", f"T{n}", event("ticket", f"T{n}", n, "ticket.created", queue="Q"))
            if n % 100 == 50:
                cluster.produce("ticket", f"T{n - 50}", event("ticket", f"T{n - 50}", n, "ticket.solved"))

    found = []
    for flooded in (False, True):
        cluster = Cluster(Rules())
        produce(cluster, flooded=flooded)
        as_of = START + 4_000_000
        cluster.run(as_of)
        found.append((cluster.figures(as_of, of="Q"), len(cluster.dead_letters())))
    (calm, none), (rough, refused) = found
    assert none == 0
    assert refused == 300
    assert rough == calm
    assert rough["tickets"]["created"] == 23


class TestPace:
    def test_a_stage_gets_twice_as_much_while_it_takes_it_quickly(self) -> None:
        pace = Pace()
        for _ in range(10):
            pace.took(pace.size, SHORT_S / 2)
        assert pace.size == MAX_BATCH

    def test_and_half_of_what_took_long_but_one_record_at_least(self) -> None:
        pace = Pace()
        pace.took(FIRST, LONG_S * 2)
        assert pace.size == FIRST // 2
        for _ in range(10):
            pace.took(pace.size, LONG_S * 2)
        assert pace.size == 1

    def test_a_small_batch_says_nothing_of_large_ones(self) -> None:
        pace = Pace()
        pace.took(1, SHORT_S / 2)
        pace.took(FIRST, (SHORT_S + LONG_S) / 2)
        assert pace.size == FIRST


@pytest.mark.parametrize("kind", ["ticket", "chat"])
@pytest.mark.parametrize("year", ["0001", "1899", "1970", "2099", "2999", "9999"])
def test_no_year_ends_a_worker(kind: Kind, year: str) -> None:
    options = FigureOptions(default_calendar="support-berlin", default_zone="America/New_York")
    cluster = Cluster(load_rules(options, calendars_file=CALENDARS, policies=[POLICY]))
    told = {
        "ticket": ("ticket.created", "message.sent", "ticket.solved"),
        "chat": ("contact.queued", "contact.connected", "contact.ended"),
    }[kind]
    for n, name in enumerate(told):
        document = orjson.loads(event(kind, "E", n, name, queue="billing", rep="r", author="rep"))
        document["time"] = f"{year}-12-31T23:59:5{n}-23:59"
        cluster.produce(kind, "E", orjson.dumps(document))
    cluster.run(START)
    assert len(cluster.dead_letters()) == (0 if "1970" <= year < "2999" else 3)
    cluster.figures(START)

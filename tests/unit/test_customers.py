"""Single points of what customers' contacts say together: see tests/laws for the whole of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streams.codec import RejectedError, decode
from streams.customers import handles
from streams.customers import summary as summaries
from streams.customers.derive import derive as derive_customer
from streams.customers.handles import Handle, Held, Note
from streams.customers.summary import Ending, Known, Summary
from streams.figures.options import FigureOptions
from streams.figures.panes import GroupKey, Panes
from streams.figures.rushed import judge, strata_of
from streams.figures.series import samples
from streams.history import EMPTY, merge
from streams.pipeline.customers import CustomerStage
from streams.pipeline.derive import derive
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.laws.histories import wire
from tests.support.local import Logged
from tests.support.timeline import Timeline, millis

LATER = "2026-06-30 00:00:00"


def total(line: Timeline, as_of: str = LATER, **options: Any) -> dict[str, Any]:
    collected = Report(Rules(FigureOptions(**options)))
    for event in line.events:
        collected.add(event)
    found: dict[str, Any] = collected.result(millis(as_of))["total"]
    return found


def bot_solved(customer: str | None = "anna") -> Timeline:
    line = Timeline()
    known = {} if customer is None else {"customer": customer}
    line.add("ticket/T", "09:00", "ticket.created", channel="chat", queue="Q", **known)
    line.add("ticket/T", "09:05", "bot.resolved")
    return line


def call(line: Timeline, start: str, **known: Any) -> None:
    subject = f"call/{len(line.events)}"
    line.add(subject, start, "contact.queued", queue="phone", **known)
    line.add(subject, start, "contact.connected", rep="r")


class TestContainment:
    """M41: what a bot contained is verified when the customer turned to people on no channel."""

    def verified(self, line: Timeline, as_of: str = LATER) -> tuple[int, int]:
        found = total(line, as_of)["tickets"]["bot_containment_verified"]
        return found["numerator"], found["denominator"]

    def test_it_ripens_when_nobody_was_turned_to(self) -> None:
        assert self.verified(bot_solved(), "2026-05-11 09:04:59") == (0, 0)
        assert self.verified(bot_solved(), "2026-05-11 09:05:00") == (1, 1)

    @pytest.mark.parametrize(
        ("when", "verified"),
        [("2026-05-11 09:05", 0), ("2026-05-11 09:06", 1), ("2026-05-04 09:04", 1)],
    )
    def test_a_call_to_people_within_the_window_revokes_it(self, when: str, verified: int) -> None:
        line = bot_solved()
        call(line, when, customer="anna")
        assert self.verified(line) == (verified, 1)

    def test_a_call_of_somebody_else_does_not(self) -> None:
        line = bot_solved()
        call(line, "2026-05-05 09:00", customer="berta")
        call(line, "2026-05-05 09:00", direction="outbound", customer="anna")
        assert self.verified(line) == (1, 1)

    def test_a_call_under_another_handle_of_the_customer_does(self) -> None:
        line = bot_solved()
        call(line, "2026-05-05 09:00", customer="tel:a")
        line.add("identity/tel:a", "2026-06-01 00:00", "identity.observed", canonical="anna")
        assert self.verified(line) == (0, 1)

    def test_another_conversation_that_a_bot_contained_is_no_turn_to_people(self) -> None:
        line = bot_solved()
        line.add("chat/C", "2026-05-05 09:00", "contact.initiated", customer="anna", queue="Q")
        line.add("chat/C", "2026-05-05 09:01", "bot.resolved")
        assert self.verified(line) == (1, 1)
        line.add("chat/D", "2026-05-06 09:00", "contact.initiated", customer="anna", queue="Q")
        line.add("chat/D", "2026-05-06 09:01", "bot.handoff")
        assert self.verified(line) == (0, 1)
        chats = total(line)["chats"]["bot_containment_verified"]
        assert (chats["numerator"], chats["denominator"]) == (0, 1)

    @pytest.mark.parametrize("shared", [False, True])
    def test_of_who_is_not_known_only_the_conversation_itself_tells(self, shared: bool) -> None:
        line = bot_solved("switchboard" if shared else None)
        call(line, "2026-05-05 09:00", **({"customer": "switchboard"} if shared else {}))
        if shared:
            line.add("identity/switchboard", "2026-05-01 00:00", "identity.shared")
        assert self.verified(line) == (1, 1)
        line.add("ticket/T", "2026-05-06 09:00", "ticket.reopened")
        assert self.verified(line) == (0, 1)


class TestOneTouch:
    """M52: solved with one rep, or one public reply, and nobody came again."""

    def touched(self, line: Timeline) -> tuple[int, int]:
        found = total(line)["recontacts"]["fcr_one_touch"]
        return found["numerator"], found["denominator"]

    def test_transferred_but_solved_is_resolved_at_first_contact_and_not_in_one_touch(self) -> None:
        line = Timeline()
        call(line, "09:00", customer="anna")
        subject = "call/0"
        line.add(subject, "09:05", "contact.transferred", transfer="blind")
        line.add(subject, "09:05", "contact.connected", rep="s")
        line.add(subject, "09:10", "contact.ended")
        assert self.touched(line) == (0, 1)
        at_once = total(line)["recontacts"]["fcr_no_recontact"]["7d"]["any"]
        assert (at_once["numerator"], at_once["denominator"]) == (1, 1)

    @pytest.mark.parametrize(
        ("replies", "reopened", "touched"), [(0, False, 1), (1, False, 1), (2, False, 0), (1, True, 0)]
    )
    def test_tickets(self, replies: int, reopened: bool, touched: int) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", customer="anna", queue="Q")
        for minute in range(replies):
            line.add("ticket/T", f"09:1{minute}", "message.sent", author="rep")
        line.add("ticket/T", "09:30", "ticket.solved")
        if reopened:
            line.add("ticket/T", "09:40", "ticket.reopened")
            line.add("ticket/T", "09:50", "ticket.solved")
        assert self.touched(line) == (touched, 1)


class TestHandles:
    SUMMARY = Summary(1000, [Ending(2000)], "Q", "voice", "", queues=["Q"])

    def test_a_record_as_it_came_is_a_slot_of_what_only_ever_counted_here(self) -> None:
        assert handles.decode_held(summaries.encode(Known(8, self.SUMMARY))) == Held(8, self.SUMMARY, [""])

    def test_a_note_is_stored_again_with_the_slots_that_a_dead_worker_left_out(self) -> None:
        handle = Handle("a")
        handle.take_note(Note(8, "b"))
        handle.recover("call/1", Held(8, self.SUMMARY, [""]))
        assert handle.take_note(Note(8, "b")) == ["call/1"]
        assert handle.take_note(Note(8, "b")) is None
        assert [(relay.to, relay.slot) for relay in handle.relays()] == [("b", "call/1\x1fa")]

    def test_a_slot_recovered_twice_knows_the_ways_of_both(self) -> None:
        handle = Handle("a")
        handle.take_note(Note(16))
        handle.recover("call/1", Held(8, self.SUMMARY, ["", "b"]))
        handle.recover("call/1", Held(8, self.SUMMARY, [""]))
        assert handle.slots["call/1"].routes == ["", "b"]

    def test_the_same_record_again_is_not_sent_on_again(self) -> None:
        stage = CustomerStage(partitions=1, rules=Rules())
        records = [
            Logged(0, b"a\x1f", handles.encode(Note(8, "b"))),
            Logged(1, b"a\x1fcall/1", summaries.encode(Known(8, self.SUMMARY))),
        ]
        first = stage.fold(0, records, 0)
        stage.adopt(0, first)
        assert [output.key for output in first.outputs] == [b"b\x1fcall/1\x1fa"]
        assert not stage.fold(0, records, 0).outputs


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("identity.observed", "canonical", ""),
        ("identity.merged", "into", "x" * 257),
        ("identity.merged", "into", "a\x1fb"),
        ("identity.unmerged", "into", "b\n"),
        ("identity.merged", "into", None),
    ],
)
def test_handles_that_cannot_be_keys_are_rejected(name: str, field: str, value: Any) -> None:
    line = Timeline()
    line.add("identity/h", "09:00", name, **{field: "GOOD"})
    said = wire(line.events[0])
    assert decode(said).entity == "h"
    document = json.loads(said)
    document["data"][field] = value
    with pytest.raises(RejectedError) as error:
        decode(json.dumps(document).encode())
    assert error.value.field == f"data.{field}"


def test_the_series_of_m56_are_those_of_the_reader() -> None:
    line = Timeline()
    for day in (4, 12, 13):
        call(line, f"2026-05-{day:02} 09:00", customer=f"c{day}")
        line.add(f"call/{len(line.events) - 2}", f"2026-05-{day:02} 09:05", "contact.ended")
    panes = Panes()
    panes.advance(millis("2026-05-15 09:04:59"))
    summaries_of: dict[str, Any] = {}
    for event in line.events:
        summaries_of.setdefault(event.entity, []).append(event.entry)
    for entity, entries in summaries_of.items():
        summary = derive("call", entity, merge(EMPTY, entries).history, Rules(), millis(LATER)).summary
        assert summary is not None
        for sets in derive_customer({f"call/{entity}": summary}, FigureOptions()).values():
            for queue, (items, _) in sets.items():
                panes.apply(queue, items, 1)
    group = panes.groups["phone", "voice", ""]
    rush = judge(strata_of(group.windows["all"]), FigureOptions()).whole
    assert (rush.current.contacts, rush.mature.contacts, rush.baseline.contacts) == (2, 0, 1)
    found = {
        (sample.family, *dict(sample.labels).values()): sample.value
        for sample in samples(GroupKey("phone", "voice", ""), group, FigureOptions(rushed_min_contacts=0))
        if sample.family.startswith(("support_rushed", "support_effective"))
    }
    assert found["support_rushed_contacts", "current"] == 2
    assert found["support_rushed_contacts", "mature"] == 0
    assert found["support_rushed_handle_seconds", "baseline"] == 300
    assert found["support_effective_handle_seconds", "current"] == 300
    assert found["support_rushed_handle_time_change",] == 1.0
    assert ("support_rushed_recontact_z",) not in found
    assert ("support_rushed_same_mix_handle_time_change",) not in found, "too few to compare"
    assert found["support_rushed_comparable_contacts", "current"] == 0
    assert found["support_rushed_expected_handle_seconds",] == 0
    assert found["support_rushed_contact_index",] == 0


def test_a_ticket_without_a_reason_cannot_be_matched_by_it() -> None:
    report = Report(Rules())
    line = Timeline()
    line.add("ticket/1", "09:00", "ticket.created", queue="Q", customer="c")
    line.add("ticket/2", "09:00", "ticket.created", queue="Q", customer="d", reason="refund")
    for event in line.events:
        report.add(event)
    found = report.result()["total"]["recontacts"]
    assert (found["contacts"], found["unattributable_by_cause"]["no_reason"]) == (2, 1)

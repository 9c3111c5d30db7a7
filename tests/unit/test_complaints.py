"""Complaints: what answers them, what settles them, and what is told of them (M74, rows 000-a, 000-3 and 003-t2)."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from rich.console import Console

from agents.cli.tables import print_figures
from agents.web.merging import Merge, Part
from streams.codec import RejectedError, decode
from streams.events import EVENT_TYPES, kinds_of
from streams.figures import cells as c
from streams.figures.contributions import Item
from streams.figures.options import FigureOptions
from streams.figures.panes import Cells, GroupKey, Panes
from streams.figures.readers import figures
from streams.figures.series import samples
from streams.figures.windows import ALL
from streams.history import EMPTY, merge
from streams.lifecycles.complaint import Complaints, Wait
from streams.lifecycles.dims import NOWHERE
from streams.lifecycles.marks import Mark
from streams.pipeline.derive import derive
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.sources.mapping import Mapped, load_mapping
from tests.golden.test_business_time import OFFICE, calendar
from tests.support.timeline import Timeline, millis

Step = tuple[str, str, dict[str, Any]]


def line_of(*steps: Step, subject: str = "ticket/T") -> Timeline:
    line = Timeline()
    if subject.startswith("ticket/"):
        line.add(subject, "09:00", "ticket.created", queue="Q", channel="email", rep="owner")
    for when, name, data in steps:
        line.add(subject, when, name, **data)
    return line


def report(line: Timeline, *, rules: Rules | None = None, as_of: str | None = None, by: str = "rep") -> dict[str, Any]:
    collected = Report(rules or Rules(), by=(by,))
    for event in line.events:
        collected.add(event)
    return collected.result(None if as_of is None else millis(as_of))


def told(*steps: Step, subject: str = "ticket/T", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = report(line_of(*steps, subject=subject), **more)["total"]["complaints"]
    return found


def summed(found: dict[str, Any], name: str) -> tuple[int, float]:
    return found[f"{name}_seconds"]["count"], found[f"{name}_seconds"]["sum"]


def received(when: str = "10:00", **data: Any) -> Step:
    return when, "complaint.received", data


def acknowledged(when: str, **data: Any) -> Step:
    return when, "complaint.acknowledged", data


def resolved(when: str, **data: Any) -> Step:
    return when, "complaint.resolved", data


def said(when: str, author: str = "rep", **data: Any) -> Step:
    return when, "message.sent", {"author": author, **data}


class TestFirstAnswer:
    @pytest.mark.parametrize(
        "answer",
        [
            acknowledged("10:20"),
            acknowledged("10:20", complaint_id=""),
            said("10:20"),
            resolved("10:20"),
        ],
    )
    def test_is_an_acknowledgement_a_reply_or_the_resolution(self, answer: Step) -> None:
        found = told(received(), answer, said("11:00"), acknowledged("11:30"))
        assert summed(found, "first_reply") == (1, 1_200)

    @pytest.mark.parametrize(
        "nothing",
        [
            said("10:20", automated=True),
            said("10:20", public=False),
            said("10:20", "bot"),
            said("10:20", "system"),
            said("10:20", "customer"),
            said("09:30"),
            acknowledged("09:30"),
            resolved("09:30"),
            acknowledged("10:20", complaint_id="another"),
            ("10:20", "ticket.status_changed", {"to": "pending"}),
            ("10:20", "ticket.assigned", {"rep": "r"}),
        ],
    )
    def test_is_nothing_else(self, nothing: Step) -> None:
        found = told(received(), nothing)
        assert summed(found, "first_reply") == (0, 0)
        assert (found["received"], found["resolved"], found["open"]) == (1, 0, 1)

    def test_is_a_reply_in_the_instant_of_the_complaint(self) -> None:
        assert summed(told(received(), said("10:00")), "first_reply") == (1, 0)

    def test_is_not_the_description_that_a_rep_wrote(self) -> None:
        line = Timeline()
        line.add("ticket/T", "09:00", "ticket.created", created_by="rep")
        line.add("ticket/T", "09:00", "complaint.received")
        line.add("ticket/T", "09:00", "message.sent", author="rep")
        assert summed(report(line)["total"]["complaints"], "first_reply") == (0, 0)

    def test_is_no_message_that_was_made_private(self) -> None:
        line = line_of(received())
        line.add("ticket/T", "10:20", "message.sent", uid="m", author="rep")
        assert summed(report(line)["total"]["complaints"], "first_reply") == (1, 1_200)
        line.add("ticket/T", "12:00", "message.made_private", message="m")
        assert summed(report(line)["total"]["complaints"], "first_reply") == (0, 0)

    def test_is_to_the_credit_of_who_gave_it_whoever_the_ticket_is_assigned_to(self) -> None:
        line = line_of(
            received(rep="reception", channel="voice"), acknowledged("10:20", rep="chief"), resolved("10:30")
        )
        found = report(line)["by"]["rep"]
        assert {rep: families["complaints"]["first_reply_seconds"]["count"] for rep, families in found.items()} == {
            "owner": 0,
            "chief": 1,
            "": 0,
        }, "and a resolution that names nobody is nobody's"
        assert found["owner"]["complaints"]["received"] == 1
        last = report(line, rules=Rules(FigureOptions(attribute_to="last")))["by"]["rep"]
        assert last["chief"]["complaints"]["first_reply_seconds"]["count"] == 1
        channels = report(line, by="channel")["by"]["channel"]
        assert set(channels) == {"email"}, "by what medium it came does not move the ticket"

    @pytest.mark.parametrize(("named", "credited"), [({"rep": "chief"}, "chief"), ({}, "")])
    def test_in_a_chat_it_is_to_the_credit_of_who_wrote_it(self, named: dict[str, str], credited: str) -> None:
        line = line_of(
            ("09:00", "contact.queued", {"queue": "Q"}), ("09:05", "contact.connected", {"rep": "owner"}), received(),
            said("10:20", **named), subject="chat/c",
        )  # fmt: skip
        answers = {
            rep: families["complaints"]["first_reply_seconds"]["count"]
            for rep, families in report(line)["by"]["rep"].items()
            if "complaints" in families
        }
        assert {rep for rep, number in answers.items() if number} == {credited}

    def test_a_solve_is_none_but_ends_the_complaint(self) -> None:
        found = told(received(), ("10:40", "ticket.solved", {}))
        assert summed(found, "first_reply") == (0, 0)
        assert summed(found, "resolution") == (1, 2_400)
        assert found["open"] == 0


class TestSeveral:
    def test_without_ids_there_is_one_at_a_time_and_a_second_does_not_reset_the_first(self) -> None:
        found = told(received("10:00"), received("10:15"), said("10:20"))
        assert found["received"] == 1
        assert summed(found, "first_reply") == (1, 1_200)

    def test_after_the_end_of_one_there_is_another(self) -> None:
        found = told(received("10:00"), resolved("10:10"), received("11:00"), said("11:30"))
        assert (found["received"], found["resolved"], found["open"]) == (2, 1, 1)
        assert summed(found, "first_reply") == (2, 600 + 1_800)

    def test_ids_tell_them_apart(self) -> None:
        steps: tuple[Step, ...] = (
            received("10:00", complaint_id="a"),
            received("10:10", complaint_id="b"),
            acknowledged("10:30", complaint_id="b"),
            received("10:40", complaint_id="a"),
            resolved("11:00", complaint_id="a"),
            received("11:10", complaint_id="a"),
        )
        found = told(*steps)
        assert (found["received"], found["resolved"], found["open"]) == (2, 1, 1)
        assert summed(found, "first_reply") == (2, 1_200 + 3_600)
        assert summed(found, "resolution") == (1, 3_600)

    def test_an_answer_without_an_id_is_one_to_all(self) -> None:
        steps: tuple[Step, ...] = (
            received("10:00", complaint_id="a"),
            received("10:10", complaint_id="b"),
            acknowledged("10:30"),
        )
        assert summed(told(*steps), "first_reply") == (2, 1_800 + 1_200)
        assert told(*steps, resolved("11:00"))["resolved"] == 2

    def test_all_that_are_open_are_counted(self) -> None:
        panes = Panes()
        line = line_of(received("10:00", complaint_id="a"), received("10:10", complaint_id="b"))
        assert report(line)["total"]["complaints"]["open"] == 2
        history = merge(EMPTY, [event.entry for event in line.events]).history
        _, live = derive("ticket", "T", history, Rules(), millis("11:00")).sets["Q"]
        panes.set_live("Q", "ticket/T", live, add=True)
        group = panes.group("Q", "email", "")
        found = {
            one.family: one.value
            for one in samples(GroupKey("Q", "email", ""), group, FigureOptions())
            if not one.labels
        }
        assert found["support_complaints_open"] == 2
        assert found["support_complaint_oldest_open_received_timestamp_seconds"] == millis("10:00") / 1000


class TestReopen:
    SOLVED: tuple[Step, ...] = (received("10:00"), ("10:40", "ticket.solved", {}))

    def test_takes_the_resolution_back_until_the_next_solve(self) -> None:
        steps: tuple[Step, ...] = (*self.SOLVED, ("11:00", "ticket.reopened", {}))
        found = told(*steps)
        assert (found["resolved"], found["open"]) == (0, 1)
        again = told(*steps, ("11:30", "ticket.solved", {}))
        assert summed(again, "resolution") == (1, 5_400)

    def test_brings_back_nothing_that_was_resolved_by_itself(self) -> None:
        found = told(received(), resolved("10:20"), *self.SOLVED[1:], ("11:00", "ticket.reopened", {}))
        assert (summed(found, "resolution"), found["open"]) == ((1, 1_200), 0)

    def test_nor_what_was_over_when_the_next_complaint_came(self) -> None:
        found = told(*self.SOLVED, received("10:50"), ("11:00", "ticket.reopened", {}), said("11:20"))
        assert (found["received"], found["resolved"], found["open"]) == (2, 1, 1)
        assert summed(found, "first_reply") == (1, 1_800)

    def test_a_complaint_about_a_solved_ticket_is_open_until_it_is_solved_again(self) -> None:
        steps: tuple[Step, ...] = (("09:30", "ticket.solved", {}), received("10:00"))
        assert told(*steps, ("10:30", "ticket.closed", {}))["open"] == 1, "closing answers nobody"
        assert summed(told(*steps, ("10:30", "ticket.solved", {})), "resolution") == (1, 1_800)


class TestGone:
    ANSWERED: tuple[Step, ...] = (received("10:00"), said("10:20"), ("11:00", "ticket.solved", {}))

    @pytest.mark.parametrize("gone", [("12:00", "ticket.deleted", {}), ("12:00", "ticket.marked_spam", {})])
    def test_what_is_deleted_or_spam_was_no_complaint(self, gone: Step) -> None:
        line = line_of(*self.ANSWERED, gone)
        assert "complaints" not in report(line)["total"]
        line.add("ticket/T", "13:00", "ticket.undeleted")
        assert report(line)["total"]["complaints"]["resolved"] == 1

    def test_of_a_merged_ticket_stays_what_was_done_until_then(self) -> None:
        found = told(*self.ANSWERED, ("12:00", "ticket.merged", {"into": "9"}))
        assert (found["received"], found["resolved"], found["open"]) == (1, 0, 0), "it was never solved"
        assert summed(found, "first_reply") == (1, 1_200)

    def test_tests_are_no_complaints(self) -> None:
        assert "complaints" not in report(line_of(received(test=True), said("10:20")))["total"]


class TestContacts:
    CALL: tuple[Step, ...] = (
        ("10:00", "contact.queued", {"queue": "Q"}),
        ("10:01", "contact.connected", {"rep": "r"}),
        received("10:05"),
        ("10:10", "contact.ended", {}),
    )

    def test_the_conversation_in_which_the_customer_complains_is_no_answer(self) -> None:
        found = told(*self.CALL, subject="call/c")
        assert (found["received"], found["open"], summed(found, "first_reply")) == (1, 1, (0, 0))
        assert summed(told(*self.CALL, acknowledged("11:05"), subject="call/c"), "first_reply") == (1, 3_600)

    @pytest.mark.parametrize(
        "again",
        [
            (("10:20", "contact.queued", {}), ("10:25", "contact.connected", {"rep": "chief"})),
            (("10:20", "callback.attempted", {"rep": "chief"}), ("10:25", "callback.answered", {})),
        ],
    )
    def test_the_next_one_with_a_person_is(self, again: tuple[Step, ...]) -> None:
        found = report(line_of(*self.CALL, *again, subject="call/c"))
        assert summed(found["total"]["complaints"], "first_reply") == (1, 1_200)
        assert found["by"]["rep"]["chief"]["complaints"]["first_reply_seconds"]["count"] == 1
        assert found["by"]["rep"]["r"]["complaints"]["received"] == 1

    def test_a_complaint_of_who_still_waits_is_answered_by_whoever_takes_the_call(self) -> None:
        steps: tuple[Step, ...] = (
            ("10:00", "contact.queued", {"queue": "Q"}),
            received("10:01"),
            ("10:03", "contact.connected", {}),
        )
        assert summed(told(*steps, subject="call/c"), "first_reply") == (1, 120)

    def test_in_a_chat_only_what_is_written_counts(self) -> None:
        steps: tuple[Step, ...] = (
            ("10:00", "contact.queued", {"queue": "Q"}),
            received("10:01"),
            ("10:03", "contact.connected", {"rep": "r"}),
            said("10:04", public=False),
            said("10:05", automated=True),
            said("10:06", rep="r"),
        )
        found = report(line_of(*steps, subject="chat/c"), by="channel")
        assert summed(found["total"]["complaints"], "first_reply") == (1, 300)
        assert set(found["by"]["channel"]) == {"chat"}

    def test_what_a_complaint_says_is_not_the_contacts(self) -> None:
        aside = received("10:05", rep="other", channel="email", direction="outbound", customer="x")
        line = line_of(*self.CALL[:2], aside, *self.CALL[3:], subject="call/c")
        found = report(line)
        assert set(found["by"]["rep"]) == {"", "r"}
        assert found["by"]["rep"]["r"]["contacts"]["handled"] == 1
        assert found["total"]["recontacts"]["contacts"] == 1, "inbound, and by then it is known whose"

    def test_a_complaint_about_a_call_that_nothing_else_is_known_of(self) -> None:
        found = report(line_of(received("10:05"), subject="call/c"), by="queue")
        assert found["by"]["queue"]["unassigned"]["complaints"]["open"] == 1
        assert "contacts" not in found["total"]


def test_the_ratio_has_tickets_and_contacts_for_its_denominator() -> None:
    line = line_of(received("10:00"), received("10:05", complaint_id="b"))
    line.add("ticket/other", "10:00", "ticket.created", queue="Q")
    line.add("call/1", "10:00", "contact.queued", queue="Q")
    line.add("call/1", "10:02", "contact.queued", queue="R")
    line.add("chat/1", "10:00", "contact.queued", queue="Q")
    found = report(line)["total"]["complaints"]
    assert found["complaint_ratio"] == {"numerator": 2, "denominator": 4, "ratio": 0.5}, "a contact is one in any queue"


def test_where_nobody_complained_contacts_count_for_the_ratios_of_the_parts() -> None:
    line = line_of(received("10:00"))
    line.add("ticket/other", "2026-05-05 10:00", "ticket.created", queue="R", rep="s")
    line.add("rep/x", "10:00", "rep.logged_in", queue="Z")
    found = report(line, by="queue")
    parts = [found["by"]["queue"], found["by_day"]]
    for ratios in [
        [part["complaints"]["complaint_ratio"] for part in values.values() if "complaints" in part] for values in parts
    ]:
        assert [(one["numerator"], one["denominator"]) for one in ratios] == [(1, 1), (0, 1)]
    assert "complaints" not in found["by"]["queue"]["Z"]


@pytest.mark.asyncio
async def test_and_in_the_api_likewise() -> None:
    merge_of = Merge("1d", ("queue",))
    queues: dict[str, Cells] = {"Q": {c.CREATED: 3, c.COMPLAINT: 1}, "R": {c.CREATED: 1}, "Z": {}}
    for queue, cells in queues.items():
        merge_of.add(Part(GroupKey(queue, "email", ""), cells, {}, frozenset(), 20.0))
    found = await merge_of.read("event", 0)
    assert found["total"]["complaints"]["complaint_ratio"] == {"numerator": 1, "denominator": 4, "ratio": 0.25}
    assert {
        queue: families["complaints"]["complaint_ratio"]["denominator"]
        for queue, families in found["by"]["queue"].items()
        if "complaints" in families
    } == {"Q": 3, "R": 1}


def test_nobody_who_complains_is_no_family() -> None:
    assert "complaints" not in report(line_of(said("10:00"), acknowledged("10:30")))["total"]


def test_durations_in_business_time() -> None:
    rules = Rules.of(FigureOptions(default_calendar="office"), {"office": calendar(**OFFICE)})
    line = Timeline("2026-03-27")
    line.add("ticket/T", "15:00", "ticket.created", queue="Q")
    line.add("ticket/T", "15:30", "complaint.received")
    line.add("ticket/T", "2026-03-30 07:45", "message.sent", author="rep")
    line.add("call/c", "15:20", "contact.queued", queue="Q")
    line.add("call/c", "15:30", "complaint.received")
    line.add("call/c", "2026-03-30 08:00", "complaint.resolved")
    found = report(line, rules=rules)["total"]["complaints"]
    assert summed(found, "first_reply_business") == (2, 75 * 60 + 90 * 60)
    assert summed(found, "resolution_business") == (1, 90 * 60)


def test_any_order_and_any_repetition_give_the_same() -> None:
    line = line_of(
        received("10:00"), said("10:20"), resolved("10:30"), received("10:30"), ("10:40", "ticket.solved", {}),
    )  # fmt: skip
    expected = report(line)["total"]
    for events in permutations(line.events):
        other = Timeline()
        other.events = [*events, events[0]]
        assert report(other, as_of="10:40")["total"] == expected
    assert expected["complaints"]["received"] == 2


def test_series_are_there_wherever_there_are_contacts() -> None:
    def exported(*booked: tuple[str, int]) -> dict[str, float]:
        panes = Panes()
        panes.apply("Q", [Item(cell, "email", "", "", 0, 0, value) for cell, value in booked], 1)
        panes.advance(0)
        found = samples(GroupKey("Q", "email", ""), panes.group("Q", "email", ""), FigureOptions())
        return {one.family + one.suffix: one.value for one in found if ("window", ALL) in one.labels or not one.labels}

    some = exported((c.CREATED, 1), (c.CREATED, 1), (c.COMPLAINT, 1), (c.COMPLAINT_REPLY, 60_000))
    assert some["support_complaints_total"] == 1
    assert (some["support_complaint_numerator"], some["support_complaint_denominator"]) == (1, 2)
    assert some["support_complaint_ratio"] == 0.5
    assert some["support_complaint_first_reply_seconds_sum"] == 60
    none = exported((c.CREATED, 1))
    # The sum over queues would be wrong if those left out were just those where nobody complained.
    assert (none["support_complaint_numerator"], none["support_complaint_denominator"]) == (0, 1)
    alone = exported((c.COMPLAINT, 1))
    assert "support_complaint_ratio" not in alone, "no data is not 0"
    assert "support_tickets_created_total" not in alone


def test_the_report_for_people_shows_them() -> None:
    console = Console(record=True, width=120)
    print_figures(report(line_of(received(), said("10:20"))), console)
    shown = console.export_text()
    assert "Total: complaints" in shown
    assert "100.0% (1/1)" in shown
    assert figures({}, {}, None) == {}


def test_they_may_be_told_about_tickets_calls_and_chats() -> None:
    names = [name for name in EVENT_TYPES if name.startswith("complaint.")]
    assert names == ["complaint.received", "complaint.acknowledged", "complaint.resolved"]
    assert {kinds_of(name) for name in names} == {("ticket", "call", "chat")}


def test_an_id_that_is_too_long_is_refused() -> None:
    event = (
        '{"specversion":"1.0","type":"support.complaint.received.v1","source":"s","id":"1",'
        '"time":"2026-05-04T10:00:00Z","subject":"ticket/T","data":{"complaint_id":"%s"}}'
    )
    assert decode((event % ("x" * 256)).encode()).entry.data.complaint_id == "x" * 256
    with pytest.raises(RejectedError, match="complaint_id"):
        decode((event % ("x" * 257)).encode())


@pytest.mark.parametrize("kind", ["ticket", "call", "chat"])
def test_a_mapping_makes_them_of_a_type_or_tag(kind: str) -> None:
    document = {
        "source": "/imports/x", "kind": kind, "entity": "{id}", "zone": "as_written", "time_format": "epoch_seconds",
        "times": {"noted": "{at}"},
        "events": [
            {"event": "complaint.received", "when": {"is": {"type": "Complaint"}}, "data": {"complaint_id": "{case}"}},
            {"event": "complaint.resolved", "when": {"is": {"type": "Settled"}}, "data": {"complaint_id": "{case}"}},
        ],
    }  # fmt: skip
    lines = [
        ["id", "at", "type", "case"],
        ["1", "10", "Complaint", "a"],
        ["1", "20", "Settled", "a"],
        ["1", "30", "", ""],
    ]
    made = list(load_mapping(document, "x").events(enumerate(lines, 1), lambda text: text))
    assert [
        (one.name, one.event.kind, one.event.entry.data.complaint_id) for one in made if isinstance(one, Mapped)
    ] == [("complaint.received", kind, "a"), ("complaint.resolved", kind, "a")]
    assert len(made) == 3


class TestWaits:
    """Since when an answer is owed, for the clocks."""

    def waits(self, *steps: Step) -> list[Wait]:
        complaints = Complaints()
        for when, name, data in steps:
            mark = Mark(millis(when), NOWHERE)
            if name == "ticket.solved":
                complaints.solve(mark)
            elif name == "ticket.reopened":
                complaints.reopen(mark.at)
            else:
                complaints.receive(data.get("complaint_id", ""), mark)
        return complaints.all[-1].waits

    def test_what_ended_and_went_on_at_one_instant_never_ended(self) -> None:
        steps: list[Step] = [received("10:00"), ("10:30", "ticket.solved", {}), ("10:30", "ticket.reopened", {})]
        assert self.waits(*steps) == [Wait(millis("10:00"))]
        assert self.waits(*steps, ("10:40", "ticket.solved", {}), ("10:50", "ticket.reopened", {})) == [
            Wait(millis("10:00"), millis("10:40"), "solved"),
            Wait(millis("10:50")),
        ]

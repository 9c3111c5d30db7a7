"""Pilots for a share of the customers: whom they draw, that they always draw the same, and what that does to clocks."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.figures.options import FigureOptions
from streams.history import EMPTY, merge
from streams.lifecycles.contact import fold_contact
from streams.pipeline.derive import derive
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from streams.sla.clocks import Instance, Kind
from streams.sla.explanation import explain
from streams.sla.matching import Cohort, Labels, Match
from streams.sla.of_entity import contact_clocks
from tests.support.sla import clocks, policies, policy, target
from tests.support.timeline import Timeline, millis

if TYPE_CHECKING:
    from streams.sla.promises import Policies

MANY = [f"customer-{number}" for number in range(20_000)]
HALF = Cohort(share=0.5)
IN, OUT = "ada", "bob"
"""Whom a pilot P of a half draws, and whom it does not; nor does it draw ticket/T and call/C by themselves."""


def tried(*metrics: str, cohort: Cohort = HALF, name: str = "P") -> Policies:
    """A pilot that promises an hour, and what holds for all others: two hours."""
    pilot = policy(*(target(each, "1h") for each in metrics), name=name, mode="pilot", cohort=cohort)
    return policies(pilot, policy(*(target(each, "2h") for each in metrics), name="all"))


def ticket(*steps: tuple[str, str, dict[str, Any]], **created: str) -> list[Instance]:
    line = Timeline()
    line.add("ticket/T", "10:00", "ticket.created", **created)
    for when, name, data in steps:
        line.add("ticket/T", when, name, **data)
    return clocks(line.events, tried("resolution"))


def promises(found: Instance) -> list[tuple[str, int]]:
    """By which policy from when on."""
    told = (Kind.ACTIVATED, Kind.TARGET_CHANGED)
    return [(each.promise.policy.name, each.at) for each in found.transitions if each.kind in told]


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["P", "email-faster", "ä"])
def test_of_many_customers_it_draws_about_the_share(name: str, share: float) -> None:
    drawn = sum(Cohort(share=share).draws(name, who) for who in MANY)
    expected = len(MANY) * share
    assert abs(drawn - expected) < 4 * sqrt(expected * (1 - share))


def test_two_pilots_draw_independently() -> None:
    tenth = Cohort(share=0.1)
    one, other = ({who for who in MANY if tenth.draws(name, who)} for name in ("email-faster", "email-faster2"))
    expected = len(MANY) / 100
    assert abs(len(one & other) - expected) < 4 * sqrt(expected)


@given(
    st.text(),
    st.text(),
    st.lists(st.floats(0, 1, exclude_min=True, exclude_max=True), min_size=2, max_size=2).map(sorted),
)
def test_who_is_in_a_share_is_in_a_larger_one(name: str, who: str, shares: list[float]) -> None:
    smaller, larger = (Cohort(share=share).draws(name, who) for share in shares)
    assert larger or not smaller
    assert Cohort().draws(name, who)


def test_whom_it_draws_never_changes() -> None:
    """Other names here mean that all pilots that run anywhere change their customers in the middle."""
    tenth = Cohort(share=0.1)
    assert [n for n in range(60) if tenth.draws("chat-faster", f"customer-{n}")] == [3, 21, 49]
    assert [n for n in range(60) if tenth.draws("phone", f"customer-{n}")] == [2, 10, 12, 17, 33, 34, 48]


def test_lists_and_share_must_both_agree() -> None:
    cohort = Cohort(team=("early",), share=0.5)
    (held,) = tried("resolution", cohort=cohort).book.sets
    for team, who, expected in (("early", IN, "P"), ("early", OUT, "all"), ("late", IN, "all"), ("late", OUT, "all")):
        found = held.first_match(Labels(team=team), who)
        assert found is not None
        assert found.name == expected
    assert cohort.matches(Labels(team="early")), "which is to say: but for the share"


def test_a_ticket_is_its_requester_s_and_without_one_its_own() -> None:
    for created, expected in (
        ({"customer": IN}, "P"),
        ({"customer": OUT}, "all"),
        ({}, "all"),
        ({"customer": ""}, "all"),
    ):
        (found,) = ticket(**created)
        assert promises(found) == [(expected, millis("10:00"))]


def test_of_what_has_no_customer_it_draws_a_share_too() -> None:
    given_policies = tried("resolution", "queue_wait", "callback")
    drawn = {"ticket": 0, "call": 0}
    for number in range(400):
        line = Timeline()
        line.add(f"ticket/{number}", "10:00", "ticket.created")
        line.add(f"call/{number}", "10:00", "contact.queued", queue="Q")
        report = Report(Rules(policies=given_policies), by=["queue"])
        for event in line.events:
            report.add(event)
        for kind, entity in (("ticket", number), ("call", number)):
            drawn[kind] += HALF.draws("P", f"{kind}/{entity}")
        said = repr(report.result(millis("10:30"))["total"]["sla"])
        assert ("'P'" in said) == any(HALF.draws("P", f"{kind}/{number}") for kind in drawn)
    assert all(150 < count < 250 for count in drawn.values())


def test_another_requester_may_bring_another_target() -> None:
    changed = ("10:30", "ticket.requester_changed", {"customer": OUT})
    (found,) = ticket(changed, customer=IN)
    assert promises(found) == [("P", millis("10:00")), ("all", millis("10:30"))]
    assert found.due == millis("12:00"), "the time that has passed counts"
    (found,) = ticket(("10:30", "ticket.requester_changed", {"customer": "eve"}), customer=IN)
    assert promises(found) == [("P", millis("10:00"))], "eve is drawn as well"
    (found,) = ticket(("10:30", "message.sent", {"author": "customer", "customer": OUT}), customer=IN)
    assert promises(found) == [("P", millis("10:00"))], "who writes need not be whose ticket it is"


def test_what_identities_become_later_changes_no_promise() -> None:
    line = Timeline()
    line.add("ticket/T", "10:00", "ticket.created", customer=IN)
    report, merged = (Report(Rules(policies=tried("resolution"))) for _ in range(2))
    for each in (report, merged):
        each.add(line.events[0])
    line.add(f"identity/{IN}", "10:10", "identity.merged", into=OUT)
    merged.add(line.events[1])
    assert merged.result(millis("11:30"))["total"]["sla"] == report.result(millis("11:30"))["total"]["sla"]


def wait(*steps: tuple[str, str, dict[str, Any]], given: Policies) -> Instance:
    line = Timeline()
    for when, name, data in steps:
        line.add("call/C", when, name, **data)
    events = merge(EMPTY, [event.entry for event in line.events]).history.events
    contact = fold_contact(events, FigureOptions(), millis("12:00"))
    assert contact is not None
    (found,) = contact_clocks("call/C", contact, events, "voice", given)
    return found


def test_a_call_is_whose_it_was_known_to_be_when_it_entered_the_queue() -> None:
    given_policies = tried("queue_wait")
    known = ("10:00", "contact.initiated", {"customer": IN})
    queued = ("10:01", "contact.queued", {"queue": "Q"})
    later = ("10:05", "contact.updated", {"customer": IN})
    answered = ("10:10", "contact.connected", {"rep": "r", "customer": OUT})
    assert promises(wait(known, queued, answered, given=given_policies)) == [("P", millis("10:01"))]
    assert promises(wait(queued, later, answered, given=given_policies)) == [("all", millis("10:01"))]


def test_the_first_customer_that_a_chat_names_is_not_who_writes_in_copy() -> None:
    line = Timeline()
    line.add("chat/C", "10:00", "contact.initiated", customer=IN)
    line.add("chat/C", "10:00", "message.sent", author="customer", customer=OUT)
    line.add("chat/C", "10:01", "contact.queued", queue="Q")
    events = merge(EMPTY, [event.entry for event in line.events]).history.events
    contact = fold_contact(events, FigureOptions(), millis("12:00"))
    assert contact is not None
    (found,) = contact_clocks("chat/C", contact, events, "chat", tried("queue_wait"))
    assert promises(found) == [("P", millis("10:01"))]


def test_what_is_owed_in_a_chat_and_to_who_complains_is_drawn_likewise() -> None:
    for customer, expected in ((IN, "P"), (OUT, "all")):
        line = Timeline()
        line.add("chat/C", "10:00", "contact.initiated", customer=customer)
        line.add("chat/C", "10:01", "message.sent", author="customer")
        line.add("chat/C", "10:02", "complaint.received")
        history = merge(EMPTY, [event.entry for event in line.events]).history
        given_policies = tried("first_reply", "complaint_reply")
        found = derive("chat", "C", history, Rules(policies=given_policies), millis("10:30")).clocks
        assert {(each.metric, promises(each)[0][0]) for each in found} == {
            ("first_reply", expected),
            ("complaint_reply", expected),
        }


def test_a_limited_group_of_staff_or_a_tier_is_known_of_calls_too() -> None:
    pilot = policy(target("queue_wait", "1h"), name="P", mode="pilot", cohort=Cohort(team=("early",)))
    gold = policy(target("queue_wait", "1h"), name="gold", selector=Match(tier=("gold",)))
    given_policies = policies(pilot, gold, policy(target("queue_wait", "2h"), name="all"))
    for said, expected in (
        ({"team": "early"}, "P"),
        ({"team": "late"}, "all"),
        ({"tier": "gold"}, "gold"),
        ({}, "all"),
    ):
        queued = ("10:01", "contact.queued", {"queue": "Q"})
        found = wait(("10:00", "contact.initiated", said), queued, given=given_policies)
        assert promises(found) == [(expected, millis("10:01"))]


def test_explanations_say_who_is_in_the_share() -> None:
    drawn = {"pilot": "P", "share": 0.5}
    for customer, keys, words in (
        (IN, ([drawn], []), "In the share of pilot P: 50% of the customers."),
        (OUT, ([], [drawn]), "Not in the share of pilot P: 50% of the customers."),
    ):
        (found,) = explain("ticket/T", ticket(customer=customer), millis("10:30"))["clocks"]
        assert (found["drawn_by"], found["not_drawn_by"]) == keys
        assert [line for line in found["words"] if "share" in line] == [words]
    line = Timeline()
    line.add("ticket/T", "10:00", "ticket.created", customer=OUT, queue="Q")
    elsewhere = tried("resolution", cohort=Cohort(queue=("A",), share=0.5))
    for given_policies in (elsewhere, policies(policy(target("resolution", "1h")))):
        (found,) = explain("ticket/T", clocks(line.events, given_policies), millis("10:30"))["clocks"]
        assert not found["drawn_by"]
        assert not found["not_drawn_by"], "it would not have come to the pilot in any case"

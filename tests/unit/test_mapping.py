"""The mapping language, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

from agents.mappings import parse_mapping, read_mapping, shipped
from agents.pseudonyms import CustomerKeyError, customer_key, pseudonymiser
from streams.sources.mapping import Ignored, Invalid, MappingError, load_mapping


def document(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "source": "/imports/x",
        "kind": "ticket",
        "entity": "{id}",
        "zone": "as_written",
        "time_format": "epoch_seconds",
        "times": {"noted": "{at}"},
        "events": [{"event": "ticket.updated", "data": {"queue": "{team}"}}],
    }
    return base | changes


def run(rows: list[list[str]], **changes: Any) -> list[Any]:
    lines = [["id", "at", "team", "state"], *rows]
    return list(load_mapping(document(**changes), "x").events(enumerate(lines, 1), lambda text: f"*{text}"))


def queues(outcomes: list[Any]) -> list[Any]:
    return [outcome.event.entry.data.queue for outcome in outcomes]


def test_spaces_around_values_are_dropped_and_absent_values_left_out() -> None:
    assert queues(run([["1", "10", " A ", ""], ["1", "11", "?", ""], ["1", "12", "", ""]], absent="?")) == [
        "A",
        None,
        None,
    ]


def test_a_fields_own_absent_list_replaces_the_mappings() -> None:
    events = [{"event": "ticket.updated", "data": {"queue": {"value": "{team}", "absent": "-"}}}]
    assert queues(run([["1", "10", "?", ""], ["1", "11", "-", ""]], absent="?", events=events)) == ["?", None]


def test_a_template_is_absent_as_soon_as_one_of_its_columns_is() -> None:
    events = [{"event": "ticket.updated", "data": {"queue": "{{{team}/%s{state}}}"}}]
    assert queues(run([["1", "10", "A", "x"], ["1", "11", "A", ""]], events=events)) == ["{A/%sx}", None]


@pytest.mark.parametrize(("otherwise", "expected"), [("keep", "z"), ("Other", "Other"), ("", None)])
def test_what_a_value_table_does_not_have(otherwise: str, expected: str | None) -> None:
    field = {"value": "{team}", "table": {"a": "Alpha"}, "otherwise": otherwise}
    events = [{"event": "ticket.updated", "data": {"queue": field}}]
    assert queues(run([["1", "10", "a", ""], ["1", "11", "z", ""]], events=events)) == ["Alpha", expected]


def test_a_value_that_the_event_does_not_know_makes_the_row_invalid() -> None:
    events = [{"event": "ticket.status_changed", "data": {"to": "{state}"}}]
    (outcome,) = run([["1", "10", "A", "strange"]], events=events)
    assert outcome == Invalid(2, "data.to", "strange", "Invalid enum value 'strange'")


def test_true_and_false_are_understood() -> None:
    events = [{"event": "ticket.updated", "data": {"test": "{state}"}}]
    outcomes = run([["1", "10", "A", "True"], ["1", "11", "A", "0"]], events=events)
    assert [outcome.event.entry.data.test for outcome in outcomes] == [True, False]


def test_customers_are_pseudonymised_and_nothing_else_is() -> None:
    (outcome,) = run([["1", "10", "A", ""]], data={"customer": "{team}"})
    assert (outcome.event.entry.data.customer, outcome.event.entry.data.queue) == ("*A", "A")


def test_derived_ids_depend_on_content_not_on_place_or_pseudonym() -> None:
    one = run([["1", "10", "A", "x"], ["1", "10", "B", "x"]], data={"customer": "{state}"})
    two = run([["1", "10", "B", "x"], ["1", "10", "A", "y"]], data={"customer": "{state}"}, sequence="row")
    assert [event.event_id for event in one] == [event.event_id for event in reversed(two)]
    assert one[0].event_id != one[1].event_id


def test_a_constant_that_is_a_columns_name_is_refused_unless_it_is_said_to_be_one() -> None:
    with pytest.raises(MappingError, match=r"data.queue = 'team': is the name of a column: write '\{team\}'"):
        run([["1", "10", "A", ""]], events=[{"event": "ticket.updated", "data": {"queue": "team"}}])
    events = [{"event": "ticket.updated", "data": {"queue": {"constant": "team"}}}]
    assert queues(run([["1", "10", "A", ""]], events=events)) == ["team"]


def test_a_column_that_the_file_lacks_is_refused_and_the_nearest_named() -> None:
    with pytest.raises(MappingError, match=r"entity = 'idd': must be a column of the file; did you mean 'id'\?"):
        run([], entity="{idd}")


def test_columns_of_one_name_are_numbered() -> None:
    mapping = load_mapping(document(events=[{"event": "ticket.updated", "data": {"queue": "{t.2}"}}]), "x")
    rows = [(1, ["id", "at", "t", "t"]), (2, ["1", "10", "first", "second"])]
    assert queues(list(mapping.events(rows, str))) == ["second"]


def test_a_file_without_header_and_of_another_width() -> None:
    layout = {"columns": ["id", "at", "team"], "fields": 4}
    with pytest.raises(MappingError, match=r"format\.fields = 4: the file has 3 columns"):
        list(load_mapping(document(format=layout), "x").events([], str))
    mapping = load_mapping(document(format=layout | {"fields": 3}), "x")
    assert queues(list(mapping.events([(1, ["1", "10", "A"])], str))) == ["A"]


def test_an_empty_file_has_no_events() -> None:
    assert list(load_mapping(document(), "x").events([], str)) == []


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"is": {"state": "x"}}, ["A"]),
        ({"is": {"state": ["x", "y"]}}, ["A", "B"]),
        ({"not": {"state": "x"}}, ["B", "C"]),
        ({"present": "state"}, ["A", "B"]),
        ({"absent": "state"}, ["C"]),
        ({"present": "state", "not": {"team": "B"}}, ["A"]),
        ({"first": "true"}, ["A"]),
        ({"first": "false"}, ["B", "C"]),
        ({"changed": "state"}, ["A", "B", "C"]),
        ({"changed": ["id"]}, ["A"]),
    ],
)
def test_conditions(when: dict[str, Any], expected: list[str]) -> None:
    events = [{"event": "ticket.updated", "when": when, "data": {"queue": "{team}"}}]
    rows = [["1", "12", "C", ""], ["1", "10", "A", "x"], ["1", "11", "B", "y"]]
    outcomes = run(rows, events=events)
    assert sorted(queues([outcome for outcome in outcomes if not isinstance(outcome, Ignored)])) == expected
    assert sum(isinstance(outcome, Ignored) for outcome in outcomes) == 3 - len(expected)


def test_rows_of_equal_time_are_put_in_order_by_sequence_then_line() -> None:
    events = [{"event": "ticket.updated", "when": {"first": "true"}, "data": {"queue": "{team}"}}]
    rows = [["1", "10", "A", "2"], ["1", "10", "B", "1"], ["1", "10", "C", "1"]]
    assert queues([o for o in run(rows, events=events, sequence="{state}") if not isinstance(o, Ignored)]) == ["B"]


def test_ignored_rows_are_no_previous_rows_and_ignore_comes_before_reject() -> None:
    events = [{"event": "ticket.updated", "when": {"first": "true"}, "data": {"queue": "{team}"}}]
    both = [{"when": {"is": {"state": "draft"}}, "because": "draft"}]
    rows = [["1", "10", "A", "draft"], ["1", "11", "B", ""]]
    assert run(rows, events=events, ignore=both, reject=both)[0] == Ignored(2, "draft")
    refused, kept = run(rows, events=events, reject=both)
    assert refused == Invalid(2, "row", "", "draft")
    assert kept.event.entry.data.queue == "B"


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "9" * 16])
def test_a_sequence_must_be_a_whole_number(text: str) -> None:
    assert run([["1", "10", "A", text]], sequence="{state}") == [
        Invalid(2, "sequence", text, "must be a whole number, 0 or more, of at most 15 digits")
    ]


def test_an_event_needs_its_time() -> None:
    assert run([["1", "", "A", ""]]) == [Invalid(2, "noted", "", "must be present: ticket.updated happens at it")]


def test_a_row_of_which_one_event_fails_yields_none() -> None:
    events = [{"event": "ticket.updated"}, {"event": "ticket.status_changed", "data": {"to": "{state}"}}]
    assert [type(outcome) for outcome in run([["1", "10", "A", "odd"]], events=events)] == [Invalid]


def test_a_rules_null_takes_out_common_data() -> None:
    events = [{"event": "ticket.updated", "data": {"queue": None}}, {"event": "ticket.assigned"}]
    assert queues(run([["1", "10", "A", ""]], events=events, data={"queue": "{team}"})) == [None, "A"]


@pytest.mark.parametrize(
    ("entry", "exit_", "seconds"),
    [
        ("23:59:50", "0:00:20", 30),
        ("12:00:00", "11:59:59", -1),
        ("12:00:00", "12:00:07", 7),
        ("20:00:00", "7:00:00", 39_600),
    ],
)
def test_calls_over_midnight(entry: str, exit_: str, seconds: int) -> None:
    times = {
        "entered": "{at} {team}",
        "left": {"value": "{at} {state}", "after_midnight_of": "entered"},
        "bounded": {"first_of": ["left"], "not_before": "entered"},
    }
    events = [{"event": "ticket.created", "at": "entered"}, {"event": "ticket.closed", "at": "left"}]
    events.append({"event": "ticket.updated", "at": "bounded"})
    row = ["1", "2026-05-04", entry, exit_]
    start, end, bounded = run([row], times=times, events=events, time_format="%Y-%m-%d %H:%M:%S")
    assert end.event.entry.time - start.event.entry.time == seconds * 1000
    assert bounded.event.entry.time - start.event.entry.time == max(seconds, 0) * 1000


def test_documents_from_other_parsers_may_hold_numbers_and_flags() -> None:
    events = [{"event": "ticket.created", "when": {"first": True, "is": {"state": 2}}}]
    mapping = load_mapping(document(events=events, figures={"repeated_solves": True, "service_level_seconds": 30}), "x")
    assert (mapping.figures.repeated_solves, mapping.figures.service_level_seconds) == (True, 30.0)
    with pytest.raises(MappingError, match=r"events\[0\].when.is.state = 2.5: must be text; put it in quotes"):
        load_mapping(document(events=[{"event": "ticket.created", "when": {"is": {"state": 2.5}}}]), "x")


def test_scalars_are_taken_as_written() -> None:
    text = 'source: /x\nkind: ticket\nentity: "{id}"\nzone: as_written\n'
    text += 'times: {t: {value: "{t}", format: iso, absent: 0:00:00}}\n'
    mapping = parse_mapping(text + "events: [{event: ticket.updated, when: {present: t}, data: {queue: no}}]\n", "x")
    rows = [(1, ["id", "t"]), (2, ["7", "0:00:00"]), (3, ["7", "2026-05-04"])]
    ignored, event = mapping.events(rows, str)
    assert ignored == Ignored(2, "no rule applies")
    assert queues([event]) == ["no"]


def test_a_mapping_that_is_neither_shipped_nor_a_file() -> None:
    with pytest.raises(MappingError, match=r"is neither a file nor a shipped mapping; did you mean 'volvo-vinst'\?"):
        read_mapping("volvo-vints")


@pytest.mark.parametrize("name", shipped())
def test_shipped_mappings_load_and_say_what_they_are_for(name: str) -> None:
    mapping = read_mapping(name)
    assert mapping.name == name
    assert mapping.about


def test_yaml_that_refers_to_itself_is_refused() -> None:
    with pytest.raises(MappingError, match="is nested too deeply"):
        parse_mapping("a: &a {b: *a}", "x")


def test_pseudonyms_are_stable_under_one_key_and_differ_under_another() -> None:
    one, again, other = (pseudonymiser(key)("zoe") for key in (b"k" * 16, b"k" * 16, b"j" * 16))
    assert one == again != other
    assert len(one) == 32


def test_the_customer_key_comes_from_the_environment_or_a_file(tmp_path: Any) -> None:
    file = tmp_path / "key"
    file.write_text("0123456789abcdef\n")
    assert customer_key({"TICKETSTREAMS_CUSTOMER_KEY_FILE": str(file)}) == b"0123456789abcdef"
    assert customer_key({"TICKETSTREAMS_CUSTOMER_KEY": "0123456789abcdef"}) == b"0123456789abcdef"
    assert customer_key({}) != customer_key({})


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TICKETSTREAMS_CUSTOMER_KEY": "short"}, "at least 16 bytes"),
        ({"TICKETSTREAMS_CUSTOMER_KEY_FILE": "/nowhere/key"}, "cannot be read: No such file"),
        ({"TICKETSTREAMS_CUSTOMER_KEY": "k" * 16, "TICKETSTREAMS_CUSTOMER_KEY_FILE": "/x"}, "are both set"),
    ],
)
def test_customer_keys_that_are_none(environment: dict[str, str], said: str) -> None:
    with pytest.raises(CustomerKeyError, match=said):
        customer_key(environment)

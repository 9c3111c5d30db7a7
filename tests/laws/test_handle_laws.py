"""One handle's contacts on their way to whoever's they are: deaths, sleepers and recovery change nothing of where they
end; and the handles together find the customer that following the aliases finds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch
from zlib import crc32

from hypothesis import given

from streams.customers import handles
from streams.customers import summary as summaries
from streams.customers.handles import Note
from streams.customers.identity import Alias, customer_of
from streams.customers.summary import Ending, Known, Summary
from streams.figures import contributions
from streams.figures.options import FigureOptions
from streams.pipeline.customers import CustomerStage
from streams.pipeline.rules import Rules
from tests.laws.tape import Tape, tapes
from tests.support.local import Logged

if TYPE_CHECKING:
    from streams.stage import Output

SEP = contributions.SEPARATOR
NAMES = ("a", "b", "c", "d")
QUIET = Rules(FigureOptions(recontact_from="start"))
"""With these a contact that counts is one item, whatever else there is."""


def contact(queue: str = "Q", *, gone: bool = False) -> Summary:
    return Summary(1000, [Ending(2000)], queue, "voice", "", gone=gone, queues=["Q", "R"])


def record(tape: Tape, versions: dict[str, int], salt: int) -> tuple[bytes, bytes]:
    """What may arrive at the handle ``a``: mostly newer than before, as sources send it, sometimes again or late."""
    slot = tape.one(("", "call/1", "", f"call/1{SEP}b", "call/2", f"call/1{SEP}b{SEP}a{SEP}"))
    newest = versions.get(slot, 0) + 8
    version = newest if tape.pick(5) != 4 else max(8, newest - 8 * (1 + tape.pick(2)))
    versions[slot] = max(version, versions.get(slot, 0))
    # What has one version has one content, as it follows from one history.
    choice = Tape(crc32(f"{salt}{slot}{version}".encode()).to_bytes(4))
    if not slot:
        note = Note(version, choice.one(("b", "", "c", "b", "")), choice.pick(6) == 5)
        return f"a{SEP}".encode(), handles.encode(note)
    known = Known(version, contact(choice.one("QR"), gone=choice.pick(3) == 2))
    return f"a{SEP}{slot}".encode(), summaries.encode(known)


def seen(outputs: list[Output]) -> dict[tuple[str, bytes], object]:
    """What stands in the end: of each key the newest, the later one where versions are equal."""
    newest: dict[tuple[str, bytes], tuple[int, object]] = {}
    for output in outputs:
        assert output.key is not None
        assert output.value is not None
        if output.topic == "contacts":
            known = summaries.decode(output.value)
            version = known.version
            content: object = None if known.summary.gone else known.summary
        else:
            found = contributions.decode(output.value)
            version, content = found.version, tuple(found.items) or None
        place = (output.topic, output.key)
        if place not in newest or newest[place][0] <= version:
            newest[place] = (version, content)
    return {place: content for place, (_, content) in newest.items() if content is not None}


@given(tapes(60), tapes(120))
def test_where_contacts_end_does_not_depend_on_who_died_when(tape: Tape, course: Tape) -> None:
    versions: dict[str, int] = {}
    salt = tape.pick(256)
    log = [Logged(offset, *record(tape, versions, salt)) for offset in range(2 + tape.pick(9))]
    # With so few contacts a handle becomes several customers' in the midst of it.
    rules = Rules(FigureOptions(recontact_from="start", shared_after_contacts=tape.one((1000, 1, 2))))
    size = 1 + course.pick(3)
    outputs: list[Output] = []
    asleep: list[Output] = []
    changelog: list[tuple[bytes, bytes | None]] = []
    late: list[tuple[bytes, bytes | None]] = []
    with patch("streams.pipeline.sent.MAX_BATCH", size):
        stage, committed, position = CustomerStage(partitions=1, rules=rules), 0, 0
        while position < len(log):
            batch = log[position : position + 1 + course.pick(size)]
            step = stage.fold(0, batch, 0)
            fate = course.pick(8)
            if fate in (1, 2):  # dies, or sleeps, among its outputs
                sent = [output for output in step.outputs if course.pick(2)]
                outputs += sent
                if fate == 2:
                    asleep += [output for output in step.outputs if output not in sent]
                    late += step.writes.items()
            else:
                outputs += step.outputs
                entries = list(step.writes.items())
                changelog += entries[: course.pick(len(entries) + 1)] if fate == 3 else entries
            if fate in (1, 2, 3, 4):  # nothing of it was acknowledged
                position = committed
                stage = CustomerStage(partitions=1, rules=rules)
                stage.restore(0, changelog)
            else:
                stage.adopt(0, step)
                position += len(batch)
                committed = position if fate != 5 else committed
            if course.pick(4) == 3:
                outputs += asleep
                changelog += late
                asleep, late = [], []
    outputs += asleep
    undisturbed = CustomerStage(partitions=1, rules=rules)
    assert seen(outputs) == seen(undisturbed.fold(0, log, 0).outputs)


@given(tapes(40))
def test_relays_end_at_the_customer_that_the_aliases_lead_to(tape: Tape) -> None:
    aliases = {name: Alias(tape.one(("", *NAMES)), tape.pick(6) == 5) for name in NAMES}
    stage = CustomerStage(partitions=1, rules=QUIET)
    log: list[Logged] = []

    def send(key: str, value: bytes) -> None:
        log.append(Logged(len(log), key.encode(), value))

    # The first aliases are others, and all is taken back on the way to the last.
    for version in (1, 2):
        for name in tape.shuffle(NAMES):
            alias = aliases[name] if version == 2 else Alias(tape.one(("", *NAMES)))
            send(f"{name}{SEP}", handles.encode(Note(version, *alias)))
            send(f"{name}{SEP}call/{name}", summaries.encode(Known(1, contact())))
    outputs: list[Output] = []
    position = 0
    while position < len(log):
        step = stage.fold(0, log[position : position + 1 + tape.pick(4)], 0)
        position = step.writes and int(step.writes[b"\x00offset"] or b"0") + 1  # type: ignore[assignment]
        stage.adopt(0, step)
        outputs += step.outputs
        for output in step.outputs:
            if output.topic == "contacts":
                send((output.key or b"").decode(), output.value or b"")
    found = {
        contributions.split_key(key)[1]: [item.cell for item in items]  # type: ignore[attr-defined]
        for (topic, key), items in seen(outputs).items()
        if topic == "contributions"
    }
    expected = {}
    for name in NAMES:
        customer = customer_of(name, aliases.__getitem__)
        cells = ["r.un.shared_number"] if customer.shared else ["r.contacts", "r.un.no_reason"]
        expected[f"customer/{customer.canonical}/call/{name}"] = cells
    assert {entity: cells[: len(expected.get(entity, ()))] for entity, cells in found.items()} == expected

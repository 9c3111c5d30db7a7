"""The text of ``/metrics``, with the reference parser as oracle."""

from __future__ import annotations

import asyncio
import math
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from agents.web.exposition import Exposition
from agents.web.present import Present
from agents.web.text import HEADERS, number
from streams.figures import cells as c
from streams.figures.catalogue import METRICS, exposed_names
from streams.figures.contributions import Contribution, Item, Live
from streams.figures.panes import GroupKey
from streams.figures.rep_series import staffing
from streams.figures.series import samples
from streams.stage import TallyKey
from tests.deploy.programs import program
from tests.support.contact_centre import MINUTE, NOW, FakeWorker, busy_centre, send

NASTY = 'a\\b"c\nd,e}f {\\n é'
Series = tuple[str, frozenset[tuple[str, str]]]


def render(worker: FakeWorker) -> str:
    return asyncio.run(Exposition(worker, Present(worker)).text()).decode()


def parsed(text: str) -> dict[Series, float]:
    found: dict[Series, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, f"{key} twice"
            found[key] = sample.value
    return found


def of_operation(series: dict[Series, float]) -> dict[Series, float]:
    """The series of queues."""
    return {key: value for key, value in series.items() if any(name == "queue" for name, _ in key[1])}


def expected(worker: FakeWorker) -> dict[Series, float]:
    found = {}
    for partition in worker.owned():
        if partition in worker.kpis.panes:
            groups = [(GroupKey(*labels), group) for labels, group in worker.kpis.panes[partition].groups.items()]
            for key, (family, own, value) in staffing(groups, worker.options):
                found[family, frozenset({**key._asdict(), **dict(own)}.items())] = value
            for key, group in groups:
                for sample in samples(key, group, worker.options):
                    said = {**key._asdict(), **dict(sample.labels)}
                    found[sample.family + sample.suffix, frozenset(said.items())] = sample.value
    return found


@pytest.fixture(scope="module")
def busy() -> FakeWorker:
    worker = FakeWorker(busy_centre(contacts=200))
    worker.last_event = {"calls": NOW - 2500, "tickets": NOW - 60_000}
    worker.tally[TallyKey("calls", "invalid", NASTY)] = 3
    worker.tally[TallyKey("calls", "ok")] = 12_345
    return worker


def test_every_series_of_every_group_is_there_with_its_value(busy: FakeWorker) -> None:
    text = render(busy)
    found = of_operation(parsed(text))
    assert found == expected(busy)
    assert len(found) > 5000


def test_label_values_are_escaped() -> None:
    worker = FakeWorker()
    item = Item(c.FLOW_OUT + NASTY, "voice", NASTY, "", NOW, NOW, 1)
    send(worker.kpis, NASTY, [("call/1", Contribution(1, NOW, [item], []))])
    found = of_operation(parsed(render(worker)))
    assert found == expected(worker)
    own = {"queue": NASTY, "channel": "voice", "priority": NASTY, "reason": NASTY}
    assert found["support_contacts_flow_out_total", frozenset(own.items())] == 1


def test_a_family_stands_in_one_piece_under_one_header(busy: FakeWorker) -> None:
    lines = render(busy).splitlines()
    headers = [line.split(" ")[2] for line in lines if line.startswith("# TYPE ")]
    assert len(headers) == len(set(headers))
    assert [line.split(" ")[2] for line in lines if line.startswith("# HELP ")] == headers
    family = ""
    for line in lines:
        if line.startswith("# TYPE "):
            family = line.split(" ")[2]
        elif not line.startswith("#"):
            name = line.split("{")[0].split(" ")[0]
            assert name in {family, f"{family}_sum", f"{family}_count"} or family.startswith(("process_", "python_"))


def test_every_name_is_in_the_catalogue_and_no_value_is_not_a_number(busy: FakeWorker) -> None:
    names = exposed_names()
    for (name, _), value in parsed(render(busy)).items():
        assert name in names or name.startswith(("process_", "python_"))
        assert math.isfinite(value)
    assert set(HEADERS) <= names


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        (1.0, "1"),
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (1_780_000_000.123, "1780000000.123"),
    ],
)
def test_numbers_are_short_and_exact(value: float, text: str) -> None:
    assert number(value) == text


def test_results_that_have_not_happened_are_zero(busy: FakeWorker) -> None:
    found = parsed(render(busy))
    for topic in ("tickets", "calls", "chats"):
        for result in ("duplicate", "late", "invalid", "unknown_type"):
            labels = frozenset({("topic", topic), ("result", result), ("reason", "")})
            assert found["support_events_total", labels] == 0
    taken = frozenset({("topic", "calls"), ("result", "ok"), ("reason", "")})
    refused = frozenset({("topic", "calls"), ("result", "invalid"), ("reason", NASTY)})
    assert found["support_events_total", taken] == 12_345
    assert found["support_events_total", refused] == 3


def test_the_worker_says_how_it_stands(busy: FakeWorker) -> None:
    text = render(busy)
    found = parsed(text)
    assert found["ticketstreams_ready", frozenset()] == 1
    assert found["support_event_lag_seconds", frozenset({("topic", "calls")})] == 2.5
    assert found["support_last_event_timestamp_seconds", frozenset({("topic", "tickets")})] == NOW / 1000 - 60
    assert found["support_watermark_timestamp_seconds", frozenset({("topic", "calls")})] == NOW / 1000 - 3.5
    assert found["ticketstreams_partition_lag_records", frozenset({("topic", "calls"), ("partition", "3")})] == 5
    assert found["ticketstreams_clock_timestamp_seconds", frozenset()] == NOW / 1000
    assert found["ticketstreams_series", frozenset()] == len(found)
    defined = {dict(labels)["metric"] for name, labels in found if name == "support_metric_definition_info"}
    assert defined == {metric.full_name for metric in METRICS}
    assert found["process_cpu_seconds_total", frozenset()] > 0


def test_a_partition_that_is_not_owned_or_not_recovered_is_not_shown(busy: FakeWorker) -> None:
    worker = FakeWorker(busy.kpis)
    worker.owned_partitions = frozenset({0})
    some = of_operation(parsed(render(worker)))
    assert some == expected(worker)
    assert 0 < len(some) < len(expected(busy))
    worker.ready = False
    nothing = parsed(render(worker))
    assert not of_operation(nothing)
    assert nothing["ticketstreams_ready", frozenset()] == 0


def test_a_partition_that_goes_away_during_a_scrape_vanishes_entirely() -> None:
    async def scenario() -> str:
        worker = FakeWorker(busy_centre(contacts=50))
        exposition = Exposition(worker, Present(worker))
        scrape = asyncio.create_task(exposition.text())
        shown = [partition for partition in sorted(worker.kpis.panes) if len(worker.kpis.panes[partition].groups) > 1]
        gone = shown[0]
        queues = {labels[0] for labels in worker.kpis.panes[gone].groups}
        while not exposition._kept.get(gone):  # its groups have been rendered, the scrape is not over
            await asyncio.sleep(0)
            assert not scrape.done()
        worker.owned_partitions -= {gone}
        worker.kpis.revoke(gone)
        text = (await scrape).decode()
        assert of_operation(parsed(text)) == expected(worker)
        assert not any(f'queue="{queue}"' in text for queue in queues)
        return text

    assert asyncio.run(scenario())


def test_what_has_not_changed_is_not_rendered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []

    def counting(key: GroupKey, *rest: object) -> object:
        rendered.append(key.queue)
        return samples(key, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("agents.web.exposition.samples", counting)

    async def scenario() -> None:
        worker = FakeWorker(busy_centre(contacts=20))
        exposition = Exposition(worker, Present(worker))
        first = await exposition.text()
        assert len(rendered) == 12
        await exposition.text()
        assert len(rendered) == 12
        send(worker.kpis, "vip", [("call/new", Contribution(1, NOW, [], [Live(c.WAITING, "voice", "normal", NOW)]))])
        second = await exposition.text()
        assert rendered[12:] == ["vip"]
        assert second != first
        assert of_operation(parsed(second.decode())) == expected(worker)

    asyncio.run(scenario())


def test_windows_move_with_the_clock_without_any_event() -> None:
    worker = FakeWorker()
    item = Item(c.OFFERED, "voice", "normal", "", NOW, NOW, 1)
    send(worker.kpis, "billing", [("call/1", Contribution(1, NOW, [item], []))])
    labels = {"queue": "billing", "channel": "voice", "priority": "normal", "unit": "segment"}
    quarter = frozenset({**labels, "window": "15m", "attribution": "event"}.items())
    exposition = Exposition(worker, Present(worker))

    def inside() -> float:
        return parsed(asyncio.run(exposition.text()).decode())["support_contacts_offered", quarter]

    assert inside() == 1
    worker.time = NOW + 14 * MINUTE
    assert inside() == 1
    worker.time = NOW + 15 * MINUTE
    assert inside() == 0


def test_scrapes_that_overlap_share_one_rendering_and_outlive_a_scraper_that_leaves() -> None:
    async def scenario() -> None:
        worker = FakeWorker(busy_centre(contacts=20))
        exposition = Exposition(worker, Present(worker))
        scrapes = [asyncio.create_task(exposition.text()) for _ in range(3)]
        await asyncio.sleep(0)
        scrapes[0].cancel()
        second, third = await asyncio.gather(*scrapes[1:])
        assert second is third
        assert await exposition.text() is not second

    asyncio.run(scenario())


def test_promtool_accepts_it(busy: FakeWorker) -> None:
    done = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=render(busy),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("minutes", [0, 1, 17, 3 * 1440, 40 * 1440])
def test_panes_that_are_moved_on_in_steps_stand_where_one_step_takes_them(minutes: int) -> None:
    stepped, at_once = FakeWorker(busy_centre(contacts=40, days=20)), FakeWorker(busy_centre(contacts=40, days=20))
    for worker in (stepped, at_once):
        for panes in worker.kpis.panes.values():
            panes.advance(NOW)
        worker.time = NOW + minutes * MINUTE
    turns = asyncio.run(_turns_of(Present(stepped)))
    for panes in at_once.kpis.panes.values():
        panes.advance(at_once.time)
    assert expected(stepped) == expected(at_once)
    assert all(panes.present == stepped.time // MINUTE for panes in stepped.kpis.panes.values())
    assert turns >= (20 if minutes > 1440 else 0)


async def _turns_of(present: Present) -> int:
    """How often the loop got its turn while panes caught up."""
    catching_up = asyncio.create_task(present.catch_up())
    turns = 0
    while not catching_up.done():
        await asyncio.sleep(0)
        turns += 1
    return turns

"""The wallboard in a real browser, before a real server."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

from agents.web.front import create_front
from agents.web.server import create_web, start
from streams.figures import cells as c
from streams.figures.contributions import Contribution, Item, Live
from tests.deploy.programs import program
from tests.support.contact_centre import QUEUES, FakeWorker, busy_centre, send

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from aiohttp import web
    from playwright.sync_api import Browser, Page

SHOWS_WITHIN_MS = 3000
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
)  # fmt: skip


class Server:
    """Applications served by an event loop of their own; whatever touches a worker is done there."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runners: list[web.AppRunner] = []

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def call(self, function: Callable[[], object]) -> None:
        async def inside() -> None:
            function()

        self.do(inside())

    def serve(self, app: web.Application) -> str:
        runner: web.AppRunner = self.do(start(app, port=0))
        self._runners.append(runner)
        return "http://{}:{}".format(*runner.addresses[0])

    def stop(self, number: int) -> None:
        self.do(self._runners[number].cleanup())

    def close(self) -> None:
        for runner in self._runners:
            self.do(runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program("chromium"), args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1920, "height": 1080})
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    opened.close()
    assert not problems


def worker_now(*, contacts: int = 60) -> FakeWorker:
    """A worker whose events are of this moment, because the page knows what time it is."""
    now = int(time.time() * 1000)
    worker = FakeWorker(busy_centre(contacts=contacts, tickets=20, now=now) if contacts else None, now)
    worker.last_event = dict.fromkeys(("calls", "chats", "tickets"), now - 1000) if contacts else {}
    return worker


def field(page: Page, queue: str | None, name: str) -> Any:
    tile = "#total" if queue is None else f'[data-queue="{queue}"]'
    return page.locator(f'{tile} [data-field="{name}"]')


def figures(base: str, query: str) -> Any:
    with urllib.request.urlopen(f"{base}/api/v1/figures?{query}", timeout=5) as answer:
        return json.load(answer)


def shown_duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    whole = int(seconds + 0.5)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def test_a_change_appears_within_three_seconds(server: Server, page: Page) -> None:
    worker = worker_now()
    base = server.serve(create_web(worker))
    page.goto(f"{base}/wallboard")
    expect(page.locator("#status")).to_have_text("● LIVE")
    before = figures(base, "by=queue")["live"]["by"]["queue"]["vip"]["waiting"]
    expect(field(page, "vip", "waiting")).to_have_text(str(before))
    live = Live(c.WAITING, "voice", "normal", worker.time - 3_600_000)
    server.call(lambda: send(worker.kpis, "vip", [("call/new", Contribution(1, worker.time, [], [live]))]))
    expect(field(page, "vip", "waiting")).to_have_text(str(before + 1), timeout=SHOWS_WITHIN_MS)
    oldest = field(page, "vip", "oldest_waiting")
    first = oldest.inner_text()
    assert first.startswith("1:00:0")
    expect(oldest).not_to_have_text(first, timeout=SHOWS_WITHIN_MS)  # it ticks


@pytest.mark.parametrize(("window", "attribution"), [("1h", "cohort"), ("15m", "event"), ("all", "cohort")])
def test_numbers_are_those_of_the_api(server: Server, page: Page, window: str, attribution: str) -> None:
    base = server.serve(create_web(worker_now()))
    page.goto(f"{base}/wallboard?attribution={attribution}")
    page.get_by_role("radio", name=window, exact=True).click()
    expect(page.get_by_role("radio", name=window, exact=True)).to_have_attribute("aria-checked", "true")
    said = figures(base, f"window={window}&attribution={attribution}&by=queue")
    expect(field(page, None, "note")).to_have_text(f"12 queues · last {window}")
    for queue in (None, *QUEUES):
        part = said["total"] if queue is None else said["by"]["queue"][queue]
        live = said["live"]["total"] if queue is None else said["live"]["by"]["queue"][queue]
        contacts, tickets, again = part.get("contacts", {}), part.get("tickets", {}), part.get("recontacts")
        level = contacts.get("service_level", {}).get("ignore_early", {}).get("ratio")
        wanted = {
            "waiting": str(live["waiting"]),
            "offered": f"{contacts.get('offered', 0):,}",
            "answered": f"{contacts.get('answered', 0):,}",
            "abandoned": f"{contacts.get('abandoned', 0):,}",
            "flow_out": f"{contacts.get('flow_out', 0):,}",
            "level": "–" if level is None else f"{int(level * 1000 + 1e-9) / 10:.1f} %",
            "asa": shown_duration(contacts.get("queue_wait_seconds", {}).get("mean")),
            "aht": shown_duration(contacts.get("handle_seconds", {}).get("mean")),
            "open": f"{live['open']:,}",
            "reply_p50": shown_duration(tickets.get("first_reply_seconds", {}).get("p50")),
            "resolution_p90": shown_duration(tickets.get("full_resolution_seconds", {}).get("p90")),
            "created": str(tickets.get("created", 0)),
            "solved": str(tickets.get("solve_events", 0)),
            "reopened": str(tickets.get("reopen_events", 0)),
        }
        if again and again["contacts"]:
            share = int(again["7d"]["any"] / again["contacts"] * 1000 + 1e-9) / 10
            wanted["recontacts"] = f"{again['7d']['any']:,} · {share:.1f} %"
        for name, text in wanted.items():
            expect(field(page, queue, name)).to_have_text(text)


def test_tooltips_tell_business_time_where_there_is_any(server: Server, page: Page) -> None:
    worker = worker_now()
    items = [
        Item(cell, "email", "", "", worker.time - 60_000, 0, value)
        for cell, value in ((c.FIRST_REPLY, 7_200_000), (c.FIRST_REPLY + c.BUSINESS, 3_600_000))
    ]
    send(worker.kpis, "vip", [("ticket/b", Contribution(1, worker.time, items, []))])
    page.goto(f"{server.serve(create_web(worker))}/wallboard?window=all")
    said = re.compile(r"^In business time (0:59|1:00):\d\d / (0:59|1:00):\d\d, of 1$")
    expect(field(page, "vip", "reply_p50").locator("..")).to_have_attribute("title", said)
    expect(field(page, "vip", "resolution_p50").locator("..")).to_have_attribute("title", "")


def test_twelve_queues_fit_on_the_screen_and_nothing_overlaps(server: Server, page: Page) -> None:
    page.goto(f"{server.serve(create_web(worker_now()))}/wallboard?window=all")
    expect(page.locator("#queues .tile")).to_have_count(12)
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    assert page.evaluate("document.documentElement.scrollWidth") <= 1920
    wide = (
        "[...document.querySelectorAll('.tile dl, .tile .sum')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert page.evaluate(wide) == 0
    for queue in QUEUES:
        name = field(page, queue, "name").evaluate("e => e.getBoundingClientRect().right")
        flow = page.locator(f'[data-queue="{queue}"] .flow').evaluate("e => e.getBoundingClientRect().left")
        assert name <= flow, queue


def test_what_a_bot_contained_before_any_queue_is_no_empty_tile(server: Server, page: Page) -> None:
    worker = worker_now()
    contained = Item(c.CHAT_BOT_CONTAINED, "chat", "", "", worker.time - 60_000, 0, 1)
    send(worker.kpis, "unassigned", [("chat/1", Contribution(1, worker.time, [contained], []))])
    base = server.serve(create_web(worker))
    assert "unassigned" in figures(base, "window=all&by=queue")["by"]["queue"]
    page.goto(f"{base}/wallboard?window=all")
    expect(page.locator("#queues .tile")).to_have_count(12)
    expect(page.locator('#queues [data-queue="unassigned"]')).to_have_count(0)


def test_no_data_is_said_and_shows_no_zero(server: Server, page: Page) -> None:
    page.goto(f"{server.serve(create_web(worker_now(contacts=0)))}/wallboard")
    expect(page.locator("#status")).to_have_text("○ NO DATA YET")
    expect(page.locator("#nothing")).to_be_visible()
    for name in ("waiting", "offered", "level", "asa", "aht", "recontacts", "open", "created"):
        expect(field(page, None, name)).to_have_text("–")


def test_a_silent_feed_turns_the_page_stale_and_nothing_stays_green(server: Server, page: Page) -> None:
    worker = worker_now()
    page.goto(f"{server.serve(create_web(worker))}/wallboard")
    expect(page.locator("#status")).to_have_text("● LIVE")
    server.call(lambda: worker.last_event.update(calls=worker.time - 1_800_000))
    expect(page.locator("#status")).to_have_text("▲ STALE", timeout=SHOWS_WITHIN_MS)
    expect(page.locator("#banner")).to_have_text("STALE – no event on calls for 0:30:00")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).filter") == "grayscale(1)"
    server.call(lambda: worker.last_event.update(calls=worker.time))
    expect(page.locator("#status")).to_have_text("● LIVE", timeout=SHOWS_WITHIN_MS)
    expect(page.locator("#banner")).to_be_hidden()


def test_a_stopped_server_is_no_connection_and_the_figures_say_of_when_they_are(server: Server, page: Page) -> None:
    page.goto(f"{server.serve(create_web(worker_now()))}/wallboard")
    expect(page.locator("#status")).to_have_text("● LIVE")
    server.stop(0)
    expect(page.locator("#status")).to_have_text("✕ NO CONNECTION", timeout=8000)
    expect(page.locator("#banner")).to_contain_text("what is shown stands as of")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).filter") == "grayscale(1)"
    frozen = field(page, None, "oldest_waiting").all_inner_texts()
    page.wait_for_timeout(1500)
    assert field(page, None, "oldest_waiting").all_inner_texts() == frozen


def test_a_missing_worker_leaves_named_holes(server: Server, page: Page) -> None:
    workers = [worker_now(), worker_now()]
    workers[0].owned_partitions, workers[1].owned_partitions = frozenset({0, 1}), frozenset({2, 3})
    urls = [server.serve(create_web(worker)) for worker in workers]
    page.goto(f"{server.serve(create_front(urls, worker_timeout=1.0))}/wallboard")
    expect(page.locator("#status")).to_have_text("● LIVE")
    expect(page.locator("#queues .tile")).to_have_count(12)
    lost = {labels[0] for one in (2, 3) if one in workers[1].kpis.panes for labels in workers[1].kpis.panes[one].groups}
    server.stop(1)
    expect(page.locator("#status")).to_have_text("▲ INCOMPLETE", timeout=8000)
    expect(page.locator("#banner")).to_contain_text(urls[1].removeprefix("http://"))
    expect(page.locator("#queues .tile")).to_have_count(12)
    for queue in lost:
        expect(page.locator(f'[data-queue="{queue}"]')).to_have_class("tile missing")
        expect(field(page, queue, "note")).to_have_text("not answering")
        expect(field(page, queue, "waiting")).to_have_text("–")
    expect(page.locator("#queues .tile.missing")).to_have_count(len(lost))

"""Whether figures can be believed: how old the news is, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.web.cells import Feeds
from agents.web.view import FEEDS, SPORADIC
from streams.codec import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.web.view import WorkerView

_EVENT_NAMES = {"ok": "ok", "duplicate": "duplicate", "late": "late", "invalid": "invalid", "unknown_type": "ignored"}


def feeds_of(view: WorkerView) -> Feeds:
    """What one worker says."""
    events = dict.fromkeys(_EVENT_NAMES.values(), 0)
    for key, count in view.tally.items():
        if key.topic in FEEDS and key.result in _EVENT_NAMES:
            events[_EVENT_NAMES[key.result]] += count
    last = {topic: at for topic, at in view.last_event_ms().items() if topic in FEEDS}
    seen = [view.kpis.seen[partition] for partition in view.owned() if partition in view.kpis.seen]
    return Feeds(view.clock, view.now_ms(), view.ready, max((0, *seen, *last.values())), last, events)


def together(parts: Sequence[Feeds]) -> Feeds:
    """What several workers say together; there must be one at least."""
    events: dict[str, int] = {}
    last: dict[str, int] = {}
    for part in parts:
        for name, count in part.events.items():
            events[name] = events.get(name, 0) + count
        for topic, at in part.last_event.items():
            last[topic] = max(at, last.get(topic, at))
    return Feeds(
        parts[0].clock,
        max(part.now for part in parts),
        all(part.ready for part in parts),
        max(part.newest_event for part in parts),
        last,
        events,
    )


def freshness(feeds: Feeds, stale_after: float, problems: Sequence[str] = ()) -> dict[str, Any]:
    """The part of the figures' document that says whether to believe it.

    Its ``status`` is ``incomplete`` when part of the figures is missing, ``empty`` before the first event, ``stale``
    when a feed has been silent for longer than ``stale_after`` seconds, and otherwise ``ok``.
    """
    found: dict[str, Any] = {}
    silent = []
    for topic in FEEDS:
        at = feeds.last_event.get(topic)
        if at is None and topic in SPORADIC:
            continue  # not everybody has it
        lag = None if at is None else (feeds.now - at) / 1000
        stale = lag is not None and lag > stale_after and topic not in SPORADIC
        if lag is not None and stale:
            silent.append(f"{topic} for {_duration(lag)}")
        found[topic] = {"last_event": None if at is None else format_time(at), "lag_seconds": lag, "stale": stale}
    said = list(problems)
    if not feeds.ready:
        said.append("recovering: not all partitions are served yet")
    age = (feeds.now - feeds.newest_event) / 1000
    if said:
        status = "incomplete"
    elif not feeds.newest_event:
        status = "empty"
        said.append("no event has been taken yet")
    elif silent or age > stale_after:
        status = "stale"
        said.append(f"no event on {', '.join(silent)}" if silent else f"no event for {_duration(age)}")
    else:
        status = "ok"
    return {
        "status": status,
        "problems": said,
        "newest_event": format_time(feeds.newest_event) if feeds.newest_event else None,
        "newest_event_age_seconds": age if feeds.newest_event else None,
        "stale_after_seconds": stale_after,
        "freshness": found,
    }


def _duration(seconds: float) -> str:
    minutes, left = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{left:02d}"

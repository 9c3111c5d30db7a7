"""Diagnosis of the workers: whether one answers, has recovered, and gets events that it can take."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from agents.diagnosis.finding import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.settings import Settings

_TIMEOUT_S = 10.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - where to ask who listens everywhere


def of_workers(settings: Settings, urls: Sequence[str]) -> Iterator[Finding]:
    """Ask each of the pages, by default that of the worker that has these settings."""
    host = _ANYWHERE.get(settings.http_host, settings.http_host)
    for url in urls or [f"http://{host}:{settings.http_port}"]:
        yield from _of_worker(url.rstrip("/"))


def _of_worker(url: str) -> Iterator[Finding]:
    ready = _ask(f"{url}/readyz")
    if not isinstance(ready, dict) or "ok" not in ready:
        yield Finding(
            Level.WRONG, "worker", f"none answers at {url}", "start `ticket-streams worker`, or give its --url"
        )
        return
    for reason in ready.get("reasons", []):
        yield Finding(Level.WRONG, "worker", f"{url} is not ready: {reason}", "see docs/operations.md")
    if ready["ok"]:
        yield Finding(Level.OK, "worker", f"{url} is ready")
    figures = _ask(f"{url}/api/v1/figures?window=15m")
    if not isinstance(figures, dict):
        yield Finding(Level.WRONG, "figures", f"{url} does not tell them", "look at the worker's log")
        return
    problems = figures["problems"]
    for problem in problems:
        yield Finding(Level.NOTE, "figures", f"{figures['status']}: {problem}")
    if not problems:
        yield Finding(Level.OK, "figures", f"the newest event is of {figures['newest_event']}")
    refused = figures["events"].get("invalid", 0)
    if refused:
        said = "1 event could not be taken" if refused == 1 else f"{refused:,} events could not be taken"
        yield Finding(
            Level.NOTE, "events", f"{said} since the worker started", "run `ticket-streams dead-letters list`"
        )


def _ask(url: str) -> Any:
    """The JSON that a page answers with, whatever its status; None if there is no such answer."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - an address of a page, by settings or looked at
            return json.load(answer)
    except urllib.error.HTTPError as error:
        try:
            return json.load(error)
        except ValueError:
            return None
    except (OSError, ValueError):
        return None

"""The recorded logs and what is true of them, computed by others (see the data's own description)."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

DATA = Path(__file__).parents[2].parent / "shared" / "data"


class RecordedLog(NamedTuple):
    """A recorded log and the mapping for it."""

    file: str
    mapping: str

    @property
    def path(self) -> str:
        """Where the file is; the test fails in CI, and is skipped elsewhere, if it is not there."""
        path = DATA / self.file
        if not path.exists():
            message = f"the recorded logs are not at {DATA}"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        return str(path)

    @property
    def truth(self) -> dict[str, Any]:
        """What is true of it."""
        found: dict[str, Any] = _truth()[self.file]
        return found


@functools.cache
def _truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "truth.json").read_text())
    return found


HELPDESK = RecordedLog("helpdesk_it_2010-2011.csv.gz", "italian-helpdesk")
SERVICENOW = RecordedLog("servicenow_incidents_2016-03.csv.gz", "servicenow-audit")
VOLVO = RecordedLog("volvo_incidents_a.csv.gz", "volvo-vinst")
BANK = RecordedLog("anonymousbank_calls_1999-02.tsv.gz", "anonymous-bank")

TICKET_LOGS = (HELPDESK, SERVICENOW, VOLVO)
LOGS = (*TICKET_LOGS, BANK)

_TICKET_COUNTS = {
    "created": "opened",
    "solved": "solved_tickets",
    "solve_events": "solve_events",
    "closed": "closed_tickets",
    "reopened": "reopened_tickets",
    "reopen_events": "reopen_events",
}
_TICKET_TIMES = {
    "first_resolution_seconds": ("first_resolution_s",),
    "full_resolution_seconds": ("full_resolution_s",),
    "close_seconds": ("close_time_s",),
    "pending_seconds": ("wait_status_s_tickets_with_wait", "awaiting_user_info_s", "wait_user_s"),
}


def same_distribution(found: dict[str, Any], true: dict[str, Any]) -> None:
    """Counts exactly, means within 0.5 s, quantiles within 1 % of one of the usual definitions."""
    assert found["count"] == true["n"]
    assert found["mean"] == pytest.approx(true["mean"], abs=0.5)
    assert found["p50"] == pytest.approx(true["median"], rel=0.01, abs=0.01)
    p90 = (true["p90"], true["p90_nearest_rank"])
    assert min(p90) * 0.99 <= found["p90"] <= max(p90) * 1.01


def same_tickets(found: dict[str, Any], true: dict[str, Any]) -> None:
    """The ticket figures of a log."""
    for name, key in _TICKET_COUNTS.items():
        assert found[name] == true[key], name
    for name, keys in _TICKET_TIMES.items():
        key = next(key for key in keys if key in true)
        same_distribution(found[name], true[key])


def same_contacts(found: dict[str, Any], true: dict[str, Any]) -> None:
    """The contact figures of a log, or of a day or queue of it."""
    answered, offered = true["answered"], true["offered"]
    assert found["offered"] == offered
    assert found["answered"] == answered
    assert found["abandoned"] == true["abandoned_in_queue"]
    assert found["abandon_ratio"]["ratio"] == pytest.approx(true["abandonment_rate"], abs=1e-6)
    assert found["queue_wait_seconds"]["count"] == answered
    assert found["queue_wait_seconds"]["mean"] == pytest.approx(true["asa_s"], abs=0.5)
    same_distribution(found["queue_wait_seconds"], true["wait_answered_s"])
    assert found["handle_seconds"]["mean"] == pytest.approx(true["aht_s"], abs=0.5)
    assert found["abandon_wait_seconds"]["mean"] == pytest.approx(true["mean_time_to_abandon_s"], abs=0.5)
    level = found["service_level"]
    hits, early = true["answered_within_20s"], true["abandons_within_20s"]
    assert (level["strict"]["numerator"], level["strict"]["denominator"]) == (hits, offered)
    assert (level["ignore_early"]["numerator"], level["ignore_early"]["denominator"]) == (hits, offered - early)
    assert (level["answered_only"]["numerator"], level["answered_only"]["denominator"]) == (hits, answered)
    assert level["strict"]["ratio"] == pytest.approx(true["service_level_20s"], abs=1e-6)
    assert level["ignore_early"]["ratio"] == pytest.approx(true["service_level_20s_excl_abandons_le_20s"], abs=1e-6)
    assert level["answered_only"]["ratio"] == pytest.approx(true["service_level_20s_of_answered"], abs=1e-6)


def same_figures(found: dict[str, Any], log: RecordedLog) -> None:
    """The total of a log."""
    if log is BANK:
        same_contacts(found["contacts"], log.truth["total"])
    else:
        same_tickets(found["tickets"], log.truth)

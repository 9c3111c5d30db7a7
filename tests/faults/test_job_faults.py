"""Workers killed in the middle of a recorded log end with the same figures as if nothing had happened."""

from __future__ import annotations

import pytest

from agents.cli.replay import encoded
from agents.logs import read_log
from agents.mappings import read_mapping
from tests.support.job import Job, fresh_broker
from tests.support.truth import HELPDESK, VOLVO, RecordedLog, same_figures

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("name", ["tansu", "kafka"])
@pytest.mark.parametrize(("log", "workers"), [(VOLVO, 1), (HELPDESK, 2)], ids=["one worker", "one of two workers"])
def test_a_killed_worker_changes_no_figure(log: RecordedLog, workers: int, name: str) -> None:
    compiled = read_mapping(log.mapping)
    events = list(encoded(read_log([log.path], compiled)))
    third = len(events) // 3
    with fresh_broker(name) as address, Job(address, compiled.figures, workers=workers) as job:
        job.feed(events[:third])
        job.wait_for(third // 2, drained=False)
        job.kill_worker()
        job.feed(events[third : 2 * third])
        job.wait_for(third, drained=False)
        job.kill_worker(workers - 1)
        job.feed(events[2 * third :])
        job.wait_for(len(events))
        figures = job.figures()
        restarts = sum(worker.restarts for worker in job.machine.workers)
    assert restarts == 2, "both kills hit a running worker"
    same_figures(figures["total"], log)

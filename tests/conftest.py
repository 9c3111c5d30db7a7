"""Fixtures for all tests."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

with warnings.catch_warnings():
    # kafka-python reads its protocol schemas in a deprecated way while it is imported, from the standard library's
    # frames, so that no filter by module catches it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import kafka  # noqa: F401

pytest_plugins = ["tests.support.brokers"]

ALONE_FOLDERS = frozenset({"browser"})
PAIRED_FOLDERS = frozenset({"conformance", "faults"})
ALONE_MODULES = frozenset(
    {
        "test_bad_events",
        "test_grafana",
        "test_kafka",
        "test_paging",
        "test_scrape_latency",
        "test_up",
    }
)
PAIRED_MODULES = frozenset({"test_broker_truth", "test_policy_topic"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the machine, or half of it, for itself: it runs brokers and workers under load, or measures."""
    for item in items:
        if item.path.parent.name in PAIRED_FOLDERS or item.path.stem in PAIRED_MODULES:
            item.add_marker("paired")
        if item.path.parent.name in ALONE_FOLDERS or item.path.stem in ALONE_MODULES:
            item.add_marker("alone")
    # What takes longest begins first, so that no process has a law left to try while the others have nothing to do.
    items.sort(key=lambda item: item.path.parent.name != "laws" and item.path.stem != "test_broker_truth")

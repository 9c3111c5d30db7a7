"""Fixtures for all tests."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # kafka-python reads its protocol schemas in a deprecated way while it is imported, from the standard library's
    # frames, so that no filter by module catches it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import kafka  # noqa: F401

pytest_plugins = ["tests.support.brokers"]

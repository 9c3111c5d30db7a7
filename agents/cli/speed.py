"""The ``--speed`` of a feed: a factor, or ``max``."""

from __future__ import annotations

from typing import Any, NamedTuple

import click


class Speed(NamedTuple):
    """Seconds of event time per second; None: as fast as possible."""

    factor: float | None


class _SpeedType(click.ParamType):
    name = "60|max"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Speed:
        if isinstance(value, Speed):
            return value
        if value == "max":
            return Speed(None)
        try:
            factor = float(value)
        except ValueError:
            factor = 0.0
        if not 0 < factor < float("inf"):
            self.fail(f"{value!r} must be a number above 0, or max", param, ctx)
        return Speed(factor)


SPEED = _SpeedType()

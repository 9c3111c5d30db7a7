"""The text format of Prometheus (version 0.0.4): escaping, numbers, headers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from streams.figures.catalogue import BY_REP, COUNTERS, LIVE, METRICS, PIPELINE, PROCESSOR, RATIOS, SLA, SUMMARIES

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Header(NamedTuple):
    """What is said of a family before its samples."""

    type: str
    help: str


def escape(value: str) -> str:
    """A label's value as it stands between quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@lru_cache(maxsize=65_536)
def labels_text(labels: Iterable[tuple[str, str]]) -> str:
    """Labels as they stand between braces; the argument must be hashable."""
    return ",".join(f'{name}="{escape(value)}"' for name, value in labels)


def number(value: float) -> str:
    """A value: integers without a point, others so that reading gives the same double."""
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def header_lines(name: str, header: Header) -> str:
    """The two lines before a family's samples."""
    said = header.help.replace("\\", "\\\\").replace("\n", "\\n")
    return f"# HELP {name} {said}\n# TYPE {name} {header.type}\n"


def _headers() -> dict[str, Header]:
    found: dict[str, Header] = {}
    for metric in (*COUNTERS, *SUMMARIES, *RATIOS, *LIVE, *BY_REP, *SLA, *PIPELINE, *PROCESSOR):
        found[metric.full_name] = Header(metric.type, metric.help)
        if metric.by_window:
            found[metric.windowed_name] = Header("gauge", f"Within the window: {metric.help}")
        if metric in RATIOS or (metric in SLA and metric.name.endswith("_ratio")):
            stem = metric.full_name.removesuffix("_ratio")
            for part in ("numerator", "denominator"):
                found[f"{stem}_{part}"] = Header("gauge", f"{part.capitalize()} of {metric.full_name}.")
    return found


HEADERS = _headers()
"""Every family that is exposed, in the order of the exposition."""

DEFINITIONS = tuple(
    (
        ("metric", metric.full_name),
        ("id", metric.id),
        ("formula", metric.formula),
        ("attribution", ",".join(metric.attribution)),
    )
    for metric in METRICS
)
"""Labels of the series that carry the definitions."""

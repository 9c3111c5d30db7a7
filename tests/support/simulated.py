"""What a simulation says is true, against what figures say."""

from __future__ import annotations

from typing import Any


def at(figures: dict[str, Any], path: str) -> float:
    """A figure of a report by its dotted name; what a report leaves out is 0."""
    value: Any = figures
    for part in path.split("."):
        value = value.get(part, 0) if isinstance(value, dict) else value
    return float(value)


def differences(truth: dict[str, float], figures: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Each figure that is another than the truth: by its dotted name the truth and the figure."""
    return {name: (value, at(figures, name)) for name, value in truth.items() if value != at(figures, name)}


APPROXIMATE = frozenset({"p50", "p90", "p95", "max", "longest_hold_seconds"})
"""What windows know within one per cent, and a report exactly."""
TOLERANCE = 0.01


def unlike(exact: Any, windowed: Any, name: str = "") -> list[tuple[str, Any, Any]]:
    """Where figures of a window are others than those of a report, or are missing: dotted name and both values."""
    if isinstance(exact, dict) and isinstance(windowed, dict):
        names = sorted({*exact, *windowed})
        before = f"{name}." if name else ""
        return [one for key in names for one in unlike(exact.get(key), windowed.get(key), before + key)]
    if name.rpartition(".")[2] in APPROXIMATE and exact is not None and windowed is not None:
        return [] if abs(exact - windowed) <= TOLERANCE * abs(exact) else [(name, exact, windowed)]
    return [] if exact == windowed else [(name, exact, windowed)]


def dotted(told: dict[str, Any], before: str = "") -> dict[str, float]:
    """The figures of tables within tables, by their dotted names."""
    found: dict[str, float] = {}
    for name, value in told.items():
        found |= dotted(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return found

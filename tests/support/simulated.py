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


def dotted(told: dict[str, Any], before: str = "") -> dict[str, float]:
    """The figures of tables within tables, by their dotted names."""
    found: dict[str, float] = {}
    for name, value in told.items():
        found |= dotted(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return found

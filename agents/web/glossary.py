"""The definitions of all metrics as JSON: the wallboard's tooltips say what the catalogue says."""

from __future__ import annotations

from typing import Any

from streams.figures.catalogue import METRICS
from streams.figures.service_level import DEFAULT_FORMULA, FORMULAS


def glossary() -> dict[str, Any]:
    """Metrics by full name, and the formulas of service level."""
    formulas = {name: words for name, (words, _) in FORMULAS.items()}
    return {
        "metrics": {
            metric.full_name: {
                "id": metric.id,
                "type": metric.type,
                "help": metric.help,
                "formula": metric.formula,
                "labels": list(metric.labels),
                "attribution": list(metric.attribution),
            }
            for metric in METRICS
        },
        "service_level": {
            "default": DEFAULT_FORMULA,
            "formulas": formulas,
        },
    }

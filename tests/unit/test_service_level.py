"""The competing formulas of service level, on the data with which ICMI compares them."""

from __future__ import annotations

import pytest

from streams.figures.service_level import DEFAULT_FORMULA, FORMULAS, Outcomes

ICMI = Outcomes(offered=106, answered=100, answered_in=86, abandoned=6, abandoned_in=2, abandoned_short=1)
"""The smallest whole numbers that give all five percentages that ICMI publishes."""


@pytest.mark.parametrize(
    ("formula", "percent"),
    [("icmi1", 83.0), ("answered_only", 86.0), ("strict", 81.1), ("ignore_early", 82.7), ("icmi5", 82.1)],
)
def test_five_formulas_on_icmi_s_numbers(formula: str, percent: float) -> None:
    numerator, denominator = FORMULAS[formula][1](ICMI)
    assert round(100 * numerator / denominator, 1) == percent


@pytest.mark.parametrize(
    ("formula", "fraction"), [("genesys", (86, 105)), ("genesys_flow_outs", (86, 115)), ("amazon", (91, 116))]
)
def test_those_that_know_flow_outs_and_callbacks(formula: str, fraction: tuple[int, int]) -> None:
    assert FORMULAS[formula][1](ICMI._replace(offered=116, flow_out=10, callback_in=3)) == fraction


def test_the_default_is_one_of_them() -> None:
    assert DEFAULT_FORMULA in FORMULAS


@pytest.mark.parametrize("formula", FORMULAS)
def test_of_nothing_there_is_no_level(formula: str) -> None:
    assert FORMULAS[formula][1](Outcomes()) == (0, 0)

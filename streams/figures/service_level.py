"""Service level: the competing formulas (SPEC 2.3), each as numerator and denominator.

A answered, a answered within T, B abandoned, b abandoned within T, s abandoned within S, F flow-outs, c callbacks
requested within T, Q entered the queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_FORMULA = "ignore_early"


class Outcomes(NamedTuple):
    """Counts of what became of the contacts in a queue."""

    offered: int = 0
    answered: int = 0
    answered_in: int = 0
    abandoned: int = 0
    abandoned_in: int = 0
    abandoned_short: int = 0
    flow_out: int = 0
    callback_in: int = 0


Fraction = tuple[int, int]

FORMULAS: dict[str, tuple[str, Callable[[Outcomes], Fraction]]] = {
    "ignore_early": (
        "a/(A+B-b)",
        lambda o: (o.answered_in, o.answered + o.abandoned - o.abandoned_in),
    ),
    "icmi1": (
        "(a+b)/(A+B)",
        lambda o: (o.answered_in + o.abandoned_in, o.answered + o.abandoned),
    ),
    "answered_only": ("a/A", lambda o: (o.answered_in, o.answered)),
    "strict": ("a/(A+B)", lambda o: (o.answered_in, o.answered + o.abandoned)),
    "icmi5": (
        "(a+s)/(A+B)",
        lambda o: (o.answered_in + o.abandoned_short, o.answered + o.abandoned),
    ),
    "genesys": (
        "a/(A+B-s)",
        lambda o: (o.answered_in, o.answered + o.abandoned - o.abandoned_short),
    ),
    "genesys_flow_outs": (
        "a/(A+B+F-s)",
        lambda o: (o.answered_in, o.answered + o.abandoned + o.flow_out - o.abandoned_short),
    ),
    "amazon": (
        "(a+b+c)/Q",
        lambda o: (o.answered_in + o.abandoned_in + o.callback_in, o.offered),
    ),
}
"""Label to the formula in words of this module, and the function that gives numerator and denominator."""


class LiveOutcomes(NamedTuple):
    """Counts of service-level events: a contact is one as soon as its wait can no longer change the verdict on it."""

    answered_in: int = 0
    abandoned_in: int = 0
    passed: int = 0
    """Reached the threshold unanswered, whatever came of them then or will."""


LIVE_FORMULAS: dict[str, tuple[str, Callable[[LiveOutcomes], Fraction]]] = {
    "ignore_early": ("a/(a+p)", lambda o: (o.answered_in, o.answered_in + o.passed)),
    "icmi1": (
        "(a+b)/(a+b+p)",
        lambda o: (o.answered_in + o.abandoned_in, o.answered_in + o.abandoned_in + o.passed),
    ),
    "strict": ("a/(a+b+p)", lambda o: (o.answered_in, o.answered_in + o.abandoned_in + o.passed)),
}
"""The formulas of the live value, named like those that treat early abandonments in the same way; p: passed T."""

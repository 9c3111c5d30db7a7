"""Errors that are the user's to mend: one sentence on stderr and exit code 2, no traceback."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from agents.files import FileError
from agents.pseudonyms import CustomerKeyError
from agents.settings import SettingsError
from streams.businesstime import CalendarError
from streams.figures.working_hours import UnknownCalendarError
from streams.sla.policy_document import PolicyError
from streams.sources.mapping import MappingError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

BAD_INPUT = 2
NOT_FINE = 1


class UserError(Exception):
    """Something that the user can mend; the message is one sentence."""


def check_url(url: str) -> None:
    """Refuse what is no address of a page: a program that fetches it would read files, too.

    Raises:
        UserError: says which option.
    """
    if not url.startswith(("http://", "https://")):
        msg = f"--url {url!r}: must begin with http:// or https://"
        raise UserError(msg)


_USERS = (
    UserError,
    FileError,
    CustomerKeyError,
    SettingsError,
    MappingError,
    CalendarError,
    UnknownCalendarError,
    PolicyError,
)


def told_plainly(function: Callable[P, R]) -> Callable[P, R]:
    """Turn errors that the user can mend into a sentence and exit code 2."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except _USERS as error:
            click.echo(f"ticket-streams: {error}", err=True)
            sys.exit(BAD_INPUT)

    return wrapped

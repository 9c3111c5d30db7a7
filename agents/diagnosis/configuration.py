"""Diagnosis of what is set: variables, files, and the key of pseudonyms."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from agents.diagnosis.finding import Finding, Level
from agents.pseudonyms import KEY_FILE_VARIABLE, KEY_VARIABLE, CustomerKeyError, customer_key
from agents.rules import load_rules
from agents.settings import PREFIX, Settings
from streams.businesstime import CalendarError
from streams.figures.working_hours import UnknownCalendarError
from streams.sla.policy_document import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OF_DEPLOYMENT: Final = ("ALERTMANAGER", "ALERTMANAGER_TEMPLATE", "PUBLISH", "PAGER_URL", "DESK_URL", "DEADMAN_URL")
"""Variables, without their prefix, that are read by what surrounds the workers; some also with ``_FILE`` behind."""
_OF_TESTS: Final = ("ALLOW_MISSING", "LAWS", "WITHOUT_KAFKA")
KNOWN: Final = frozenset(
    (
        *(f"{PREFIX}{name.upper()}" for name in Settings.model_fields),
        *(f"{PREFIX}{name}{file}" for name in OF_DEPLOYMENT for file in ("", "_FILE")),
        *(f"{PREFIX}{name}" for name in ("CONFIG", *_OF_TESTS)),
        KEY_VARIABLE,
        KEY_FILE_VARIABLE,
    )
)


def of_variables(environment: Mapping[str, str]) -> Iterator[Finding]:
    """A misspelt variable changes nothing, and nobody else says so."""
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in KNOWN:
            near = difflib.get_close_matches(name, KNOWN, n=1)
            hint = f"did you mean {near[0]}?" if near else "see docs/configuration.md"
            yield Finding(Level.NOTE, "environment", f"{name} is not known and changes nothing", hint)


def of_files(settings: Settings) -> Iterator[Finding]:
    """Calendars and policies, which a worker would refuse to begin with."""
    try:
        rules = load_rules(
            settings.figure_options, calendars_file=settings.calendars_file, policies=settings.policy_names
        )
    except (CalendarError, UnknownCalendarError, PolicyError) as error:
        yield Finding(Level.WRONG, "files", str(error), "mend the file; workers do not start with it")
        return
    if settings.calendars_file:
        yield Finding(Level.OK, "calendars", f"{settings.calendars_file} can be used")
    else:
        yield Finding(Level.NOTE, "calendars", "none: no business time is measured", "see docs/calendars.md")
    if settings.policies_topic:
        yield Finding(Level.OK, "policies", "from the topic; `ticket-streams policy published` shows them")
    elif settings.policies_file:
        yield Finding(Level.OK, "policies", f"{settings.policies_file} can be used, version {rules.policies.version}")
    else:
        yield Finding(Level.NOTE, "policies", "none: no service-level clock runs", "see docs/policies.md")


def of_customer_key(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Without a key of their own, logs give the same customer another name each time that they are read."""
    try:
        customer_key(environment)
    except CustomerKeyError as error:
        yield Finding(Level.WRONG, "customer key", str(error))
        return
    if environment.get(KEY_VARIABLE) or environment.get(KEY_FILE_VARIABLE):
        yield Finding(Level.OK, "customer key", "is set")
    else:
        yield Finding(
            Level.NOTE,
            "customer key",
            "none: customers of logs that are read get other pseudonyms each time",
            f"set {KEY_FILE_VARIABLE} where logs are replayed; workers need none",
        )

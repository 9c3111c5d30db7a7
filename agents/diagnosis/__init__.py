"""Self-diagnosis: what is set, what the broker is like, whether workers answer; and what to do about each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.diagnosis.broker import of_broker
from agents.diagnosis.configuration import of_customer_key, of_files, of_variables
from agents.diagnosis.finding import Finding, Level
from agents.diagnosis.workers import of_workers
from agents.settings import PREFIX, SettingsError, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Finding", "Level", "diagnose"]


def diagnose(
    environment: Mapping[str, str], config: str | None, broker: str | None = None, urls: Sequence[str] = ()
) -> Iterator[Finding]:
    """Look at everything, in the order in which one thing needs another.

    Args:
        environment: variables; settings are read from the process's own, which this must be.
        config: YAML file with settings; None: what the environment names, if anything.
        broker: ``host:port``; None: the configured one.
        urls: pages of workers, or of a front; none: those that the settings tell of.
    """
    yield from of_variables(environment)
    try:
        settings = load_settings(config)
    except SettingsError as error:
        yield Finding(Level.WRONG, "settings", str(error), "see docs/configuration.md")
        return
    if broker is not None:
        settings = settings.model_copy(update={"broker": broker})
    source = config or environment.get(f"{PREFIX}CONFIG", "")
    yield Finding(Level.OK, "settings", f"from {source or 'the environment'}, checked")
    yield from of_files(settings)
    yield from of_customer_key(environment)
    yield from of_broker(settings)
    yield from of_workers(settings, urls)

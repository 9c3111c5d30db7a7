"""Configuration: a strict YAML file under a lenient environment, which wins.

Every key may be set as ``TICKETSTREAMS_<KEY>`` in the environment. The file (``TICKETSTREAMS_CONFIG``) may hold no key
that is not known: a misspelt one would silently change nothing. Of the environment only known names are read, so that
other programs' variables do no harm.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from streams.figures.cells import RECONTACT_WINDOWS
from streams.figures.exports import EVERYTHING, KEY, KEY_METRICS, WINDOWED, Exports
from streams.figures.options import FigureOptions
from streams.figures.service_level import FORMULAS
from streams.figures.sketch import QUANTILES
from streams.figures.windows import WINDOW_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection

PREFIX = "TICKETSTREAMS_"
EVERY = "*"
"""Stands for all metrics in `export_metrics`."""
_EXPORTABLE: dict[str, Collection[object]] = {
    "export_windows": WINDOW_NAMES,
    "export_metrics": WINDOWED,
    "export_formulas": tuple(FORMULAS),
    "export_quantiles": QUANTILES,
    "export_within": tuple(RECONTACT_WINDOWS),
}


class SettingsError(ValueError):
    """The configuration cannot be used; the message names key, value and rule."""


class QueueSettings(BaseModel):
    """A queue that is shown although nothing has happened in it yet."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    channel: Literal["voice", "chat", "email", "web", "social", "sms", "task", ""] = ""
    priorities: list[str] = [""]


class Settings(BaseSettings):
    """All settings of a worker and of the commands that talk to one."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", use_attribute_docstrings=True)

    app_id: Annotated[str, Field(min_length=1)] = "ticket-streams"
    """Names the consumer group and prefixes the changelog topics."""
    broker: Annotated[str, Field(min_length=1)] = "127.0.0.1:9092"
    """``host:port``, or several separated by commas."""
    partitions: Annotated[int, Field(ge=1, le=1024)] = 4
    """Partitions of every topic but the dead letters'."""
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    """Replicas of topics that are created."""
    clock: Literal["wall", "event"] = "wall"
    """Where time comes from: the system, or in replay the events."""
    lateness_seconds: Annotated[float, Field(ge=0)] = 600.0
    """Events that come later than this behind the newest are counted as late; they are taken all the same."""
    session_timeout_seconds: Annotated[float, Field(ge=3, le=30)] = 6.0
    """After how long without a sign of life a worker's partitions go to another."""
    stall_seconds: Annotated[float, Field(ge=5)] = 60.0
    """Lag without progress for so long ends the process, for a supervisor to start another."""
    http_host: str = "127.0.0.1"
    """Address that the pages are served on; on loopback unless you say otherwise."""
    http_port: Annotated[int, Field(ge=0, le=65535)] = 9464
    """Port that the pages are served on."""
    stale_seconds: Annotated[float, Field(gt=0)] = 600.0
    """A feed without any event for so long is shown as stale, and is what the alert on stale feeds waits for."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged."""
    queues: list[QueueSettings] = []
    """Queues that are shown with 0 from the start on: each with ``name``, optionally ``channel`` and ``priorities``."""
    calendars_file: str = ""
    """YAML file with [calendars](calendars.md), read at the start; which queue has which: `default_calendar` and
    `queue_calendars` below. A path that is not absolute begins where the program is started. Empty: there are none,
    and no business time is measured."""
    policies_file: str = ""
    """YAML file with service-level [policies](policies.md), or a directory with several versions of one; read at the
    start, and again whenever a file changes. One that cannot be used changes nothing: it is logged, counted, and an
    alert fires. Empty: nothing is promised, and no clock runs."""
    policies_topic: bool = False
    """`true`: policies come from the topic `policies` instead, where `ticket-streams policy publish` puts them: each
    worker reads all of it before it takes any event, and follows it. What cannot be used changes nothing, likewise."""
    policies_check_seconds: Annotated[float, Field(gt=0)] = 5.0
    """How often the files of policies are looked at for changes."""
    export_windows: list[str] = [name for name in WINDOW_NAMES if name in KEY.windows]
    """Windows that `/metrics` exports besides `all`, of `15m`, `30m`, `1h`, `1d`, `7d`, `today` and `yesterday`. The
    wallboard, `/api` and `report` have them all."""
    export_metrics: list[str] = list(KEY_METRICS)
    """Metrics that `/metrics` exports by these windows, by their names in [metrics](metrics.md); `["*"]`: all. The
    others it exports since the first event only (window `all`)."""
    export_attributions: Literal["default", "all"] = "all"
    """`all`: figures that can be booked by event and by cohort are exported both ways; `default`: by their default."""
    export_formulas: list[str] = [formula for formula in FORMULAS if formula in KEY.formulas]
    """Formulas of service level that are exported; see [metrics](metrics.md)."""
    export_quantiles: list[float] = list(KEY.quantiles)
    """Quantiles that are exported, of 0.5, 0.9 and 0.95."""
    export_within: list[str] = [name for name in RECONTACT_WINDOWS if name in KEY.within]
    """Windows of re-contacts and of first contact resolution that are exported, of `24h`, `72h`, `7d` and `30d`."""
    export_rep_label: bool = False
    """Whether `/metrics` tells reps apart: series `support_by_rep_…` with the label `rep`, see [reps](reps.md)."""
    export_rep_cap: Annotated[int, Field(ge=1, le=1000)] = 50
    """How many reps of each queue are then exported by name, the most active of the last seven days; the others are
    added up in `rep="__other__"`."""
    figures: dict[str, Any] = {}
    """Choices of definition, listed below; a table in the file, JSON in the environment."""

    @field_validator("figures")
    @classmethod
    def _known_figures(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            msgspec.convert(value, FigureOptions)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("export_windows", "export_metrics", "export_formulas", "export_quantiles", "export_within")
    @classmethod
    def _known_exports(cls, value: list[Any], info: ValidationInfo) -> list[Any]:
        known = _EXPORTABLE[str(info.field_name)]
        for one in value:
            if one not in known and not (one == EVERY and info.field_name == "export_metrics"):
                near = difflib.get_close_matches(str(one), map(str, known), n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(map(str, known))}"
                msg = f"{one!r} is not known; {hint}"
                raise ValueError(msg)
        return value

    @field_validator("policies_topic")
    @classmethod
    def _policies_from_one_place(cls, value: bool, info: ValidationInfo) -> bool:
        file = info.data.get("policies_file")
        if value and file:
            msg = f"goes not together with policies_file = {file!r}: policies come from the topic or from files"
            raise ValueError(msg)
        return value

    @property
    def policy_names(self) -> list[str]:
        """What policies are read from."""
        return [self.policies_file] if self.policies_file else []

    @property
    def exports(self) -> Exports:
        """Which series `/metrics` has."""
        every = EVERY in self.export_metrics
        return Exports(
            frozenset(self.export_windows),
            EVERYTHING.metrics if every else frozenset(self.export_metrics),
            self.export_attributions == "all",
            frozenset(self.export_formulas),
            tuple(sorted(set(self.export_quantiles))),
            frozenset(self.export_within),
            self.export_rep_cap if self.export_rep_label else 0,
        )

    @property
    def figure_options(self) -> FigureOptions:
        """The choices of definition, typed."""
        return msgspec.convert(self.figures, FigureOptions)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before what the file says."""
        return (env_settings, init_settings)


def load_settings(path: str | None = None) -> Settings:
    """Read the configuration.

    Args:
        path: YAML file; default: what ``TICKETSTREAMS_CONFIG`` names, or none.

    Raises:
        SettingsError: the file cannot be read, or a key or value is wrong.
    """
    path = path or os.environ.get(f"{PREFIX}CONFIG")
    said = _read(Path(path)) if path else {}
    for key in said:
        if key not in Settings.model_fields:
            near = difflib.get_close_matches(str(key), Settings.model_fields, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            msg = f"{path}: {key}: is not a known setting{hint}"
            raise SettingsError(msg)
    try:
        return Settings(**said)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, one['loc']))} = {one['input']!r}: {one['msg']}" for one in error.errors()
        )
        raise SettingsError(f"{path}: {problems}" if path else problems) from None
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise SettingsError(msg) from None
    except yaml.YAMLError as error:
        msg = f"{path}: is not YAML: {' '.join(str(error).split())}"
        raise SettingsError(msg) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        msg = f"{path}: must be a table of settings"
        raise SettingsError(msg)
    return document

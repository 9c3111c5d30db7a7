"""Rule files and Alertmanager configurations as YAML that people can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import yaml

from streams.problems import Problem
from streams.sla.policy_document import PolicyError

if TYPE_CHECKING:
    from pathlib import Path

    from streams.sla.policy_routes import Routing

_EMPTY: dict[str, Any] = {
    "route": {"receiver": "nobody", "group_by": ["alertname", "queue"]},
    "receivers": [{"name": "nobody"}],
}
"""Where alerts go that no policy makes, if no configuration is given to add to."""


class _Address(str):
    """An address, in double quotes: the entrypoint of the shipped Alertmanager fills them in place of marks."""

    __slots__ = ()


class _Line(list[Any]):
    """A list on one line, which that entrypoint leaves out as a whole if there is no address."""


class _Dumper(yaml.SafeDumper):
    """Writes lists of words on one line, and what stands twice twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.add_representer(
    _Address, lambda dumper, data: dumper.represent_scalar("tag:yaml.org,2002:str", data, style='"')
)
_Dumper.add_representer(_Line, lambda dumper, data: _sequence(dumper, data, on_a_line=True))
_Dumper.add_representer(
    list, lambda dumper, data: _sequence(dumper, data, on_a_line=all(isinstance(item, str) for item in data))
)


def _sequence(dumper: yaml.SafeDumper, data: list[Any], *, on_a_line: bool) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=on_a_line)


def to_yaml(document: object, about: str) -> str:
    """A document as YAML, with remarks above it."""
    remarks = "".join(f"# {line}\n" for line in about.splitlines())
    return remarks + yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def alertmanager_config(routing: Routing, base: Path | None) -> dict[str, Any]:
    """A whole configuration: the one given, with what policies ask for added to it.

    Args:
        routing: what policies ask for.
        base: a configuration to add to; None: one that sends what is not of policies to nobody.

    Raises:
        PolicyError: the base cannot be read or added to, or cannot send e-mail that the policies ask for.
    """
    found = dict(_EMPTY) if base is None else _read(base)
    names = {one["name"] for one in [*found.get("receivers", []), *found.get("time_intervals", [])]}
    for one in (*routing.receivers, *routing.time_intervals):
        if one["name"] in names:
            raise PolicyError(str(base), [Problem(("receivers",), one["name"], "is a name that policies need")])
    if any("email_configs" in one for one in routing.receivers) and "smtp_smarthost" not in (found.get("global") or {}):
        rule = "is required, for policies name e-mail addresses: give it in a configuration with --base"
        raise PolicyError(str(base or "alertmanager"), [Problem(("global", "smtp_smarthost"), None, rule)])
    route = found["route"]
    others = route.get("routes") or []
    muted = [{"matchers": one.matchers, **_muted({"routes": others}, one.intervals)} for one in routing.muted]
    return {
        **found,
        "route": {**route, "routes": [*routing.routes, *muted, *others]},
        "receivers": [_on_a_line(one) for one in (*found["receivers"], *routing.receivers)],
        "inhibit_rules": [*(found.get("inhibit_rules") or []), *routing.inhibit_rules],
        **(
            {"time_intervals": [*(found.get("time_intervals") or []), *routing.time_intervals]}
            if routing.time_intervals
            else {}
        ),
    }


def _muted(route: dict[str, Any], intervals: list[str]) -> dict[str, Any]:
    """A route, and all below it, silent in some intervals besides its own: Alertmanager inherits these of no route."""
    found = {**route, "mute_time_intervals": [*(route.get("mute_time_intervals") or []), *intervals]}
    if route.get("routes"):
        found["routes"] = [_muted(one, intervals) for one in route["routes"]]
    return found


def _read(base: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(base.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise PolicyError(str(base), [Problem((), str(base), f"cannot be read: {reason}")]) from None
    if isinstance(document, dict) and isinstance(document.get("route"), dict):
        receivers = document.get("receivers")
        if isinstance(receivers, list) and all(isinstance(one, dict) and "name" in one for one in receivers):
            return cast("dict[str, Any]", document)
    rule = "must be a configuration of Alertmanager, with a route and receivers"
    raise PolicyError(str(base), [Problem((), str(base), rule)])


def _on_a_line(receiver: dict[str, Any]) -> dict[str, Any]:
    webhooks = receiver.get("webhook_configs")
    if not webhooks:
        return receiver
    quoted = [
        {**one, "url": _Address(one["url"])} if isinstance(one, dict) and "url" in one else one for one in webhooks
    ]
    return {**receiver, "webhook_configs": _Line(quoted)}

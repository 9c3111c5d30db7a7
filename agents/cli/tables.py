"""Figures as tables for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

_NOTHING = "–"


def duration(seconds: float | None) -> str:
    """A duration as people say it; a dash for no data."""
    if seconds is None:
        return _NOTHING
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    clock = f"{hours}:{minutes:02}:{rest:02}"
    return f"{days} d {clock}" if days else clock


def plain(text: str) -> str:
    """Text of others for a terminal: what cannot be printed, such as control characters, is written as an escape."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def share(ratio: dict[str, Any]) -> str:
    """A ratio with its parts; a dash for no data."""
    value = ratio["ratio"]
    return _NOTHING if value is None else f"{value:.1%} ({ratio['numerator']:,}/{ratio['denominator']:,})"


def print_figures(figures: dict[str, Any], console: Console | None = None) -> None:
    """Print the total and every break-down of a report, or of the API's figures."""
    console = console or Console()
    events = ", ".join(f"{number:,} {result}" for result, number in figures["events"].items() if number)
    console.print(f"As of [bold]{figures['as_of']}[/bold] · events: {events or 'none'}")
    _print_families("Total", figures["total"], console)
    for dimension, values in figures.get("by", {}).items():
        _print_split(dimension, values, console)


def _print_families(title: str, families: dict[str, Any], console: Console) -> None:
    if not families:
        console.print("No figures: nothing has happened yet.")
    for family in ("tickets", "contacts", "chats", "complaints", "recontacts", "reps"):
        if family not in families:
            continue
        table = Table(title=f"{title}: {family}", title_justify="left", show_header=False)
        table.add_column("figure")
        table.add_column("value", justify="right")
        for name, value in _rows(families[family]):
            table.add_row(name, value)
        console.print(table)
    if "sla" in families:
        _print_clocks(title, families["sla"], console)


_BY_WINDOW_AND_MATCH = {
    "recontact_ratio": "followed within",
    "recontact_ratio_provisional": "followed so far within",
    "fcr_no_recontact": "first contact resolution",
    "fcr_no_recontact_net": "first contact resolution, net,",
}


def _rushed_rows(rushed: dict[str, Any]) -> list[tuple[str, str]]:
    """Whether contacts are rushed, where there is a week before to compare with."""
    same = rushed["same_mix"]
    if same["aht_change"] is None:
        return []
    said = "yes" if rushed["rushed"] else "no"
    z = "" if same["z"] is None else f" · z {same['z']:.2f}"
    return [("contacts are rushed", f"{said} · at the same mix handle time × {same['aht_change']:.2f}{z}")]


def _print_clocks(title: str, clocks: list[dict[str, Any]], console: Console) -> None:
    table = Table(title=f"{title}: service-level clocks", title_justify="left")
    table.add_column("policy and metric")
    for column in ("on time", "breaches", "late", "cancelled", "overdue, mean"):
        table.add_column(column, justify="right")
    for clock in clocks:
        beside = " (shadow)" if clock["mode"] == "shadow" else ""
        overdue = clock["overdue_seconds"]["mean"]
        table.add_row(
            f"{clock['policy']}: {clock['metric']}{beside}",
            share(clock["attainment"]),
            *(f"{clock[name]:,}" for name in ("breaches", "fulfilled_late", "cancelled")),
            _NOTHING if overdue is None else duration(overdue),
        )
    console.print(table)


_SERVICE_LEVELS = {"service_level": "service level", "service_level_live": "service level with those waiting,"}


def _rows(family: dict[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in family.items():
        if name in _SERVICE_LEVELS and "ratio" not in value:
            rows.extend(
                (f"{_SERVICE_LEVELS[name]} {formula} ≤ {level['threshold_seconds']:g} s", share(level))
                for formula, level in value.items()
            )
        elif name == "callbacks":
            rows.extend((row if "callback" in row else f"callbacks: {row}", said) for row, said in _rows(value))
        elif name == "chat_concurrency":
            rows.append((_plain(name), _NOTHING if value["ratio"] is None else _number(value["ratio"])))
        elif name == "rushed":
            rows.extend(_rushed_rows(value))
        elif name in _BY_WINDOW_AND_MATCH:
            rows.extend(
                (f"{_BY_WINDOW_AND_MATCH[name]} {window}, {match}", share(part))
                for window, parts in value.items()
                for match, part in parts.items()
            )
        elif isinstance(value, dict) and "p50" in value:
            if value["count"]:
                told = duration if name.endswith("_seconds") else _number
                said = f"mean {told(value['mean'])} · p50 {told(value['p50'])} · p90 {told(value['p90'])}"
                rows.append((_plain(name), f"{said} · n {value['count']:,}"))
        elif isinstance(value, dict) and "ratio" in value:
            rows.append((_plain(name), share(value)))
        elif isinstance(value, dict):
            told = duration if name.endswith("_seconds") else _number
            said = ", ".join(f"{key} {told(number)}" for key, number in value.items())
            rows.append((f"within {name}" if name[0].isdigit() else _plain(name), said or _NOTHING))
        elif value is None or isinstance(value, str):
            rows.append((_plain(name), value or _NOTHING))
        else:
            rows.append((_plain(name), duration(value) if name.endswith("_seconds") else _number(value)))
    return rows


def _plain(name: str) -> str:
    """A figure's name as a reader says it."""
    return name.removesuffix("_seconds").replace("_", " ")


_SPLIT_COLUMNS = {
    "tickets": ("created", "solved", "reopened", "open", "first_reply_seconds", "full_resolution_seconds"),
    "contacts": ("offered", "answered", "abandoned", "flow_out", "queue_wait_seconds", "handle_seconds"),
}


def _print_split(dimension: str, values: dict[str, Any], console: Console) -> None:
    for family, columns in _SPLIT_COLUMNS.items():
        rows = {value: families[family] for value, families in values.items() if family in families}
        if not rows:
            continue
        table = Table(title=f"{family.capitalize()} by {dimension}", title_justify="left")
        table.add_column(dimension)
        for column in columns:
            table.add_column(column.removesuffix("_seconds").replace("_", " "), justify="right")
        table.add_column("re-contacts 7d, any", justify="right")
        for value, figures in rows.items():
            cells = [
                duration(figures[column]["mean"]) if column.endswith("_seconds") else f"{figures[column]:,}"
                for column in columns
            ]
            again = values[value].get("recontacts", {}).get("7d", {}).get("any")
            table.add_row(value or _NOTHING, *cells, _NOTHING if again is None else f"{again:,}")
        console.print(table)

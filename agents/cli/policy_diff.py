"""``policy diff``: what a changed policy would have done to recorded logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec
import orjson
from rich.console import Console
from rich.table import Table

from agents.cli.errors import UserError, told_plainly
from agents.logs import read_log
from agents.mappings import read_mapping
from agents.policies import load_policies
from streams.codec import RejectedError, format_time, parse_time
from streams.pipeline.policy_diff import PolicyDiff

if TYPE_CHECKING:
    from streams.pipeline.policy_diff import Case, Counts, Difference

_COLUMNS = ("queue", "target", "clocks before", "late before", "clocks after", "late after", "gained", "lost")


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.argument("files", nargs=-1, required=True)
@click.option("--mapping", required=True, help="Name of a shipped mapping, or path of one.")
@click.option("--as-of", help="As it stood at this time (RFC 3339 with zone). Default: the last event.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--show", default=0, show_default=True, type=click.IntRange(0), help="List so many clocks of each kind.")
@told_plainly
def diff(old: str, new: str, files: tuple[str, ...], mapping: str, as_of: str | None, form: str, show: int) -> None:
    """What policies NEW would have done to the logs FILES that policies OLD did not: breaches gained and lost.

    OLD and NEW are policy files, names of shipped policies, or directories of versions. A single version is taken to
    hold for the whole log. Shadow policies are left out.
    """
    try:
        instant = None if as_of is None else parse_time(as_of, "--as-of")
    except RejectedError as error:
        raise UserError(str(error)) from None
    compiled = read_mapping(mapping)
    compared = PolicyDiff(load_policies([old]), load_policies([new]), compiled.figures)
    log = read_log(files, compiled)
    for mapped in log.events:
        compared.add(mapped.event)
    found = compared.result(instant)
    for problem in log.problems:
        click.echo(f"rejected: {problem}", err=True)
    if form == "json":
        said = as_json(found, compared.last if instant is None else instant, show)
        click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
        return
    _print(found)
    for name, cases in (("gained", found.gained), ("lost", found.lost)):
        for case in cases[:show]:
            click.echo(f"{name}: {case.entity} {case.group.metric} in {case.group.queue} at {format_time(case.at)}")


def as_json(found: Difference, as_of: int, show: int) -> dict[str, Any]:
    """The difference as JSON shows it."""

    def case(each: Case) -> dict[str, str]:
        return {"entity": each.entity, **each.group._asdict(), "at": format_time(each.at)}

    return {
        "as_of": format_time(as_of),
        "total": msgspec.to_builtins(found.total),
        "by": [{**group._asdict(), **msgspec.to_builtins(counts)} for group, counts in found.groups.items()],
        "gained": [case(each) for each in found.gained[:show]],
        "lost": [case(each) for each in found.lost[:show]],
    }


def _print(found: Difference) -> None:
    table = Table(*_COLUMNS)
    for column in table.columns[:2]:
        column.no_wrap = True
    for column in table.columns[2:]:
        column.justify = "right"

    def row(first: str, second: str, counts: Counts) -> None:
        late = (counts.before, counts.late_before, counts.after, counts.late_after, counts.gained, counts.lost)
        table.add_row(first, second, *map(str, late))

    for group, counts in found.groups.items():
        row(*group, counts)
    table.add_section()
    row("total", "", found.total)
    Console().print(table)

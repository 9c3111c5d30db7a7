"""``report``: the figures of recorded logs, by the same folds as the worker's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec
import orjson

from agents.cli.errors import UserError, told_plainly
from agents.cli.tables import print_figures
from agents.logs import read_log
from agents.mappings import read_mapping
from agents.rules import load_rules
from agents.settings import PREFIX
from streams.codec import RejectedError, parse_time
from streams.figures.options import FigureOptions
from streams.pipeline.report import DIMENSIONS, Report

if TYPE_CHECKING:
    from streams.figures.readers import Attribution


@click.command("report")
@click.argument("files", nargs=-1, required=True)
@click.option("--mapping", required=True, help="Name of a shipped mapping, or path of one.")
@click.option("--by", multiple=True, type=click.Choice(DIMENSIONS), help="Break down by this dimension; repeatable.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--as-of", help="Figures as they stood at this time (RFC 3339 with zone). Default: the last event.")
@click.option("--attribution", type=click.Choice(["cohort", "event"]), default="cohort", show_default=True)
@click.option("--define", multiple=True, metavar="KEY=VALUE", help="Choose a definition; over the mapping's choice.")
@click.option(
    "--calendars",
    default="",
    metavar="FILE",
    envvar=f"{PREFIX}CALENDARS_FILE",
    help="YAML file with calendars, for business time.",
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="FILE",
    help="Service-level policies: a file, a directory of versions, or the name of a shipped one; repeatable.",
)
@told_plainly
def command(
    files: tuple[str, ...],
    mapping: str,
    by: tuple[str, ...],
    form: str,
    as_of: str | None,
    attribution: Attribution,
    define: tuple[str, ...],
    calendars: str,
    policies: tuple[str, ...],
) -> None:
    """The figures of recorded logs, without a broker."""
    try:
        instant = None if as_of is None else parse_time(as_of, "--as-of")
    except RejectedError as error:
        raise UserError(str(error)) from None
    compiled = read_mapping(mapping)
    options = chosen(compiled.figures, define)
    log = read_log(files, compiled)
    collected = Report(load_rules(options, calendars_file=calendars, policies=policies), by=by, attribution=attribution)
    for mapped in log.events:
        collected.add(mapped.event)
    collected.events.update(log.counts)
    figures = collected.result(instant)
    for problem in log.problems:
        click.echo(f"rejected: {problem}", err=True)
    if form == "json":
        click.echo(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())
    else:
        print_figures(figures)


def chosen(options: FigureOptions, define: tuple[str, ...]) -> FigureOptions:
    """Options with single choices replaced.

    Raises:
        UserError: not ``KEY=VALUE``, or no such choice.
    """
    said: dict[str, Any] = msgspec.to_builtins(options)
    for one in define:
        key, equals, value = one.partition("=")
        if not equals:
            msg = f"--define {one!r}: must be KEY=VALUE"
            raise UserError(msg)
        said[key] = value
    try:
        return msgspec.convert(said, FigureOptions, strict=False)
    except msgspec.ValidationError as error:
        msg = f"--define: {error}"
        raise UserError(msg) from None

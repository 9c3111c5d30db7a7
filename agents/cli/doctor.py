"""``doctor``: looks at everything that an installation needs, and says what is wrong and what to do."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click
import orjson

from agents.cli.errors import NOT_FINE, check_url, told_plainly
from agents.cli.tables import plain
from agents.diagnosis import Level, diagnose

if TYPE_CHECKING:
    from agents.diagnosis import Finding

_COLOURS = {Level.OK: "green", Level.NOTE: "yellow", Level.WRONG: "red"}
_LEVEL_WIDTH = 6
_ABOUT_WIDTH = 13


@click.command("doctor")
@click.option("--url", "urls", multiple=True, metavar="URL", help="Pages of a worker, or of a front; repeatable.")
@click.option("--broker", help="host:port; default: the configured one.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--config", help="YAML file with settings; the environment wins over it.")
@told_plainly
def command(urls: tuple[str, ...], broker: str | None, form: str, config: str | None) -> None:
    """Look at settings, files, broker, topics and workers; exit code 1 if anything is wrong.

    Nothing is changed. A note is nothing wrong, but worth knowing.
    """
    for url in urls:
        check_url(url)
    found: list[Finding] = []
    for finding in diagnose(os.environ, config, broker, urls):
        found.append(finding)
        if form == "text":
            _show(finding)
    wrong = sum(finding.level is Level.WRONG for finding in found)
    if form == "json":
        click.echo(orjson.dumps({"ok": not wrong, "findings": [finding._asdict() for finding in found]}))
    else:
        click.echo("nothing is wrong" if not wrong else f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong")
    if wrong:
        sys.exit(NOT_FINE)


def _show(finding: Finding) -> None:
    level = click.style(finding.level.value.ljust(_LEVEL_WIDTH), fg=_COLOURS[finding.level])
    first, *more = finding.said.splitlines()
    click.echo(f"{level} {finding.about.ljust(_ABOUT_WIDTH)} {plain(first)}")
    margin = " " * (_LEVEL_WIDTH + _ABOUT_WIDTH + 2)
    for line in more:
        click.echo(margin + plain(line))
    if finding.do:
        click.echo(f"{margin}→ {finding.do}")

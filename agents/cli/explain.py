"""``explain``: why each service-level clock of one ticket or contact stands where it stands."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click
import orjson

from agents.cli.errors import UserError, check_url, told_plainly
from agents.cli.report import chosen
from agents.logs import read_log
from agents.mappings import read_mapping
from agents.rules import load_rules
from agents.settings import PREFIX
from streams.codec import RejectedError, parse_time
from streams.history import EMPTY, merge
from streams.pipeline.derive import clocks_of
from streams.sla.explanation import explain
from streams.sla.of_entity import PROMISED

if TYPE_CHECKING:
    from streams.events import Kind

NOT_FINE = 1
"""Exit code: the entity is not known."""


@click.command("explain")
@click.argument("entity")
@click.argument("files", nargs=-1)
@click.option("--mapping", default="", help="Name of a shipped mapping, or path of one; needed with FILES.")
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="Policies, needed with FILES; see report.")
@click.option("--calendars", default="", metavar="FILE", envvar=f"{PREFIX}CALENDARS_FILE", help="As for report.")
@click.option("--as-of", help="As it stood at this time (RFC 3339 with zone). Default: the last event of the files.")
@click.option("--define", multiple=True, metavar="KEY=VALUE", help="Choose a definition; over the mapping's choice.")
@click.option(
    "--url", default="http://127.0.0.1:9464", show_default=True, help="Worker or front to ask, without FILES."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@told_plainly
def command(
    entity: str,
    files: tuple[str, ...],
    mapping: str,
    policies: tuple[str, ...],
    calendars: str,
    as_of: str | None,
    define: tuple[str, ...],
    url: str,
    form: str,
) -> None:
    """Why the clocks of ENTITY stand where they stand: ticket/ID, call/ID or chat/ID; a bare ID is a ticket's.

    Without FILES a running worker is asked; with them the recorded log that they hold.
    """
    kind, name = _named(entity)
    if files:
        found = _of_log(kind, name, files, mapping, policies, calendars, as_of, define)
    else:
        found = _of_worker(url, kind, name)
    if found is None:
        click.echo(f"ticket-streams: there is no {kind} {name!r}", err=True)
        sys.exit(NOT_FINE)
    if form == "json":
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo("\n".join(_lines(found)))


def _named(entity: str) -> tuple[Kind, str]:
    for kind in PROMISED:
        if entity.startswith(f"{kind}/") and entity != f"{kind}/":
            return kind, entity.removeprefix(f"{kind}/")
    return "ticket", entity


def _of_log(
    kind: Kind,
    name: str,
    files: tuple[str, ...],
    mapping: str,
    policies: tuple[str, ...],
    calendars: str,
    as_of: str | None,
    define: tuple[str, ...],
) -> dict[str, Any] | None:
    if not mapping or not policies:
        msg = f"{'--mapping' if not mapping else '--policy'} is needed where files are given"
        raise UserError(msg)
    try:
        instant = None if as_of is None else parse_time(as_of, "--as-of")
    except RejectedError as error:
        raise UserError(str(error)) from None
    compiled = read_mapping(mapping)
    rules = load_rules(chosen(compiled.figures, define), calendars_file=calendars, policies=policies)
    events = [mapped.event for mapped in read_log(files, compiled).events]
    if instant is None:
        instant = max((event.entry.time for event in events), default=0)
    own = [event.entry for event in events if (event.kind, event.entity) == (kind, name)]
    history = merge(EMPTY, [entry for entry in own if entry.time <= instant]).history
    if not history.events:
        return None
    return explain(f"{kind}/{name}", clocks_of(kind, name, history, rules, instant), instant)


def _of_worker(url: str, kind: str, name: str) -> dict[str, Any] | None:
    check_url(url)
    asked = f"{url.rstrip('/')}/api/v1/explain/{kind}/{quote(name, safe='')}"
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - the scheme was looked at above
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        msg = f"{url} answers {error.code}"
        raise UserError(msg) from None
    except (urllib.error.URLError, OSError, ValueError) as error:
        msg = f"{url} does not answer: {getattr(error, 'reason', error)}. Is a worker running there?"
        raise UserError(msg) from None


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{found['entity']} as of {found['as_of']}"]
    if not found["clocks"]:
        lines.append("  Nothing was promised: no clock runs.")
    for clock in found["clocks"]:
        first, *others = clock["words"]
        lines += ["", first, *(f"  {sentence}" for sentence in others)]
    return lines

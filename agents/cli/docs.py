"""``docs``: write the generated documentation, or check that what is committed is what would be written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from agents.cli.errors import NOT_FINE, told_plainly
from agents.settings_docs import render as render_settings
from agents.web.metric_docs import metrics_markdown
from streams.events.schema import render_docs
from streams.sla.policy_schema import policy_schema


@click.command("docs")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if anything would change.")
@click.option("--root", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="The checkout.")
@told_plainly
def command(check: bool, root: Path) -> None:
    """Write, or check, what is generated from the code: metrics, settings and event schemas."""
    events = {f"docs/events/{name}": text for name, text in render_docs().items()}
    policies = json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"
    pages = {
        "docs/metrics.md": metrics_markdown(),
        "docs/configuration.md": render_settings(),
        "docs/policies.schema.json": policies,
        **events,
    }
    stale = [
        name
        for name, text in pages.items()
        if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != text
    ]
    for name in stale:
        click.echo(f"{'differs' if check else 'wrote'} {name}")
        if not check:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(pages[name], encoding="utf-8")
    if check and stale:
        sys.exit(NOT_FINE)
    if not stale:
        click.echo(f"all {len(pages)} generated pages are up to date")

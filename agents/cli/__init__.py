"""The command line, ``ticket-streams``: one module a command.

Exit codes: 0 fine, 1 the thing asked about is not fine, 2 usage or bad input; errors are one sentence on stderr.
"""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import Any

import click

__all__ = ["main"]

_COMMANDS = {
    "up": "Run everything on this machine: broker, worker, wallboard and a feed.",
    "worker": "Run one worker against the configured broker.",
    "replay": "Convert recorded logs to events and produce them.",
    "report": "The figures of recorded logs, without a broker.",
    "explain": "Why the service-level clocks of a ticket or contact stand where they stand.",
    "policy": "Check policy files; generate alert rules and routes from them.",
    "topics": "Create or check the topics.",
    "dead-letters": "List the events that could not be taken, or send them again.",
    "simulate": "Produce the events of a simulated contact centre, with the truth about it.",
    "doctor": "Look at settings, broker, topics and workers, and say what is wrong.",
    "docs": "Write, or check, the generated documentation.",
}


class _Lazy(click.Group):
    """Imports a command only when it is called: ``report`` need not wait for Faust to be imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"agents.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("ticket-streams"), prog_name="ticket-streams")
def _group() -> None:
    """Tickets, calls and chats from Kafka to live, correct figures in Prometheus."""


def main(*args: Any, **options: Any) -> None:
    """Run the command line."""
    _group(*args, prog_name="ticket-streams", **options)

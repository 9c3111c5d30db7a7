"""``worker``: one Faust worker, its figures on its own port."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from agents.app import create_app
from agents.cli.errors import UserError, told_plainly
from agents.engine import EngineError, run_worker
from agents.settings import load_settings
from agents.topic_specs import topic_specs
from agents.topics_admin import TopicsError, check_topics
from agents.web.server import create_web, start

if TYPE_CHECKING:
    from agents.app import App
    from agents.settings import Settings


@click.command("worker")
@click.option("--config", help="YAML file with settings; the environment wins over it.")
@told_plainly
def command(config: str | None) -> None:
    """Run one worker against the configured broker."""
    settings = load_settings(config)
    app = create_app(settings)
    _check_topics(settings)
    _serve(app, settings)
    sys.exit(run_worker(app.engine, settings.log_level))


def _check_topics(settings: Settings) -> None:
    try:
        problems = check_topics(settings.broker, topic_specs(settings))
    except TopicsError as error:
        raise UserError(str(error)) from None
    fatal = [problem for problem in problems if "does not exist" in problem or "partitions" in problem]
    if fatal:
        msg = f"{'; '.join(fatal)}. Run `ticket-streams topics create` first."
        raise UserError(msg)


def _serve(app: App, settings: Settings) -> None:
    async def serve() -> None:
        web = create_web(app.view, stale_after=settings.stale_seconds)
        try:
            await start(web, settings.http_host, settings.http_port)
        except OSError as error:
            msg = f"http://{settings.http_host}:{settings.http_port} cannot be served: {error.strerror}"
            raise EngineError(msg) from None

    app.engine.on_started(serve)

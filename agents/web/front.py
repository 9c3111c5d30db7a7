"""The web server in front of several workers: the same pages, as if there were one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from agents.web.front_source import FrontSource
from agents.web.pages import application
from agents.web.view import STALE_AFTER_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from aiohttp import web

WORKER_TIMEOUT_S = 2.0


def create_front(
    urls: Sequence[str], *, stale_after: float = STALE_AFTER_SECONDS, worker_timeout: float = WORKER_TIMEOUT_S
) -> web.Application:
    """The application in front of workers.

    A worker that does not answer within ``worker_timeout`` seconds makes ``/readyz`` answer 503 and the figures
    ``incomplete``, with the queues that it had; in ``/metrics`` its ``ticketstreams_ready`` is 0.

    Args:
        urls: Base addresses of the workers, such as ``http://127.0.0.1:9465``.
        stale_after: Seconds after which a silent feed makes the figures stale.
        worker_timeout: Seconds.

    Raises:
        ValueError: no address, or the same one twice.
    """
    if not urls or len(set(urls)) != len(urls):
        msg = f"the addresses of the workers must be one or more different ones, not {list(urls)}"
        raise ValueError(msg)
    source = FrontSource(urls, stale_after)

    async def connect(_app: web.Application) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=worker_timeout)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            source.session = session
            yield

    app = application(source)
    app.cleanup_ctx.append(connect)
    return app

"""The web server of one worker; it runs in the worker's event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from agents.web.cells import JSON, MSGPACK
from agents.web.pages import HOST, PORT, application
from agents.web.query import cells_query
from agents.web.view import STALE_AFTER_SECONDS
from agents.web.worker_source import WorkerSource

if TYPE_CHECKING:
    from agents.web.view import WorkerView

SHUTDOWN_S = 1.0


def create_web(view: WorkerView, *, stale_after: float = STALE_AFTER_SECONDS) -> web.Application:
    """The application of one worker.

    Args:
        view: The worker.
        stale_after: Seconds after which a silent feed makes the figures stale.
    """
    source = WorkerSource(view, stale_after)

    async def cells(request: web.Request) -> web.Response:
        windows, form = cells_query(request.query)
        found = await source.cells(windows)
        if form == "json":
            return web.Response(body=JSON.encode(found), content_type="application/json")
        return web.Response(body=MSGPACK.encode(found), content_type="application/msgpack")

    app = application(source)
    app.router.add_get("/api/v1/cells", cells)
    return app


async def start(app: web.Application, host: str = HOST, port: int = PORT) -> web.AppRunner:
    """Serve an application in the running loop; ``await runner.cleanup()`` ends it. Port 0 takes a free one.

    Raises:
        OSError: the port is taken, or may not be used.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner

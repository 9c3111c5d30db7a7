"""The routes that every server of ours has, whatever answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from agents.web import explaining, wallboard
from agents.web.glossary import glossary
from agents.web.query import BadQueryError, entities_query, figures_query
from agents.web.text import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from agents.web.source import Source, Verdict

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HOST = "127.0.0.1"
PORT = 9464


def json_answer(document: Any, status: int = 200) -> web.Response:
    """A JSON response that nobody keeps."""
    return web.Response(
        body=orjson.dumps(document),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


@web.middleware
async def explain_bad_queries(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 400 with parameter, value and rule."""
    try:
        return await handler(request)
    except BadQueryError as error:
        said = {"parameter": error.parameter, "value": error.value, "rule": error.rule}
        return json_answer({"error": said}, 400)


def _verdict(verdict: Verdict) -> web.Response:
    return json_answer({"ok": verdict.fine, "reasons": verdict.reasons}, 200 if verdict.fine else 503)


class _Pages:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._glossary = glossary()

    async def metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=await self._source.metrics(), headers={"Content-Type": CONTENT_TYPE})

    async def healthz(self, _request: web.Request) -> web.Response:
        return _verdict(await self._source.health())

    async def readyz(self, _request: web.Request) -> web.Response:
        return _verdict(await self._source.readiness())

    async def figures(self, request: web.Request) -> web.Response:
        return json_answer(await self._source.figures(figures_query(request.query)))

    async def progress(self, _request: web.Request) -> web.Response:
        return json_answer(await self._source.progress())

    async def entities(self, request: web.Request) -> web.Response:
        return json_answer(await self._source.entities(entities_query(request.match_info["queue"], request.query)))

    async def definitions(self, _request: web.Request) -> web.Response:
        return json_answer(self._glossary)


def application(source: Source) -> web.Application:
    """An application with all pages, answered by ``source``."""
    pages = _Pages(source)
    app = web.Application(middlewares=[explain_bad_queries])
    app.add_routes(
        [
            web.get("/metrics", pages.metrics),
            web.get("/healthz", pages.healthz),
            web.get("/readyz", pages.readyz),
            web.get("/api/v1/figures", pages.figures),
            web.get("/api/v1/progress", pages.progress),
            web.get("/api/v1/definitions", pages.definitions),
            web.get("/api/v1/queues/{queue}/entities", pages.entities),
            *explaining.routes(source),
            *wallboard.routes(),
        ]
    )
    return app

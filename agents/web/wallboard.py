"""Serves the wallboard: one page, its script and its style, from this package and from nowhere else."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

_PAGE = "/wallboard"
_FILES = {
    _PAGE: ("wallboard.html", "text/html"),
    "/wallboard/wallboard.css": ("wallboard.css", "text/css"),
    "/wallboard/wallboard.js": ("wallboard.js", "text/javascript"),
    "/wallboard/format.js": ("format.js", "text/javascript"),
    "/wallboard/icon.svg": ("icon.svg", "image/svg+xml"),
}

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes() -> Iterable[web.RouteDef]:
    """The page and its parts, and the way to it from ``/``."""
    yield web.get("/", _to_wallboard)
    for path, (name, content_type) in _FILES.items():
        yield web.get(path, _page(name, content_type))


def _page(name: str, content_type: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    body = (files("agents.web") / "static" / name).read_bytes()

    async def page(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=_HEADERS)

    return page


async def _to_wallboard(_request: web.Request) -> web.Response:
    raise web.HTTPFound(_PAGE)

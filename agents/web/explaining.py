"""``/api/v1/explain/…`` and ``/explain/…``: why the clocks of one ticket or contact stand where they stand."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from streams.sla.of_entity import PROMISED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agents.web.source import Source

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_STYLE = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}h2{margin-bottom:0}"


def routes(source: Source) -> Iterable[web.RouteDef]:
    """The page, and the JSON behind it."""

    async def api(request: web.Request) -> web.Response:
        kind, entity = request.match_info["kind"], request.match_info["entity"]
        found = await source.explain(kind, entity)
        body = {"error": f"no {kind} {entity!r} is known here"} if found is None else found
        status = 404 if found is None else 200
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=headers)

    async def page(request: web.Request) -> web.Response:
        kind, entity = request.match_info["kind"], request.match_info["entity"]
        found = await source.explain(kind, entity)
        status = 404 if found is None else 200
        return web.Response(
            text=_page(f"{kind}/{entity}", found), status=status, content_type="text/html", headers=_HEADERS
        )

    kinds = "|".join(PROMISED)
    yield web.get(f"/api/v1/explain/{{kind:{kinds}}}/{{entity:.+}}", api)
    yield web.get(f"/explain/{{kind:{kinds}}}/{{entity:.+}}", page)


def _page(named: str, found: dict[str, Any] | None) -> str:
    title = escape(f"Clocks of {named}")
    if found is None:
        said = "<p>It is not known here.</p>"
    elif not found["clocks"]:
        said = "<p>Nothing was promised: no clock runs.</p>"
    else:
        said = "".join(_clock(clock) for clock in found["clocks"])
        said = f"<p>As of {escape(found['as_of'])}</p>{said}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>{said}</body></html>"
    )


def _clock(clock: dict[str, Any]) -> str:
    first, *middle, last = (escape(sentence) for sentence in clock["words"])
    items = "".join(f"<li>{sentence}</li>" for sentence in middle)
    heading = escape(f"{clock['metric']} #{clock['number']}: {clock['state']}")
    return f"<h2>{heading}</h2><p>{first}</p><ul>{items}</ul><p><strong>{last}</strong></p>"

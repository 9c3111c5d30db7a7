"""The dashboards: valid for the pinned Grafana, answered by a real Prometheus, and honest about missing data."""

from __future__ import annotations

import http.server
import json
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from tests.deploy import promql
from tests.deploy.programs import DEPLOY, ROOT, both

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = json.loads((Path(__file__).parent / "schemas" / "grafana-12.4.10.json").read_text())
DASHBOARDS = promql.dashboards()
PANELS = [(name, panel) for name, dashboard in DASHBOARDS.items() for panel in promql.panels(dashboard)]
IDS = [f"{name}: {panel['title']}" for name, panel in PANELS]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_dashboard_fits_grafanas_schema(name: str) -> None:
    jsonschema.Draft7Validator(SCHEMAS["dashboard"]).validate(DASHBOARDS[name])


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=IDS)
def test_panel_options_fit_grafanas_schema(name: str, panel: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(SCHEMAS["panels"][panel["type"]]).validate(panel["options"])


def test_the_schemas_refuse_what_grafana_would_ignore() -> None:
    """A schema that accepts anything would make the two tests above worthless."""
    wrong = json.loads(json.dumps(DASHBOARDS["wallboard.json"]))
    wrong["panels"][0]["fieldConfig"]["defaults"]["tresholds"] = {}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMAS["dashboard"]).validate(wrong)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMAS["panels"]["stat"]).validate({"colorMode": "backgroud"})


def test_the_schema_is_of_the_version_that_compose_starts() -> None:
    image = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]["image"]
    assert image == "grafana/grafana:12.4.10"
    assert (Path(__file__).parent / "schemas" / f"grafana-{image.split(':')[1]}.json").exists()


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=IDS)
def test_missing_data_is_named_and_never_green(name: str, panel: dict[str, Any]) -> None:
    """Grafana paints null and NaN in the base colour of the thresholds, which is green unless said otherwise."""
    defaults = panel["fieldConfig"]["defaults"]
    base = defaults["thresholds"]["steps"][0]
    assert base["value"] is None
    assert base["color"] not in {"green", "dark-green", "light-green", "semi-dark-green", "super-light-green"}
    special = [one["options"] for one in defaults["mappings"] if one["type"] == "special"]
    assert special == [{"match": "null+nan", "result": {"text": "NO DATA", "color": "purple", "index": 0}}]
    assert defaults["noValue"] == "NO DATA"


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=IDS)
def test_panels_name_the_provisioned_data_source(name: str, panel: dict[str, Any]) -> None:
    provisioned = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())
    uids = {one["uid"] for one in provisioned["datasources"]}
    assert panel["datasource"]["uid"] in uids
    assert {target["datasource"]["uid"] for target in panel["targets"]} <= uids
    assert panel["description"]


def test_dashboards_have_stable_and_distinct_identities() -> None:
    uids = [dashboard["uid"] for dashboard in DASHBOARDS.values()]
    assert len(set(uids)) == len(uids) > 0
    assert all(uid.startswith("ticketstreams-") for uid in uids)
    for dashboard in DASHBOARDS.values():
        ids = [panel["id"] for panel in promql.panels(dashboard)]
        assert len(set(ids)) == len(ids)
        assert "id" not in dashboard, "the database id belongs to one Grafana only"


def test_panels_do_not_overlap() -> None:
    for dashboard in DASHBOARDS.values():
        taken: set[tuple[int, int]] = set()
        for panel in dashboard["panels"]:
            spot = panel["gridPos"]
            cells = {
                (x, y) for x in range(spot["x"], spot["x"] + spot["w"]) for y in range(spot["y"], spot["y"] + spot["h"])
            }
            assert not cells & taken, panel["title"]
            assert max(x for x, _ in cells) < 24
            taken |= cells


# Every metric of ours that a dashboard asks for, as a worker would export it.
LABELS = 'queue="billing",channel="voice",priority="normal"'
EXPOSITION = f"""
support_contacts_waiting{{{LABELS}}} 3
support_oldest_waiting_enqueued_timestamp_seconds{{{LABELS}}} {{before}}
support_contacts_offered{{{LABELS},unit="segment",window="1h",attribution="event"}} 40
support_contacts_offered{{{LABELS},unit="contact",window="1h",attribution="event"}} 36
support_contacts_answered{{{LABELS},window="1h",attribution="event"}} 30
support_contacts_abandoned{{{LABELS},short="false",window="1h",attribution="event"}} 6
support_contacts_abandoned{{{LABELS},short="true",window="1h",attribution="event"}} 1
support_service_level_ratio{{{LABELS},window="1h",formula="strict",attribution="cohort"}} 0.811
support_tickets_open{{{LABELS},status="pending"}} 5
support_ticket_first_reply_seconds{{{LABELS},clock="calendar",window="1h",quantile="0.5"}} 600
support_ticket_first_reply_seconds{{{LABELS},clock="business",window="1h",quantile="0.5"}} 60
support_ticket_full_resolution_seconds{{{LABELS},clock="calendar",window="1h",quantile="0.9"}} 90061
support_handle_seconds{{{LABELS},window="1h",attribution="event",quantile="0.9"}} 300
support_handle_seconds{{{LABELS},window="1h",attribution="cohort",quantile="0.9"}} 310
support_fcr_ratio{{{LABELS},method="no_recontact",scope="gross",within="72h",match="any",window="7d"}} 0.88
support_last_event_timestamp_seconds{{topic="calls"}} {{before}}
support_watermark_timestamp_seconds{{topic="calls"}} {{before}}
support_event_lag_seconds{{topic="calls"}} 1.5
support_events_total{{topic="calls",result="ok",reason=""}} {{count}}
ticketstreams_ready 1
ticketstreams_partition_owned{{topic="calls",partition="0"}} 1
"""
EXPECTED = {
    "Waiting now": 3.0,
    "Oldest waiting": 90.0,
    "Offered, last $window": 40.0,
    "Rejected, last hour": 0.0,
    "First reply, last $window": 600.0,
}


class Worker(http.server.BaseHTTPRequestHandler):
    """Stands in for a worker's /metrics."""

    def do_GET(self) -> None:
        text = EXPOSITION.replace("{before}", str(time.time() - 90)).replace("{count}", str(int(time.time())))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: pytest's output is for failures."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture(scope="module", params=["installed", "newest"])
def prometheus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Prometheus with our rules that scrapes a worker's metrics; its address."""
    binary = both("prometheus", request.param)
    directory = tmp_path_factory.mktemp("prometheus")
    worker = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Worker)
    threading.Thread(target=worker.serve_forever, daemon=True).start()
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(promql.RULES / "*.yml")]
    del config["alerting"]
    job = {key: value for key, value in config["scrape_configs"][0].items() if key != "dns_sd_configs"}
    job["static_configs"] = [{"targets": [f"127.0.0.1:{worker.server_address[1]}"]}]
    config["scrape_configs"] = [job]
    (directory / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                binary,
                f"--config.file={directory / 'prometheus.yml'}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        # Prometheus takes up targets every five seconds; a rate needs two scrapes, a rule another second.
        while not answers(address, "topic:support_events:rate5m > 0"):
            assert process.poll() is None, (directory / "log").read_text()[-3000:]
            assert time.monotonic() < deadline, (directory / "log").read_text()[-3000:]
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(20)
        worker.shutdown()
        worker.server_close()


def answers(address: str, expression: str) -> list[dict[str, Any]]:
    query = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(f"{address}/api/v1/query?{query}", timeout=10) as reply:
            found: list[dict[str, Any]] = json.load(reply)["data"]["result"]
            return found
    except urllib.error.HTTPError as error:
        with error:
            pytest.fail(f"{expression}: {error.read().decode()}") if error.code == 400 else None
        return []
    except OSError:
        return []


def test_every_panel_is_answered(prometheus: str) -> None:
    for query in promql.dashboard_queries():
        found = answers(prometheus, query.expression)
        assert found, f"{query.where}: nothing for {query.expression}"
        for title, value in EXPECTED.items():
            if f": {title} " in query.where:
                assert len(found) == 1
                assert float(found[0]["value"][1]) == pytest.approx(value, abs=10 if value == 90 else 0)


def test_no_alert_fires_for_a_worker_that_is_fine(prometheus: str) -> None:
    firing = {one["metric"]["alertname"] for one in answers(prometheus, 'ALERTS{alertname=~"TicketStreams.*"}')}
    assert firing == set()

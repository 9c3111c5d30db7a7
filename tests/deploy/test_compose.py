"""docker-compose.yml: valid for the real Compose, pinned, on loopback only, and watched by health checks."""

from __future__ import annotations

import http.server
import os
import re
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.deploy.programs import DEPLOY, ROOT, compose, run

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = ROOT / "docker-compose.yml"
STACK: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
DOCKERFILE = (DEPLOY / "docker" / "Dockerfile").read_text()


def resolved(*files: str, **variables: str) -> dict[str, Any]:
    """The stack as Compose understands it, with nothing in the environment but ``variables``."""
    chosen = [argument for name in files for argument in ("-f", name)]
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    text = run(*compose(), *chosen, "config", env=env).stdout
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_compose_accepts_it_without_any_setting() -> None:
    stack = resolved("docker-compose.yml")
    assert set(stack["services"]) == {"kafka", "topics", "worker", "prometheus", "alertmanager", "grafana"}
    assert stack["services"]["kafka"]["environment"]["KAFKA_PROCESS_ROLES"] == "broker,controller"
    environment = stack["services"]["worker"]["environment"]
    assert environment["TICKETSTREAMS_BROKER"] == "kafka:9092"
    assert environment["TICKETSTREAMS_PARTITIONS"] == "4"


def test_it_fits_the_compose_specification() -> None:
    """The schema that the specification's maintainers publish, as check-jsonschema ships it."""
    run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE))
    run(
        *(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"),
        str(DEPLOY / "grafana" / "admin.compose.yml"),
    )


def test_the_administrator_needs_a_password_file(tmp_path: Path) -> None:
    files = ("docker-compose.yml", "deploy/grafana/admin.compose.yml")
    env = {"PATH": os.environ["PATH"]}
    refused = run(*compose(), "-f", files[0], "-f", files[1], "config", check=False, env=env)
    assert refused.returncode != 0
    assert "GRAFANA_ADMIN_PASSWORD_FILE" in refused.stderr
    secret = tmp_path / "password"
    secret.write_text("not in the output")
    grafana = resolved(*files, GRAFANA_ADMIN_PASSWORD_FILE=str(secret))["services"]["grafana"]
    assert grafana["environment"]["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana-admin-password"
    assert "not in the output" not in str(grafana)


def test_no_password_is_in_the_stack() -> None:
    for name, service in SERVICES.items():
        environment = service.get("environment", {})
        assert not [key for key in environment if re.search("PASSWORD|TOKEN|SECRET|API_KEY", key)], name
    assert SERVICES["grafana"]["environment"]["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned_to_an_exact_version(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_only(name: str) -> None:
    for port in resolved("docker-compose.yml")["services"][name].get("ports", []):
        assert port["host_ip"] == "127.0.0.1"


@pytest.mark.parametrize("name", SERVICES)
def test_services_restart_log_within_bounds_and_gain_no_privileges(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("on-failure" if name == "topics" else "unless-stopped")
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "topics"])
def test_services_are_health_checked(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)


def test_only_named_volumes_hold_data_and_configuration_is_read_only() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert volume.endswith(":ro")
                assert (ROOT / source).exists()
            else:
                assert source in STACK["volumes"]


def test_the_worker_starts_after_its_topics_exist() -> None:
    waits = SERVICES["worker"]["depends_on"]
    assert waits["topics"]["condition"] == "service_completed_successfully"
    assert waits["kafka"]["condition"] == "service_healthy"
    assert SERVICES["topics"]["command"] == ["topics", "create"]


def test_prometheus_scrapes_the_worker_where_it_listens() -> None:
    jobs = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    (discovery,) = next(job for job in jobs if job["job_name"] == "ticket-streams")["dns_sd_configs"]
    assert discovery["names"] == ["worker"]
    assert str(discovery["port"]) == SERVICES["worker"]["environment"]["TICKETSTREAMS_HTTP_PORT"]


def test_several_workers_can_be_asked_for() -> None:
    stack = resolved("docker-compose.yml", TICKETSTREAMS_PUBLISH="9464-9466")
    assert stack["services"]["worker"]["ports"][0]["published"] == "9464-9466"


# The Dockerfile. No base image can be had where the tests run, so it is read, and its health check is run.


def test_base_images_are_pinned_and_the_same() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-[a-z]+", bases[0])


def test_dependencies_come_from_the_lock_with_hashes_and_the_worker_is_nobody() -> None:
    build, final = re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert "--require-hashes --requirement requirements.lock" in build
    assert "pip install" not in final
    assert "apt-get" not in DOCKERFILE
    users = re.findall(r"^USER (\S+)", final, flags=re.MULTILINE)
    assert users == ["10001:10001"]
    assert final.index("USER ") < final.index("ENTRYPOINT")


def test_the_build_context_holds_what_is_copied_and_nothing_else() -> None:
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, flags=re.MULTILINE)
        for source in line.split()[:-1]
    }
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert next(line for line in lines if not line.startswith("#")) == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert all((ROOT / source).exists() for source in copied)


class Health(http.server.BaseHTTPRequestHandler):
    """Alive, but not ready."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: pytest's output is for failures."""


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def healthcheck(port: int, *arguments: str) -> int:
    command = SERVICES["worker"]["healthcheck"]["test"]
    script = DEPLOY / "docker" / Path(command[2]).name
    env = {**os.environ, "TICKETSTREAMS_HTTP_PORT": str(port)}
    return run(sys.executable, str(script), *arguments, check=False, env=env).returncode


def test_health_check(port: int) -> None:
    assert healthcheck(port, *SERVICES["worker"]["healthcheck"]["test"][3:]) == 0
    assert healthcheck(port, "/readyz") == 1


def test_health_check_of_a_dead_worker(port: int) -> None:
    assert healthcheck(port) == 0
    assert healthcheck(1) == 1

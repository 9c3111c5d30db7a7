"""``doctor`` finds what is wrong, says what to do, and complains of nothing else."""

from __future__ import annotations

import json
import os
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner, Result

from agents.cli import _group
from agents.diagnosis import Finding, Level, diagnose
from agents.diagnosis import broker as broker_checks
from agents.diagnosis.configuration import KNOWN, of_customer_key, of_files, of_variables
from agents.diagnosis.workers import of_workers
from agents.settings import PREFIX, Settings
from agents.topics_admin import Cluster, TopicsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]
SOUND = {
    "auto.create.topics.enable": "false",
    "message.max.bytes": "1048588",
    "offsets.retention.minutes": "10080",
}
READY = {"ok": True, "reasons": []}
FIGURES = {"status": "ok", "problems": [], "newest_event": "2026-05-04T09:00:00Z", "events": {"ok": 5, "invalid": 0}}


def wrong(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    return [(found.about, found.said, found.do) for found in findings if found.level is Level.WRONG]


def levels(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(found.level.value, found.about) for found in findings]


class TestVariables:
    def test_a_misspelt_one_is_told_with_what_was_meant(self) -> None:
        (found,) = of_variables({"TICKETSTREAMS_PARTITONS": "8", "PATH": "/bin", "TICKETSTREAMS_BROKER": "x:1"})
        assert found == Finding(
            Level.NOTE,
            "environment",
            "TICKETSTREAMS_PARTITONS is not known and changes nothing",
            "did you mean TICKETSTREAMS_PARTITIONS?",
        )

    def test_its_value_may_be_a_secret_and_is_not_shown(self) -> None:
        (found,) = of_variables({"TICKETSTREAMS_CUSTOMERKEY": "a very secret thing"})
        assert "secret thing" not in " ".join(found)

    def test_all_that_the_project_reads_are_known(self) -> None:
        """The list of those that are no settings is by hand: this is what keeps it true."""
        said: set[str] = set()
        for place in ("docker-compose.yml", "deploy", "docs", "agents", "tests/run", ".ci"):
            files = [ROOT / place] if (ROOT / place).is_file() else (ROOT / place).rglob("*")
            for file in files:
                if file.is_file() and file.suffix not in {".pyc", ".gz", ".png"}:
                    said |= set(re.findall(rf"{PREFIX}[A-Z][A-Z_]*[A-Z]", file.read_text(encoding="utf-8")))
        assert {"TICKETSTREAMS_PAGER_URL_FILE", "TICKETSTREAMS_BROKER"} < said
        assert said - KNOWN == set()


class TestFiles:
    def test_without_any_what_is_missed_is_noted(self) -> None:
        assert levels(of_files(Settings())) == [("note", "calendars"), ("note", "policies")]

    def test_what_can_be_used_is_fine(self) -> None:
        folder = ROOT / "docs" / "examples" / "business-hours"
        settings = Settings(calendars_file=str(folder / "calendars.yaml"), policies_topic=True)
        assert levels(of_files(settings)) == [("ok", "calendars"), ("ok", "policies")]

    def test_what_cannot_is_wrong_with_file_and_rule(self, tmp_path: Path) -> None:
        file = tmp_path / "calendars.yaml"
        file.write_text("calendars: {x: {zone: Mars/Olympus}}", encoding="utf-8")
        ((about, said, _),) = wrong(of_files(Settings(calendars_file=str(file))))
        assert about == "files"
        assert f"{file}:1: calendars.x.zone = 'Mars/Olympus'" in said
        ((_, said, _),) = wrong(of_files(Settings(policies_file="nowhere.yaml")))
        assert "nowhere.yaml" in said
        ((_, said, _),) = wrong(of_files(Settings(figures={"default_calendar": "Mars"})))
        assert "default_calendar = 'Mars'" in said


class TestCustomerKey:
    @pytest.mark.parametrize(
        ("environment", "level"),
        [
            ({}, "note"),
            ({"TICKETSTREAMS_CUSTOMER_KEY": "sixteen bytes and"}, "ok"),
            ({"TICKETSTREAMS_CUSTOMER_KEY": "short"}, "wrong"),
            ({"TICKETSTREAMS_CUSTOMER_KEY_FILE": "/nowhere"}, "wrong"),
        ],
    )
    def test_it_is_there_or_not(self, environment: dict[str, str], level: str) -> None:
        (found,) = of_customer_key(environment)
        assert found.level == level
        assert "short" not in found.said.replace("too short", "")


class TestBroker:
    def found(
        self, monkeypatch: pytest.MonkeyPatch, cluster: Cluster, problems: Iterable[str] = (), **settings: Any
    ) -> list[Finding]:
        monkeypatch.setattr(broker_checks, "describe_cluster", lambda *_, **__: cluster)
        monkeypatch.setattr(broker_checks, "check_topics", lambda *_, **__: list(problems))
        return list(broker_checks.of_broker(Settings(**settings)))

    def test_a_sound_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.found(monkeypatch, Cluster(3, SOUND), replication=3)
        assert levels(found) == [("ok", "broker"), ("ok", "topics")]
        assert "3 nodes" in found[0].said

    def test_one_that_tells_nothing_is_not_blamed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.found(monkeypatch, Cluster(1, {}))
        assert levels(found) == [("ok", "broker"), ("note", "replication"), ("ok", "topics")]

    @pytest.mark.parametrize(
        ("name", "value", "level"),
        [
            ("message.max.bytes", "1048587", "wrong"),
            ("message.max.bytes", "2000000", None),
            ("offsets.retention.minutes", "1440", "note"),
            ("offsets.retention.minutes", "-1", None),
            ("auto.create.topics.enable", "true", "note"),
        ],
    )
    def test_settings(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, level: str | None) -> None:
        found = self.found(monkeypatch, Cluster(3, {**SOUND, name: value}), replication=3)
        told = [finding for finding in found if f"{name}={value}" in finding.said]
        assert [finding.level.value for finding in told] == ([level] if level else [])
        assert len(found) == 2 + len(told)

    def test_more_copies_than_nodes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ((about, said, do),) = wrong(self.found(monkeypatch, Cluster(2, SOUND), replication=3))
        assert (about, do) == ("replication", "set TICKETSTREAMS_REPLICATION")
        assert "3 copies" in said

    def test_topics_that_are_missing_can_be_created_and_others_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        problems = ["topic 'calls' does not exist", "topic 'chats' has 3 partitions, 4 are needed: create it anew"]
        found = wrong(self.found(monkeypatch, Cluster(3, SOUND), problems, replication=3))
        assert found == [
            ("topics", problems[0], "run `ticket-streams topics create`"),
            ("topics", problems[1], ""),
        ]

    @pytest.mark.parametrize("place", ["describe_cluster", "check_topics"])
    def test_none(self, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
        def refuse(*_: Any, **__: Any) -> None:
            msg = "no broker answers at 127.0.0.1:9092: refused"
            raise TopicsError(msg)

        monkeypatch.setattr(broker_checks, "describe_cluster", lambda *_, **__: Cluster(1, {}))
        monkeypatch.setattr(broker_checks, "check_topics", lambda *_, **__: [])
        monkeypatch.setattr(broker_checks, place, refuse)
        (found,) = broker_checks.of_broker(Settings())
        assert found.level is Level.WRONG
        assert found.said == "no broker answers at 127.0.0.1:9092: refused"


@contextmanager
def pages(answers: dict[str, tuple[int, Any]]) -> Iterator[str]:
    """A worker that answers as it is told to; the address of its pages."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, document = answers.get(self.path, (404, "nothing here"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(document if isinstance(document, bytes) else json.dumps(document).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def of_worker(ready: tuple[int, Any], figures: tuple[int, Any] = (200, FIGURES)) -> list[Finding]:
    with pages({"/readyz": ready, "/api/v1/figures?window=15m": figures}) as url:
        return list(of_workers(Settings(), [f"{url}/"]))


class TestWorkers:
    def test_one_that_is_ready_and_fed(self) -> None:
        found = of_worker((200, READY))
        assert levels(found) == [("ok", "worker"), ("ok", "figures")]
        assert "2026-05-04T09:00:00Z" in found[1].said

    def test_one_that_is_not_ready_says_why(self) -> None:
        found = of_worker((503, {"ok": False, "reasons": ["not all assigned partitions are recovered"]}))
        ((about, said, _),) = wrong(found)
        assert about == "worker"
        assert said.endswith("is not ready: not all assigned partitions are recovered")

    def test_silence_and_refusals_are_noted(self) -> None:
        said = {
            **FIGURES,
            "status": "stale",
            "problems": ["no event on calls for 0:20:00"],
            "events": {"invalid": 1200},
        }
        found = of_worker((200, READY), (200, said))
        assert levels(found) == [("ok", "worker"), ("note", "figures"), ("note", "events")]
        assert found[1].said == "stale: no event on calls for 0:20:00"
        assert found[2].said.startswith("1,200 events could not be taken")
        assert "dead-letters list" in found[2].do
        (*_, one) = of_worker((200, READY), (200, {**FIGURES, "events": {"invalid": 1}}))
        assert one.said.startswith("1 event could not be taken")

    @pytest.mark.parametrize("answer", [(200, b"<html>"), (404, "not found"), (502, b"bad gateway"), (200, ["ok"])])
    def test_somebody_else_answers(self, answer: tuple[int, Any]) -> None:
        ((about, said, _),) = wrong(of_worker(answer))
        assert about == "worker"
        assert said.startswith("none answers at http://127.0.0.1:")
        ((about, _, _),) = wrong(of_worker((200, READY), (500, b"")))
        assert about == "figures"

    @pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", ""])
    def test_by_default_it_is_asked_where_it_listens(self, host: str) -> None:
        with pages({"/readyz": (200, READY), "/api/v1/figures?window=15m": (200, FIGURES)}) as url:
            settings = Settings(http_host=host, http_port=int(url.rpartition(":")[2]))
            assert levels(of_workers(settings, [])) == [("ok", "worker"), ("ok", "figures")]

    def test_nobody(self) -> None:
        with pages({}) as url:
            pass
        ((about, said, do),) = wrong(of_workers(Settings(), [url]))
        assert (about, said) == ("worker", f"none answers at {url}")
        assert "ticket-streams worker" in do


class TestCommand:
    def run(self, monkeypatch: pytest.MonkeyPatch, *arguments: str, problems: Iterable[str] = ()) -> Result:
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            monkeypatch.delenv(name)
        monkeypatch.setattr(broker_checks, "describe_cluster", lambda *_, **__: Cluster(3, SOUND))
        monkeypatch.setattr(broker_checks, "check_topics", lambda *_, **__: list(problems))
        with pages({"/readyz": (200, READY), "/api/v1/figures?window=15m": (200, FIGURES)}) as url:
            return CliRunner().invoke(_group, ["doctor", "--url", url, *arguments])

    def test_all_is_well(self, monkeypatch: pytest.MonkeyPatch) -> None:
        result = self.run(monkeypatch, "--broker", "broker-1:9092")
        assert result.exit_code == 0, result.output
        assert result.stdout.endswith("nothing is wrong\n")
        assert "ok     broker        broker-1:9092 answers, 3 nodes" in result.stdout

    def test_no_file_is_read_as_if_it_were_a_page(self) -> None:
        result = CliRunner().invoke(_group, ["doctor", "--url", "file:///etc/hostname"])
        assert result.exit_code == 2
        assert result.stderr == ("ticket-streams: --url 'file:///etc/hostname': must begin with http:// or https://\n")

    def test_one_thing_is_wrong(self, monkeypatch: pytest.MonkeyPatch) -> None:
        result = self.run(monkeypatch, problems=["topic 'calls' does not exist"])
        assert result.exit_code == 1
        assert "wrong  topics        topic 'calls' does not exist\n" in result.stdout
        assert "→ run `ticket-streams topics create`" in result.stdout
        assert result.stdout.endswith("1 thing is wrong\n")

    def test_for_programs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        result = self.run(monkeypatch, "--format", "json", problems=["topic 'calls' does not exist"])
        assert result.exit_code == 1
        told = orjson.loads(result.stdout)
        assert told["ok"] is False
        assert {"level": "wrong", "about": "topics", "said": "topic 'calls' does not exist",
                "do": "run `ticket-streams topics create`"} in told["findings"]  # fmt: skip

    def test_with_settings_that_cannot_be_used_nothing_else_is_asked(self, tmp_path: Path) -> None:
        file = tmp_path / "settings.yaml"
        file.write_text("partitons: 4", encoding="utf-8")
        assert [found.about for found in diagnose({}, str(file))] == ["settings"]
        result = CliRunner().invoke(_group, ["doctor", "--config", str(file)])
        assert result.exit_code == 1
        assert "partitons: is not a known setting; did you mean 'partitions'?" in result.stdout

"""Configuration: strict in the file, lenient in the environment, which wins."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from agents.cli.docs import command as docs
from agents.settings import SettingsError, load_settings
from streams.figures.exports import EVERYTHING, KEY

ROOT = Path(__file__).parents[2]


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_the_defaults_listen_on_loopback() -> None:
    settings = load_settings()
    assert settings.http_host == "127.0.0.1"
    assert settings.broker.startswith("127.0.0.1")


def test_the_file_is_read(tmp_path: Path) -> None:
    file = written(
        tmp_path / "c.yaml", "partitions: 8\nqueues: [{name: billing, channel: voice}]\nfigures: {close_time: first}"
    )
    settings = load_settings(file)
    assert settings.partitions == 8
    assert settings.queues[0].name == "billing"
    assert settings.figure_options.close_time == "first"


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKETSTREAMS_PARTITIONS", "2")
    monkeypatch.setenv("TICKETSTREAMS_FIGURES", '{"service_level_seconds": 30}')
    settings = load_settings(written(tmp_path / "c.yaml", "partitions: 8\napp_id: desk"))
    assert (settings.partitions, settings.app_id) == (2, "desk")
    assert settings.figure_options.threshold_millis("any") == 30_000


def test_the_environment_of_others_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKETSTREAMS_CUSTOMER_KEY", "0123456789abcdef")
    monkeypatch.setenv("PARTITIONS", "99")
    assert load_settings().partitions == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("partition: 8", "partition: is not a known setting; did you mean 'partitions'?"),
        ("partitions: 0", "partitions = 0: Input should be greater than or equal to 1"),
        ("partitions: many", "partitions = 'many'"),
        ("- 1", "must be a table of settings"),
        ("a: [", "is not YAML"),
        ("clock: sun", "clock = 'sun'"),
        (
            "policies_topic: true\npolicies_file: desk.policy.yaml",
            "policies_topic = True: Value error, goes not together with policies_file = 'desk.policy.yaml'",
        ),
        ("figures: {close_tyme: first}", "close_tyme"),
        ("queues: [{name: a, chanel: voice}]", "queues.0.chanel"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path / "c.yaml", text))
    assert said in str(caught.value)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml: cannot be read"):
        load_settings("nowhere.yaml")


def test_generated_pages_are_as_committed() -> None:
    result = CliRunner().invoke(docs, ["--check", "--root", str(ROOT)])
    assert result.exit_code == 0, result.output


def test_stale_pages_are_noticed(tmp_path: Path) -> None:
    result = CliRunner().invoke(docs, ["--check", "--root", str(tmp_path)])
    assert result.exit_code == 1
    assert "differs docs/metrics.md" in result.output


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("EXPORT_WINDOWS", '["15m", "todai"]', "export_windows = .*'todai' is not known; did you mean 'today'"),
        ("EXPORT_METRICS", '["support_handle_second"]', "did you mean 'support_handle_seconds'"),
        ("EXPORT_FORMULAS", '["icmi9"]', "export_formulas = .*did you mean 'icmi"),
        ("EXPORT_WITHIN", '["71h"]', "export_within = .*did you mean '72h'"),
        ("EXPORT_QUANTILES", "[0.99]", "export_quantiles = .*0.99 is not known"),
        ("EXPORT_ATTRIBUTIONS", "split", "export_attributions = 'split'"),
    ],
)
def test_what_cannot_be_exported_is_refused(monkeypatch: pytest.MonkeyPatch, key: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"TICKETSTREAMS_{key}", value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


def test_what_is_exported_is_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().exports == KEY
    monkeypatch.setenv("TICKETSTREAMS_EXPORT_METRICS", '["*"]')
    monkeypatch.setenv("TICKETSTREAMS_EXPORT_ATTRIBUTIONS", "all")
    monkeypatch.setenv("TICKETSTREAMS_EXPORT_WINDOWS", '["yesterday"]')
    chosen = load_settings().exports
    assert chosen == KEY._replace(metrics=EVERYTHING.metrics, every_attribution=True, windows=frozenset({"yesterday"}))

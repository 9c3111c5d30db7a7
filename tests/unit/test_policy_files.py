"""Policy files: what is wrong with bad ones, what good ones mean, and when two are the same."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from agents.cli.policy import command
from agents.policies import load_policies, policy_paths, read_policy_file, shipped
from streams.businesstime import ScheduleRule, parse_duration
from streams.sla import policy_words as words
from streams.sla.matching import Labels
from streams.sla.model import Clock, Metric, Mode, PolicyBook, PolicySet, Warn
from streams.sla.policy_document import PolicyError

BAD = Path(__file__).parents[1] / "bad" / "policies"
HOUR = 3_600_000

SHORT = """
effective_from: {since}
policies:
  - name: p
    mode: live
    owner: o
    review_by: 2027-01-01
    targets: {{first_reply: {{by_priority: {{urgent: {urgent}, normal: 4h}}, goal: 90%}}}}
"""


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def written(path: Path, since: str = "2026-06-01", urgent: str = "1h") -> str:
    path.write_text(SHORT.format(since=since, urgent=urgent))
    return str(path)


def example() -> PolicySet:
    (path,) = policy_paths(["three-desks"])
    return read_policy_file(path).document.policies


@pytest.mark.parametrize("path", sorted(BAD.glob("*.policy.yaml")), ids=lambda path: path.stem)
def test_bad_policies_say_what_is_wrong(path: Path) -> None:
    expected = re.findall(r"^# expect: (.*)$", path.read_text(), re.MULTILINE)
    assert expected
    done = CliRunner().invoke(command, ["check", str(path), "--today", "2026-06-01"])
    said = done.output.replace(str(BAD) + "/", "").splitlines()
    assert [line for line in said if re.match(r"\S+yaml:\d+: ", line)] == expected
    warned = [line for line in expected if line.endswith(" (warning)")]
    assert done.exit_code == (0 if len(warned) == len(expected) else 1)


def test_a_warning_alone_is_fine_unless_asked_for_strictly() -> None:
    path = str(BAD / "overlaps.policy.yaml")
    assert CliRunner().invoke(command, ["check", path, "--today", "2026-06-01"]).exit_code == 0
    assert CliRunner().invoke(command, ["check", path, "--today", "2026-06-01", "--strict"]).exit_code == 1


def test_the_shipped_policies_have_nothing_wrong_with_them() -> None:
    done = CliRunner().invoke(command, ["check", *shipped(), "--today", "2026-06-01", "--strict"])
    assert done.exit_code == 0, done.output
    assert "  answers-in-time, 90%: email-urgent (live; email, web), email (live; email, web)" in done.output


def test_a_review_is_overdue_on_its_day_and_not_before() -> None:
    for day, warned in (("2026-12-30", False), ("2026-12-31", True)):
        done = CliRunner().invoke(command, ["check", "three-desks", "--today", day])
        assert ("the review is overdue" in done.output) is warned
        assert done.exit_code == 0


def test_names_of_nothing_are_bad_usage(tmp_path: Path) -> None:
    for name in ("three-desk", str(tmp_path)):
        done = CliRunner().invoke(command, ["check", name])
        assert done.exit_code == 2
        assert name in done.output
    latin = tmp_path / "latin.policy.yaml"
    latin.write_bytes(b"b\xfcro: 1")
    assert "must be UTF-8 text" in CliRunner().invoke(command, ["check", str(latin)]).output


def test_the_example_means_what_it_says() -> None:
    policies = example()
    email = next(policy for policy in policies.policies if policy.name == "email")
    first = email.target(Metric.FIRST_REPLY)
    assert first is not None
    assert first.duration("high") == parse_duration("2bh")
    assert first.duration("low") == parse_duration("1bd")
    assert first.warn_at == (Warn(percent=75), Warn(before=parse_duration("0:15bh")))
    assert (first.goal, first.serves) == (0.9, "answers-in-time")
    assert [email.calendar_of(queue) for queue in ("emea", "us")] == ["support-berlin", "support-new-york"]
    assert email.schedule_rule is ScheduleRule.AS_ASSIGNED
    assert email.target(Metric.PERIODIC_UPDATE) is None
    complaint = email.target(Metric.COMPLAINT_REPLY)
    assert complaint is not None
    assert complaint.goal == 0.95
    urgent = policies.policies[0].target(Metric.FIRST_REPLY)
    assert urgent is not None
    assert urgent.clock("urgent") is Clock.CALENDAR
    assert first.clock("urgent") is Clock.BUSINESS
    phone = next(policy for policy in policies.policies if policy.name == "phone").service_level
    assert phone is not None
    assert (phone.threshold_seconds, phone.goal, phone.formula) == (20, 0.8, "ignore_early")


def test_the_first_match_counts_and_shadows_run_beside_it() -> None:
    policies = example()

    def names(**labels: str) -> tuple[str | None, str | None]:
        found = (policies.first_match(Labels(**labels), "c"), policies.first_shadow(Labels(**labels), "c"))
        return tuple(policy and policy.name for policy in found)  # type: ignore[return-value]

    assert names(channel="email", priority="urgent") == ("email-urgent", "email-same-day")
    assert names(channel="email", priority="low") == ("email", "email-same-day")
    assert names(channel="chat", queue="chat-billing") == ("chat-faster", None)
    assert names(channel="chat", queue="chat-sales") == ("chat", None)
    assert names(channel="social") == (None, None)
    assert policies.policies[-1].mode is Mode.SHADOW


def test_warning_points() -> None:
    assert Warn(percent=75).point(2 * HOUR) == 90 * 60_000
    assert Warn(percent=33).point(100_001) == 33_000
    assert Warn(before=parse_duration("0:30bh")).point(2 * HOUR) == 90 * 60_000
    assert Warn(before=parse_duration("2h")).point(HOUR) < 0


def test_a_version_changes_with_what_is_promised_and_with_nothing_else(tmp_path: Path) -> None:
    def version(text: str) -> str:
        path = tmp_path / "a.policy.yaml"
        path.write_text(text)
        return read_policy_file(path).document.policies.version

    text = SHORT.format(since="2026-06-01", urgent="1h")
    base = version(text)
    assert version("# a remark\n" + text.replace("urgent: 1h, normal: 4h", "normal: 4h, urgent: 1.0h")) == base
    assert version(text + "contacts: {a: {}}\nblackouts: [{from: 2026-07-01, to: 2026-07-02}]\n") == base
    assert version(text.replace("2026-06-01", "2026-06-01T00:00:00Z")) == base
    assert re.fullmatch(r"[0-9a-f]{12}", base)
    for old, new in (("1h", "2h"), ("90%", "91%"), ("live", "shadow"), ("2026-06-01", "2026-06-02"), ("1h", "1bh")):
        assert version(text.replace(old, new, 1)) != base
    one, two = (read_policy_file(tmp_path / "a.policy.yaml").document.policies.policies[0] for _ in range(2))
    assert one.version == two.version


def test_a_set_holds_from_its_instant_until_the_next_one(tmp_path: Path) -> None:
    written(tmp_path / "b.policy.yaml", since="2026-07-01T12:00:00+02:00", urgent="2h")
    written(tmp_path / "a.policy.yaml", since="2026-06-01", urgent="1h")
    book = load_policies([str(tmp_path)]).book

    def urgent(instant: int) -> str | None:
        held = book.at(instant)
        policy = held and held.first_match(Labels(priority="urgent"), "c")
        target = policy and policy.target(Metric.FIRST_REPLY)
        return str(target.duration("urgent")) if target else None

    assert urgent(at("2026-06-01T00:00") - 1) is None
    assert urgent(at("2026-06-01T00:00")) == "1h"
    assert urgent(at("2026-07-01T10:00") - 1) == "1h"
    assert urgent(at("2026-07-01T10:00")) == "2h"
    assert PolicyBook(book.sets[::-1]).version == book.version != PolicyBook(book.sets[:1]).version


def test_versions_must_follow_one_another(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{name}.policy.yaml") for name in "ab"]
    with pytest.raises(PolicyError, match=r"b.policy.yaml:2: effective_from = .*a.policy.yaml holds from the same"):
        load_policies(paths)
    done = CliRunner().invoke(command, ["check", str(tmp_path), "--today", "2026-06-01"])
    assert done.exit_code == 1
    assert "holds from the same instant" in done.output
    with pytest.raises(ValueError, match="same instant"):
        PolicyBook([example(), example()])


def test_calendars_are_the_same_in_all_versions(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        path = tmp_path / name / "x.policy.yaml"
        written(path, since="2026-06-01" if name == "a" else "2026-07-01")
        path.write_text(path.read_text() + "calendars: c.yaml\n")
        (tmp_path / name / "c.yaml").write_text("calendars: {desk: {zone: UTC, week: always}}\n")
    assert load_policies([str(tmp_path / "a")]).calendars["desk"].name == "desk"
    with pytest.raises(PolicyError, match="calendar 'desk' is another one"):
        load_policies([str(tmp_path / name) for name in "ab"])


def test_what_is_fatal_is_not_loaded() -> None:
    with pytest.raises(PolicyError, match="is never reached"):
        load_policies([str(BAD / "unreachable.policy.yaml")])
    assert load_policies([str(BAD / "overlaps.policy.yaml")]).book.sets


def test_an_overdue_review_does_not_stop_a_worker() -> None:
    (path,) = policy_paths(["three-desks"])
    assert [found.fatal for found in read_policy_file(path).findings(date(2999, 1, 1))] == [False] * 6
    assert load_policies(["three-desks"]).book.sets


def test_the_manual_shows_policies_that_work(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "policies.md").read_text()
    shown, *parts = re.findall(r"^```yaml\n(.*?)^```", manual, re.MULTILINE | re.DOTALL)
    (tmp_path / "p.policy.yaml").write_text(shown + "".join(parts))
    (tmp_path / "desks.yaml").write_text(
        "calendars: {support-berlin: {zone: Europe/Berlin, week: {mon-fri: 09:00-17:00}}}"
    )
    done = CliRunner().invoke(command, ["check", str(tmp_path), "--today", "2026-06-01", "--strict"])
    assert done.exit_code == 0, done.output


def test_the_manual_names_every_key_target_and_word() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "policies.md").read_text()
    keys = {*words.TOP, *words.GOAL, *words.BENCHMARK, *words.CONTACT, *words.BLACKOUT, *words.POLICY, *words.COHORT}
    keys |= {*words.TARGET, *words.SERVICE_LEVEL, *words.LEVEL}
    for kind in ("metric", "mode", "schedule_rule", "when", "severity", "pause_in"):
        keys |= set(words.CHOICES[kind])
    assert {key for key in keys if f"`{key}`" not in manual} == set()

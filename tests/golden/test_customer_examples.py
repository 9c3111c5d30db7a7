"""The worked examples of customers: who came again (WE-08), and whether contacts are rushed (WE-12)."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from math import sqrt
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from streams.figures.mix import Handled
from streams.figures.options import FigureOptions
from streams.figures.rushed import Judgement, Rush, judge
from streams.pipeline.report import Report
from streams.pipeline.rules import Rules
from tests.laws.histories import wire
from tests.support.local import Cluster
from tests.support.timeline import Timeline, millis

if TYPE_CHECKING:
    from streams.events import Event

MERGE = "2026-05-05 12:00:00"


def report(events: list[Event], as_of: str, **options: Any) -> dict[str, Any]:
    collected = Report(Rules(FigureOptions(**options)), by=("queue",))
    for event in events:
        collected.add(event)
    return collected.result(millis(as_of))


def handled(line: Timeline, subject: str, start: str, end: str, **known: Any) -> None:
    line.add(subject, start, "contact.initiated", direction="inbound", queue="Q", **known)
    line.add(subject, start, "contact.queued")
    line.add(subject, start, "contact.connected", rep="r")
    line.add(subject, end, "contact.ended")


def contacts_we08(*, merged: bool = True) -> Timeline:
    line = Timeline()
    billing = {"reason": "billing"}
    handled(line, "call/x0", "2026-05-04 10:00:00", "2026-05-04 10:08:00", customer="tel:A", **billing)
    handled(line, "chat/x1", "2026-05-05 09:30:00", "2026-05-05 09:45:00", customer="mail:B", **billing)
    line.add(
        "ticket/x2", "2026-05-07 10:20:00", "ticket.created",
        customer="cust-77", reason="delivery", channel="email", queue="Q",
    )  # fmt: skip
    line.add("ticket/x2", "2026-05-07 16:20:00", "ticket.solved")
    handled(line, "call/x3", "2026-05-07 11:00:00", "2026-05-07 11:05:00", **billing)
    handled(line, "call/x4", "2026-05-11 10:07:59", "2026-05-11 10:15:00", customer="cust-77", **billing)
    if merged:
        line.add("identity/tel:A", MERGE, "identity.merged", into="cust-77")
        line.add("identity/mail:B", MERGE, "identity.merged", into="cust-77")
    return line


def part(given: dict[str, Any]) -> tuple[int, int]:
    return given["numerator"], given["denominator"]


class TestWE08:
    RIPE = "2026-05-20 00:00:00"

    def at(self, when: str, line: Timeline | None = None, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = report((line or contacts_we08()).events, when, **options)["total"]["recontacts"]
        return found

    def test_before_the_merge_nobody_came_again(self) -> None:
        found = self.at("2026-05-05 11:59:59")
        assert [found[window][match] for window in ("24h", "72h", "7d", "30d") for match in ("any", "reason")] == [
            0
        ] * 8
        assert self.at(MERGE)["24h"] == {"any": 1, "reason": 1}, "the merge is retroactive"

    def test_recontacts(self) -> None:
        found = self.at("2026-05-11 10:15:00")
        assert {window: found[window]["reason"] for window in ("24h", "72h", "7d")} == {"24h": 1, "72h": 1, "7d": 2}
        assert {window: found[window]["any"] for window in ("24h", "72h", "7d")} == {"24h": 1, "72h": 2, "7d": 3}
        assert found["contacts"] == 4, "the withheld number is in no denominator"
        assert found["unattributable"] == 1
        assert found["unattributable_by_cause"] == {"anonymous": 1, "shared_number": 0, "no_reason": 0}

    def test_not_the_naive_values(self) -> None:
        found = self.at("2026-05-11 10:15:00")
        assert found["24h"]["any"] != 0, "naive: by the handle that each came with"
        assert found["72h"]["any"] != 3, "naive: from start to start x4 would follow x2 within 72 h"
        assert found["7d"]["any"] != 4, "naive: all withheld numbers as one customer, or x3 as cust-77's"
        assert found["contacts_per_resolution"]["count"] == 0, "naive: the chain told of while it may go on"

    def test_the_share_of_the_first_contacts_that_were_followed(self) -> None:
        mature = self.at(self.RIPE)["recontact_ratio"]["7d"]
        assert part(mature["reason"]) == (2, 4)
        assert part(mature["any"]) == (3, 4)
        early = self.at("2026-05-14 16:19:59")
        assert part(early["recontact_ratio"]["7d"]["reason"]) == (2, 2), "x2 and x4 are not old enough to tell"
        assert part(early["recontact_ratio_provisional"]["7d"]["reason"]) == (2, 4)

    def test_first_contact_resolution_ripens(self) -> None:
        for when, expected in (
            ("2026-05-12 09:44:59", (0, 1)),
            ("2026-05-14 16:19:59", (0, 2)),
            ("2026-05-14 16:20:00", (1, 3)),
            ("2026-05-18 10:14:59", (1, 3)),
            ("2026-05-18 10:15:00", (2, 4)),
        ):
            assert part(self.at(when)["fcr_no_recontact"]["7d"]["reason"]) == expected, when

    def test_the_chain_is_told_of_at_maturity_only(self) -> None:
        before, after = self.at("2026-05-18 10:14:59"), self.at("2026-05-18 10:15:00")
        # The ticket about the delivery is a chain of its own, and ripe since Thursday.
        assert (before["contacts_per_resolution"]["count"], before["contacts_per_resolution"]["sum"]) == (1, 1)
        assert (after["contacts_per_resolution"]["count"], after["contacts_per_resolution"]["sum"]) == (2, 4)
        assert after["contacts_per_resolution"]["max"] == 3
        assert (after["calls_per_resolution"]["count"], after["calls_per_resolution"]["sum"]) == (1, 2)

    def test_without_the_merge_there_are_three_chains_and_taken_back_it_leaves_what_was(self) -> None:
        unmerged = contacts_we08()
        for handle in ("tel:A", "mail:B"):
            unmerged.add(f"identity/{handle}", "2026-05-19 08:00:00", "identity.unmerged")
        without = self.at(self.RIPE, contacts_we08(merged=False))
        assert self.at(self.RIPE, unmerged) == without
        assert without["7d"] == {"any": 1, "reason": 0}, "x4 alone came again"
        assert without != self.at(self.RIPE)

    @pytest.mark.parametrize("seed", range(8))
    def test_the_workers_say_the_same_in_any_order_and_on_any_partitions(self, seed: int) -> None:
        chance = random.Random(seed)
        line = contacts_we08()
        line.add("identity/tel:A", "2026-05-18 12:00:00", "identity.unmerged")
        line.add("identity/tel:A", "2026-05-18 12:01:00", "identity.merged", into="mail:B")
        events = [*line.events, *line.events[-4:]]
        chance.shuffle(events)
        cluster = Cluster(Rules(), partitions=3, max_batch=2, chance=chance.randrange, disturbances=0)
        for event in events:
            cluster.produce(event.kind, event.entity, wire(event))
        as_of = millis("2026-05-20 00:00:59") + 999
        cluster.run(as_of)
        found = cluster.figures(as_of)["recontacts"]
        assert found["7d"] == {"any": 3, "reason": 2}
        assert found["contacts_per_resolution"]["max"] == pytest.approx(3)
        assert part(found["recontact_ratio"]["7d"]["reason"]) == (2, 4)

    def test_a_shared_handle_is_nobodys(self) -> None:
        line = contacts_we08()
        line.add("identity/tel:A", "2026-05-19 00:00:00", "identity.shared")
        found = self.at(self.RIPE, line)
        assert found["unattributable_by_cause"] == {"anonymous": 1, "shared_number": 1, "no_reason": 0}
        assert (found["contacts"], found["unattributable"]) == (3, 2)
        assert found["24h"] == {"any": 0, "reason": 0}
        line.add("identity/tel:A", "2026-05-19 01:00:00", "identity.unshared")
        assert self.at(self.RIPE, line) == self.at(self.RIPE)

    def test_the_net_scope_leaves_out_what_the_first_level_cannot_solve(self) -> None:
        found = self.at(self.RIPE, not_first_level_reasons=["delivery"])
        assert part(found["fcr_no_recontact"]["7d"]["reason"]) == (2, 4)
        assert part(found["fcr_no_recontact_net"]["7d"]["reason"]) == (1, 3)


BASELINE = Handled(100, 40_000, 12)
NOW = Rush(Handled(140, 44_800, 49), Handled(120, 38_400, 47), BASELINE)
OPTIONS = FigureOptions()


def judged(**kinds: Rush) -> Judgement:
    """What is said of contacts of some kinds."""
    return judge(kinds, OPTIONS)


def verdict(rush: Rush) -> bool:
    """Of contacts that are all of one kind, or are not told apart."""
    return judged(all=rush).rushed(OPTIONS)


class TestWE12:
    def test_the_parts(self) -> None:
        assert (BASELINE.mean_seconds, NOW.current.mean_seconds) == (400, 320)
        assert NOW.handle_time_ratio == 0.8
        assert NOW.mature.recontacts / NOW.mature.contacts == pytest.approx(0.3917, abs=5e-5)
        assert NOW.z == pytest.approx(4.53, abs=5e-3)
        assert BASELINE.effective_seconds == pytest.approx(454.5, abs=0.05)
        assert NOW.current.effective_seconds == pytest.approx(492.3, abs=0.05)
        assert verdict(NOW)

    def test_not_the_naive_values(self) -> None:
        naive = NOW._replace(mature=NOW.current)
        assert naive.z == pytest.approx(4.03, abs=5e-3)
        assert NOW.z != pytest.approx(4.03, abs=5e-3), "recent contacts may yet be followed"
        assert NOW.mature.recontacts / NOW.mature.contacts != pytest.approx(0.35, abs=5e-3)

    @pytest.mark.parametrize(
        ("mature", "current", "why"),
        [
            (Handled(120, 38_400, 13), Handled(140, 44_800, 15), "nobody comes again for it"),
            (Handled(20, 6400, 8), Handled(20, 6400, 8), "too few to say so"),
            (Handled(120, 48_000, 47), Handled(140, 56_000, 49), "handle time did not fall"),
        ],
    )
    def test_no_alert(self, mature: Handled, current: Handled, why: str) -> None:
        assert not verdict(Rush(current, mature, BASELINE)), why

    def test_the_limits_themselves_are_enough(self) -> None:
        exact = Rush(Handled(30, 9000, 16), Handled(30, 9000, 16), Handled(30, 10_000, 7))
        assert exact.handle_time_ratio == 0.9
        assert exact.z is not None
        at_the_limits = FigureOptions(rushed_min_contacts=30, rushed_handle_time_drop=0.1, rushed_z=exact.z)
        assert judge({"all": exact}, at_the_limits).rushed(at_the_limits)
        for beyond in (
            {"rushed_min_contacts": 31}, {"rushed_handle_time_drop": 0.101}, {"rushed_z": exact.z + 1e-9},
        ):  # fmt: skip
            options = replace(at_the_limits, **beyond)
            assert not judge({"all": exact}, options).rushed(options), beyond

    def test_too_few_in_the_baseline_say_nothing_either(self) -> None:
        assert not verdict(NOW._replace(baseline=Handled(29, 11_600, 3)))

    def test_without_a_baseline_there_is_no_verdict(self) -> None:
        alone = NOW._replace(baseline=Handled(0, 0.0, 0))
        assert (alone.handle_time_ratio, alone.z, verdict(alone)) == (None, None, False)

    def test_from_the_contacts_themselves(self) -> None:
        line = Timeline()
        for day, number, seconds, followed in (
            ("2026-05-05", 100, 400, 12), ("2026-05-12", 120, 320, 47), ("2026-05-16", 20, 320, 2),
        ):  # fmt: skip
            for one in range(number):
                start = f"{day} {10 + one // 60:02}:{one % 60:02}:00"
                ended = one * 60 + seconds
                end = f"{day} {10 + ended // 3600:02}:{ended // 60 % 60:02}:{ended % 60:02}"
                customer = f"{day}-{one}"
                handled(line, f"call/{customer}", start, end, customer=customer)
                if one < followed:
                    line.add(
                        f"call/{customer}-again", f"{day} 20:00", "contact.queued", queue="other", customer=customer
                    )
        found = report(line.events, "2026-05-18 00:00:00")["by"]["queue"]["Q"]["recontacts"]["rushed"]
        for period, expected in NOW._asdict().items():
            assert (found[period]["contacts"], found[period]["handle_seconds"], found[period]["recontacts"]) == expected
        assert found["z"] == NOW.z
        assert found["rushed"] is True
        assert (found["same_mix"]["aht_change"], found["same_mix"]["z"]) == (0.8, NOW.z), "all are of one kind"
        assert found["same_mix"] == {
            "contacts": 140, "handle_seconds": 44_800.0, "expected_handle_seconds": 56_000.0, "aht_change": 0.8,
            "mature_contacts": 120, "recontacts": 47, "expected_recontacts": pytest.approx(14.4), "z": NOW.z,
        }  # fmt: skip
        assert found["baseline"] == {
            "contacts": 100, "handle_seconds": 40_000.0, "recontacts": 12, "aht_seconds": 400.0,
            "effective_handle_seconds": BASELINE.effective_seconds,
        }  # fmt: skip
        assert list(found) == ["current", "mature", "baseline", "aht_change", "z", "same_mix", "rushed"]

    def test_one_kind_of_contacts_is_compared_as_all_together(self) -> None:
        alone = judged(all=NOW)
        assert alone.whole == NOW
        assert alone.handling.handle_time_ratio == NOW.handle_time_ratio == 0.8
        assert alone.returning.z == NOW.z


def same(contacts: int, mean_seconds: int, recontacts: int) -> Handled:
    return Handled(contacts, contacts * mean_seconds, recontacts)


def week(now: Handled, before: Handled) -> Rush:
    """All of this week's are old enough to tell."""
    return Rush(now, now, before)


SHORTER = {"login": week(same(60, 200, 24), same(10, 200, 4)), "billing": week(same(40, 600, 4), same(90, 600, 9))}
"""Nothing has changed but that many log in: 200 s and 40 % come again, of billing 600 s and 10 %."""
RUSHED = {"login": week(same(20, 160, 8), same(60, 200, 6)), "billing": week(same(80, 480, 32), same(40, 600, 4))}
"""Either takes a fifth less, and four times as many come again; but there is more billing, which takes longer."""


class TestMixShift:
    """Simpson's paradox, by hand: each kind of work says one thing, and all together the other."""

    def test_more_short_work_is_no_rush(self) -> None:
        found = judged(**SHORTER)
        assert (found.whole.current, found.whole.baseline) == (Handled(100, 36_000, 28), Handled(100, 56_000, 13))
        assert found.handling.expected_seconds == 60 * 200 + 40 * 600 == 36_000
        assert found.handling.handle_time_ratio == 1.0
        assert found.returning.expected_recontacts == pytest.approx(28)
        assert found.returning.z == pytest.approx(0)
        assert not found.rushed(OPTIONS)

    def test_the_naive_verdict_is_that_they_rush(self) -> None:
        whole = judged(**SHORTER).whole
        assert whole.handle_time_ratio == pytest.approx(360 / 560)
        assert whole.z == pytest.approx(2.63, abs=5e-3)
        assert verdict(whole), "naive: not told apart"

    def test_rushing_shows_though_there_is_more_long_work(self) -> None:
        found = judged(**RUSHED)
        assert (found.whole.current, found.whole.baseline) == (Handled(100, 41_600, 40), Handled(100, 36_000, 10))
        assert found.handling.expected_seconds == 20 * 200 + 80 * 600 == 52_000
        assert found.handling.handle_time_ratio == 0.8
        # login: 8/20 against 6/60, pooled 14/80; billing: 32/80 against 4/40, pooled 36/120; weighted 0.2 and 0.8.
        error = sqrt(0.2**2 * 0.175 * 0.825 * (1 / 20 + 1 / 60) + 0.8**2 * 0.3 * 0.7 * (1 / 80 + 1 / 40))
        assert found.returning.z == pytest.approx(0.3 / error)
        assert found.returning.z == pytest.approx(4.073, abs=5e-4)
        assert found.rushed(OPTIONS)

    def test_naively_handle_time_rose(self) -> None:
        whole = judged(**RUSHED).whole
        assert whole.handle_time_ratio == pytest.approx(416 / 360)
        assert not verdict(whole), "naive: not told apart"

    def test_what_came_or_went_is_left_out_and_said_to_be(self) -> None:
        new = week(same(500, 30, 400), same(4, 600, 0))
        gone = week(same(4, 90, 4), same(500, 900, 0))
        found = judged(**SHORTER, new=new, gone=gone)
        assert found.whole.current.contacts == 604
        assert found.handling.now.contacts == 100
        assert found.handling == judged(**SHORTER).handling

    def test_what_is_always_rare_is_compared_together_by_channel(self) -> None:
        rare = {f"voice.{kind}": week(same(3, 100, 1), same(2, 200, 0)) for kind in ("a", "b", "c")}
        other = {"chat.a": week(same(4, 100, 1), same(4, 900, 0))}
        found = judged(**rare, **other)
        assert found.handling.pairs == ((Handled(9, 900, 3), Handled(6, 1200, 0)),)
        assert found.handling.handle_time_ratio == 0.5

    def test_too_few_of_what_can_be_compared_say_nothing(self) -> None:
        few = {"login": RUSHED["login"], "new": week(same(80, 480, 32), same(0, 0, 0))}
        assert judged(**few).handling.now.contacts == 20
        assert not judged(**few).rushed(OPTIONS)

    @pytest.mark.parametrize(("example", "rushed", "change"), [(SHORTER, False, 1.0), (RUSHED, True, 0.8)])
    @pytest.mark.parametrize("by", ["reason", "channel"])
    def test_from_the_contacts_themselves(self, example: dict[str, Rush], rushed: bool, change: float, by: str) -> None:
        line = self.contacts(example, by)
        found = report(line.events, "2026-05-18 00:00:00")["by"]["queue"]["Q"]["recontacts"]["rushed"]
        assert found["rushed"] is rushed
        assert found["same_mix"]["aht_change"] == pytest.approx(change)
        assert found["same_mix"]["z"] == pytest.approx(judged(**example).returning.z)
        assert found["aht_change"] == pytest.approx(judged(**example).whole.handle_time_ratio)
        cluster = Cluster(Rules(), partitions=2, max_batch=64)
        for event in line.events:
            cluster.produce(event.kind, event.entity, wire(event))
        as_of = millis("2026-05-18 00:00:00") + 59_999
        cluster.run(as_of)
        assert cluster.figures(as_of)["recontacts"]["rushed"]["rushed"] is rushed
        assert cluster.figures(as_of)["recontacts"]["rushed"]["same_mix"] == found["same_mix"]

    @staticmethod
    def contacts(example: dict[str, Rush], by: str) -> Timeline:
        line = Timeline()
        for kind, rush in example.items():
            entity = "chat" if by == "channel" and kind == "login" else "call"
            for day, part in (("2026-05-05", rush.baseline), ("2026-05-12", rush.current)):
                for one in range(part.contacts):
                    customer = f"{kind}-{day}-{one}"
                    began = millis(f"{day} {8 + one // 60:02}:{one % 60:02}:00")
                    ended = (
                        f"{datetime.fromtimestamp(began // 1000 + int(part.mean_seconds or 0), UTC):%Y-%m-%d %H:%M:%S}"
                    )
                    known = {"reason": kind} if by == "reason" else {}
                    start = f"{day} {8 + one // 60:02}:{one % 60:02}:00"
                    handled(line, f"{entity}/{customer}", start, ended, customer=customer, **known)
                    if one < part.recontacts:
                        again = f"call/{customer}-again"
                        line.add(again, f"{day} 20:00", "contact.queued", queue="other", customer=customer)
        return line

"""Dead letters keep what is needed to send them again; which are sent, and how they are shown."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from aiokafka.errors import KafkaError
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from agents import dead_letter_topic
from agents.cli import dead_letters as cli
from agents.cli import main
from agents.cli.dead_letters import Listing, outcome
from agents.cli.tables import plain
from agents.topics_admin import TopicsError
from streams.codec import RejectedError
from streams.limits import LIMITS
from streams.pipeline.dead_letters import dead_letter
from streams.pipeline.redrive import FOREIGN, Letter, Redrive, Selection, open_letter
from tests.support.local import Logged

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PARTITIONS = {"tickets": 4, "calls": 2}
Headers = tuple[tuple[str, bytes | None], ...]


def refused(
    value: bytes | None = b"{}",
    *,
    key: bytes | None = b"k",
    headers: Headers = (),
    reason: str = "data",
    topic: str = "tickets",
    partition: int = 1,
    offset: int = 7,
    said: object = "fax",
) -> Letter:
    record = Logged(offset, key, value, headers)
    made = dead_letter(topic, partition, record, RejectedError(reason, "data.channel", said, "must be known"))
    return open_letter(Logged(0, made.key, made.value, made.headers))


some_bytes = st.none() | st.binary(max_size=20)


class TestWhatIsKept:
    @given(some_bytes, some_bytes, st.lists(st.tuples(st.text(max_size=9), some_bytes)).map(tuple))
    def test_all_of_the_record_comes_back(self, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        letter = refused(value, key=key, headers=headers)
        assert (letter.key, letter.value, letter.headers) == (key, value, headers)
        assert (letter.topic, letter.partition, letter.offset, letter.obstacle) == ("tickets", 1, 7, "")
        assert (letter.reason, letter.field) == ("data", "data.channel")
        assert letter.error == "data.channel = 'fax': must be known"

    def test_headers_of_the_producer_are_not_taken_for_ours(self) -> None:
        letter = refused(headers=(("reason", b"mine"), ("topic", b"calls"), ("original.x", b"y")))
        assert (letter.reason, letter.topic) == ("data", "tickets")
        assert letter.headers == (("reason", b"mine"), ("topic", b"calls"), ("original.x", b"y"))

    @pytest.mark.parametrize(
        ("value", "headers", "cut"),
        [
            (990_000, 0, ""),
            (1_000_000, 0, "value"),
            (990_000, 5_000, ""),
            (998_000, 5_000, "value"),
            (400_000, 500_000, ""),
            (600_000, 500_000, "headers"),
            (1_100_000, 500_000, "headers value"),
            (0, 2_000_000, "headers"),
        ],
    )
    def test_what_does_not_fit_is_cut_and_told(self, value: int, headers: int, cut: str) -> None:
        record = Logged(7, b"k", b"v" * value, (("h", b"x" * headers),) if headers else ())
        made = dead_letter("tickets", 1, record, RejectedError("size", "value", value, "must be less"))
        size = len(made.key or b"") + len(made.value or b"")
        size += sum(len(name) + len(said or b"") for name, said in made.headers)
        assert size <= LIMITS.record_bytes
        letter = open_letter(Logged(0, made.key, made.value, made.headers))
        assert [part for part in ("headers", "value") if f"its {part} had" in letter.obstacle] == cut.split()
        assert (letter.headers == record.headers) == ("headers" not in cut)
        assert (letter.value == record.value) == ("value" not in cut)
        assert ("sha256" in letter.obstacle) == ("value" in cut)

    def test_many_tiny_headers_take_more_than_their_bytes(self) -> None:
        letter = refused(headers=(("", None),) * 100_000)
        assert letter.headers == ()
        assert letter.obstacle == "its headers had 0 bytes, of which not all are kept"

    @pytest.mark.parametrize(
        ("headers", "named"),
        [
            ((), "reason = None"),
            ((("reason", b"data"),), "topic = None"),
            ((("reason", b"data"), ("topic", b"policies")), "topic = 'policies'"),
            ((("reason", b"data"), ("topic", b"calls"), ("partition", b"-1")), "partition = '-1'"),
            ((("reason", b"data"), ("topic", b"calls"), ("partition", b"1"), ("offset", None)), "offset = None"),
        ],
    )
    def test_what_others_put_there_is_foreign_and_goes_nowhere(self, headers: Headers, named: str) -> None:
        letter = open_letter(Logged(0, b"k", b"v", headers))
        assert (letter.reason, letter.topic) == (FOREIGN, "")
        assert named in letter.obstacle
        work = Redrive(Selection(), PARTITIONS)
        assert not work.send(letter, 0)
        assert len(work.left) == 1


class TestWhichAreSent:
    def test_only_those_selected(self) -> None:
        letters = [
            (refused(reason="data"), 10),
            (refused(reason="json"), 20),
            (refused(reason="json", topic="calls"), 30),
            (refused(reason="time"), 40),
        ]

        def chosen(selection: Selection) -> list[int]:
            return [at for letter, at in letters if Redrive(selection, PARTITIONS).send(letter, at)]

        assert chosen(Selection()) == [10, 20, 30, 40]
        assert chosen(Selection(reasons=frozenset({"json", "time"}))) == [20, 30, 40]
        assert chosen(Selection(topic="calls")) == [30]
        assert chosen(Selection(since=20)) == [20, 30, 40]
        assert chosen(Selection(frozenset({"json"}), "tickets", 20)) == [20]

    def test_each_distinct_one_once(self) -> None:
        work = Redrive(Selection(), PARTITIONS)
        same = [refused(offset=1), refused(offset=2), refused(offset=3, reason="time")]
        others = [refused(b"{ }"), refused(key=None), refused(headers=(("ce_id", b"2"),)), refused(partition=2)]
        assert [work.send(letter, 0) for letter in same + others] == [True, False, False, True, True, True, True]
        assert (work.sent.total(), work.same) == (5, 2)

    def test_no_more_than_the_limit(self) -> None:
        work = Redrive(Selection(), PARTITIONS, limit=2)
        sent = []
        for number in range(4):
            assert work.full == (number >= 2)
            sent.append(work.send(refused(b"%d" % number), 0))
        assert sent == [True, True, False, False]

    def test_nothing_goes_to_another_partition_or_topic(self) -> None:
        work = Redrive(Selection(), PARTITIONS)
        assert not work.send(refused(topic="calls", partition=2), 0)
        assert not work.send(refused(topic="chats"), 0)
        assert [why for _, why in work.left] == ["topic 'calls' has 2 partitions only", "topic 'chats' does not exist"]

    def test_the_outcome_says_how_many_of_what_went_where_and_names_the_others(self) -> None:
        work = Redrive(Selection(), PARTITIONS)
        for letter in (refused(), refused(), refused(topic="calls", reason="json"), refused(b"v" * 1_000_000)):
            work.send(letter, 0)
        lines = list(outcome(work, dry_run=False))
        assert lines[:2] == ["sent to calls: 1 json", "sent to tickets: 1 data"]
        assert lines[2].startswith("cannot be sent again: tickets/1@7, data: its value had 1000000 bytes")
        assert lines[3:] == ["2 sent again, 1 the same as one of them, 1 cannot be sent again"]
        assert "would go to calls: 1 json" in outcome(work, dry_run=True)


class TestHowTheyAreShown:
    NASTY = "\x1b[2J\x9b31m\u202e[red]x[/red]"

    def listing(self, limit: int = 0, reason: str = "") -> Listing:
        listing = Listing(Selection(frozenset({reason} if reason else ())), limit)
        listing.take(refused(key=self.NASTY.encode()), 1_000)
        listing.take(open_letter(Logged(0, b"\xff", b"v", (("reason", self.NASTY.encode()),))), 2_000)
        listing.take(refused(b"v" * 1_000_000, reason="size"), 3_000)
        return listing

    def table(self, listing: Listing, capsys: pytest.CaptureFixture[str]) -> str:
        out = io.StringIO()
        listing.print(Console(file=out, width=200, force_terminal=False))
        return out.getvalue() + capsys.readouterr().out

    def test_as_a_table(self, capsys: pytest.CaptureFixture[str]) -> None:
        said = self.table(self.listing(), capsys)
        assert "3 dead letters: 1 data, 1 foreign, 1 size" in said
        assert "1970-01-01T00:00:01Z" in said
        assert "tickets/1@7" in said
        assert "data.channel = 'fax': must be known" in said
        assert "cannot be sent again: its value had 1000000 bytes" in " ".join(said.split())

    def test_nothing_of_others_acts_on_a_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        said = self.table(self.listing(), capsys)
        assert r"\x1b[2J\x9b31m\u202e[red]x[/red]" in said, "shown, as an escape"
        assert all(one.isprintable() or one == "\n" for one in said)
        assert all(one.isprintable() or one == "\n" for one in json.dumps(self.listing().document(), indent=2))
        assert plain("Müller → ok") == "Müller → ok"

    def test_the_newest_are_shown_and_all_are_counted(self, capsys: pytest.CaptureFixture[str]) -> None:
        listing = self.listing(limit=1)
        document = listing.document()
        assert [one["at"] for one in document["letters"]] == ["1970-01-01T00:00:03Z"]
        assert document["by_reason"] == {"data": 1, "foreign": 1, "size": 1}
        assert "the newest 1 are shown" in self.table(listing, capsys)

    def test_nothing_selected_says_what_there_is(self, capsys: pytest.CaptureFixture[str]) -> None:
        said = self.table(self.listing(reason="hystory"), capsys)
        assert said == "none of 3 dead letters is selected; there are: 1 data, 1 foreign, 1 size\n"
        assert self.table(Listing(Selection(), 0), capsys) == "there are no dead letters\n"

    def test_as_json(self) -> None:
        first, foreign, cut = json.loads(json.dumps(self.listing().document()))["letters"]
        assert first == {
            "at": "1970-01-01T00:00:01Z",
            "reason": "data",
            "field": "data.channel",
            "error": "data.channel = 'fax': must be known",
            "topic": "tickets",
            "partition": 1,
            "offset": 7,
            "key": self.NASTY,
            "kept_bytes": 2,
            "cannot_be_sent_again": None,
        }
        assert (foreign["topic"], foreign["key"]) == (None, r"\xff")
        assert "sha256" in cut["cannot_be_sent_again"]


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["redrive"], "take --all"),
            (["redrive", "--dry-run"], "take --all"),
            (["redrive", "--all", "--reason", "json"], "not both"),
            (["redrive", "--since", "yesterday"], "--since = 'yesterday'"),
            (["list", "--since", "2026-05-04"], "--since = '2026-05-04'"),
            (["list", "--topic", "policies"], "'policies' is not one of"),
            (["list", "--limit", "-1"], "--limit"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, arguments: list[str], said: str) -> None:
        done = CliRunner().invoke(cli.command, arguments)
        assert done.exit_code == 2
        assert said in done.output
        assert "Traceback" not in done.output

    def test_it_is_a_command(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["dead-letters", "list", "--help"])
        assert ended.value.code == 0
        assert "--reason" in capsys.readouterr().out

    def test_what_cannot_be_sent_is_told_plainly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Batch:
            def append(self, **_: object) -> object:
                return self

            def close(self) -> None:
                pass

        class Producer:
            def __init__(self, **_: object) -> None:
                pass

            async def start(self) -> None:
                pass

            async def stop(self) -> None:
                pass

            def create_batch(self) -> Batch:
                return Batch()

            async def send_batch(self, *_: object, **__: object) -> None:
                msg = "the broker takes no more"
                raise KafkaError(msg)

        async def one(_: str) -> AsyncGenerator[tuple[Letter, int], None]:
            yield refused(), 0

        monkeypatch.setattr(dead_letter_topic, "AIOKafkaProducer", Producer)
        monkeypatch.setattr(dead_letter_topic, "_letters", one)
        monkeypatch.setattr(cli, "source_partitions", lambda _: PARTITIONS)
        done = CliRunner().invoke(cli.command, ["redrive", "--all", "--broker", "desk:1"])
        assert done.exit_code == 2
        assert done.output.startswith("ticket-streams: dead letters at desk:1 cannot all be sent again")
        assert done.output.endswith("the broker takes no more\n")

    def test_without_a_broker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unreachable(_: str) -> None:
            msg = "no broker answers"
            raise TopicsError(msg)

        monkeypatch.setattr(cli, "source_partitions", unreachable)
        for arguments in (["list"], ["redrive", "--all"]):
            done = CliRunner().invoke(cli.command, arguments)
            assert (done.exit_code, done.output) == (2, "ticket-streams: no broker answers\n")

"""The stage of reps' hours: what contacts and reps' own events say of each rep in, contribution sets out.

A rep's sets are many: one for each slice of time and queue. An event may change those of the slices that it touches,
and that of the piece of time before it, which may have begun in an earlier one; all others stay as they are. What was
sent of a slice follows from what was known before, so it is derived once more and compared: nothing of it needs to be
kept. Only where a predecessor may have sent something that was not stored (:mod:`streams.pipeline.sent`) is everything
sent that any of the records at hand may have led to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from streams.figures import contributions
from streams.figures.contributions import SEPARATOR, Contribution
from streams.limits import LIMITS, Limits
from streams.pipeline.sent import OFFSET_KEY, Sent, offset_write
from streams.reps import work as works
from streams.reps.occupancy import SLICE, Times, slices_between
from streams.reps.work import HOUR
from streams.stage import Output, Step, TallyKey
from streams.topics import CONTRIBUTIONS, REP_WORK, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streams.figures.contributions import Item
    from streams.figures.options import FigureOptions
    from streams.pipeline.rules import Rules
    from streams.reps.occupancy import Slices
    from streams.reps.work import Known, Work
    from streams.stage import Record


_Index = dict[int, set[str]]
"""Hour to the entities of which something began in it."""


class _Around(NamedTuple):
    """What matters for a stretch of time."""

    since: int
    """The beginning of the slice in which the piece of time began that lasted before it."""
    works: dict[str, Work]
    times: Times
    """What these say together, from then on."""


class _Book:
    """All that is known of one rep."""

    def __init__(self, options: FigureOptions) -> None:
        self._options = options
        self.known: dict[str, Known] = {}
        self._brief: _Index = {}
        self._lasting: _Index = {}
        """Entities that may matter for more than an hour after anything of them began: few."""
        self.version = 0
        """Sum of all versions: orders what was derived."""
        self.spans: Counter[int] = Counter()
        """Hour to the spans that begin in it."""

    def put(self, entity: str, known: Known) -> None:
        """Note what is known of an entity, in place of what was."""
        old = self.known.get(entity)
        if old is not None:
            self.version -= old.version
            index = self._index(old.work)
            for hour in old.work.hours():
                index[hour].discard(entity)
            self.spans.subtract(old.work.spans_by_hour())
        self.known[entity] = known
        self.version += known.version
        self.spans.update(known.work.spans_by_hour())
        index = self._index(known.work)
        for hour in known.work.hours():
            index.setdefault(hour, set()).add(entity)

    def _index(self, work: Work) -> _Index:
        lasts = work.marks or any(span.until(self._options) - span.start > HOUR for span in work.spans)
        return self._lasting if lasts else self._brief

    def around(self, low: int, high: int) -> _Around:
        """All that matters for the piece of time that lasts before an instant, and for those that begin until another.

        Mostly that piece began within the hour before; only otherwise all the time is searched that it may last.
        """
        longest = self._options.max_spell_millis
        hour, last = low // HOUR, (high + longest) // HOUR
        near = self._within(hour - 2, hour - 2 - 3 * longest // HOUR, last)
        times = Times.of(near.values(), self._options, (hour - 1) * HOUR)
        limit = times.last_limit(low)
        if limit is not None and limit // HOUR >= hour - 1:
            return _Around(limit // SLICE * SLICE, near, times)
        since = (low - longest) // HOUR * HOUR
        first = (since - 2 * longest) // HOUR - 1
        far = self._within(first, first, last)
        return _Around(since, far, Times.of(far.values(), self._options, since))

    def _within(self, brief_from: int, lasting_from: int, last: int) -> dict[str, Work]:
        """Entities of which something began from some hours to another, the limits included."""
        found: set[str] = set()
        for index, first in ((self._brief, brief_from), (self._lasting, lasting_from)):
            hours = range(first, last + 1) if last - first < len(index) else list(index)
            found.update(entity for hour in hours if first <= hour <= last for entity in index.get(hour, ()))
        return {entity: self.known[entity].work for entity in found}


class _Stretch:
    """A time in which a batch changes something, and the entities that change it; nothing else of it comes near."""

    def __init__(self, low: int) -> None:
        self.low = low
        self.high = low
        self.new: dict[str, Work] = {}
        self.versions: list[Work] = []


class _Touched:
    """What a batch brings of one rep."""

    def __init__(self) -> None:
        self.new: dict[str, Known] = {}
        self.versions: defaultdict[str, list[Work]] = defaultdict(list)
        """By entity, all its states that anything may have been derived from: stored, and in the batch."""
        self.spans: Counter[int] = Counter()
        """Hour to how many more spans begin in it than did before."""

    def has_room(self, book: _Book, old: Known | None, known: Known, limit: int) -> bool:
        """Note the spans that an entity brings more than it did, unless an hour has too many then."""
        more = known.work.spans_by_hour()
        if old is not None:
            more.subtract(old.work.spans_by_hour())
        if any(count > 0 and book.spans[hour] + self.spans[hour] + count > limit for hour, count in more.items()):
            return False
        self.spans.update(more)
        return True

    def stretches(self, options: FigureOptions) -> list[_Stretch]:
        """The times in which anything may change, so far apart that no change of one reaches another.

        A disordered batch may touch both ends of a month. What lies between is not derived for that.
        """
        # As far as :meth:`_Book.around` may look back from one, and the longest piece of time once more.
        apart = 2 * (options.max_spell_millis + HOUR)
        found: list[_Stretch] = []
        for low, high, entity in sorted(self._reaches(options)):
            if not found or low - found[-1].high > apart:
                found.append(_Stretch(low))
            stretch = found[-1]
            stretch.high = max(stretch.high, high)
            stretch.new[entity] = self.new[entity].work
            stretch.versions += self.versions[entity]
        return found

    def _reaches(self, options: FigureOptions) -> Iterator[tuple[int, int, str]]:
        """The first and the last instant at which each entity matters, in any of its states."""
        for entity, versions in self.versions.items():
            limits = [found for work in versions if (found := work.limits(options)) is not None]
            if limits:
                yield min(low for low, _ in limits), max(high for _, high in limits), entity


class RepHoursStage:
    """What reps did, slice by slice. See :class:`streams.stage.Stage`."""

    name = "rep-hours"
    source = REP_WORK.name

    def __init__(self, *, partitions: int, rules: Rules, limits: Limits = LIMITS) -> None:
        self._partitions = partitions
        self._limits = limits
        self._options = rules.options
        self._books: dict[int, dict[str, _Book]] = defaultdict(dict)
        self._sent = Sent()

    def fold(self, partition: int, records: Sequence[Record], now: int) -> Step:
        """Take a batch; what is older than what is known changes nothing, nor what is more than a person can do."""
        step = Step()
        kept = self._books[partition]
        nothing = _Book(self._options)
        touched: dict[str, _Touched] = {}
        for record in records:
            if record.key is None or record.value is None:
                continue
            rep, _, entity = record.key.decode().partition(SEPARATOR)
            known = works.decode(record.value)
            one = touched.get(rep)
            book = kept.get(rep, nothing)
            stored = book.known.get(entity)
            old = (one.new.get(entity) if one else None) or stored
            if old is not None and old.version > known.version:
                step.tally[TallyKey(self.source, "superseded")] += 1
                continue
            if one is None:
                one = touched[rep] = _Touched()
            if not one.has_room(book, old, known, self._limits.rep_hour_spans):
                step.tally[TallyKey(self.source, "crowded")] += 1
                continue
            if stored is not None and entity not in one.new:
                one.versions[entity].append(stored.work)
            one.new[entity] = known
            one.versions[entity].append(known.work)
            step.writes[record.key] = record.value
            step.tally[TallyKey(self.source, "ok")] += 1
        again = self._sent.must_send_all(partition, records)
        for rep, one in touched.items():
            self._emit(step, rep, kept.get(rep, nothing), one, again=again)
        step.writes[OFFSET_KEY] = offset_write(records)
        step.state = touched
        return step

    def _emit(self, step: Step, rep: str, book: _Book, one: _Touched, *, again: bool) -> None:
        """Append the sets of the slices that have changed, or with ``again`` of all that may ever have."""
        version = book.version
        for entity, known in one.new.items():
            stored = book.known.get(entity)
            version += known.version - (stored.version if stored else 0)
        for stretch in one.stretches(self._options):
            self._emit_stretch(step, rep, book, stretch, version, again=again)

    def _emit_stretch(self, step: Step, rep: str, book: _Book, stretch: _Stretch, version: int, *, again: bool) -> None:
        since, before, times = book.around(stretch.low, stretch.high)
        after = {**before, **stretch.new}
        last = stretch.high // SLICE
        end = (last + 1) * SLICE
        new = slices_between(rep, Times.of(after.values(), self._options, since), since, end)
        old = slices_between(rep, times, since, end)
        said = [*before.values(), *stretch.versions] if again else []
        for number, queues in _places(old, new, said, self._options):
            if number > last or number * SLICE < since:
                continue
            for queue in sorted(queues):
                items = new.get(number, {}).get(queue, [])
                if again or items != old.get(number, {}).get(queue, []):
                    step.outputs.append(self._output(rep, number, queue, version, items))

    def _output(self, rep: str, number: int, queue: str, version: int, items: list[Item]) -> Output:
        return Output(
            CONTRIBUTIONS.name,
            partition_of(queue, self._partitions),
            contributions.key_of(queue, f"rep/{rep}/{number}"),
            contributions.encode(Contribution(version, 0, items, [])),
        )

    def due(self, partition: int, now: int) -> Step | None:
        """Nothing is due by itself: what ends without an event is dated ahead."""
        return None

    def adopt(self, partition: int, step: Step) -> None:
        """Take over what a step brought."""
        kept = self._books[partition]
        for rep, one in step.state.items():
            book = kept.setdefault(rep, _Book(self._options))
            for entity, known in one.new.items():
                book.put(entity, known)

    def restore(self, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Adopt entries of the changelog."""
        kept = self._books[partition]
        for key, value in entries:
            if key == OFFSET_KEY:
                self._sent.restore(partition, value or b"0")
            elif value is not None:
                rep, _, entity = key.decode().partition(SEPARATOR)
                book = kept.setdefault(rep, _Book(self._options))
                known = works.decode(value)
                # An older one was written late, by a worker that no longer owned the partition.
                if entity not in book.known or book.known[entity].version <= known.version:
                    book.put(entity, known)

    def revoke(self, partition: int) -> None:
        """Forget a partition."""
        self._books.pop(partition, None)
        self._sent.revoke(partition)


class _Places(NamedTuple):
    number: int
    """Of the slice."""
    queues: set[str]


def _places(old: Slices, new: Slices, said: Iterable[Work], options: FigureOptions) -> list[_Places]:
    """Slices and queues that something is or was booked to, or, by all that was said, may have been."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for slices in (old, new):
        for number, queues in slices.items():
            found[number].update(queues)
    said = list(said)
    anywhere = {queue for work in said for queue in work.queues}
    for work in said:
        for point in work.points(options):
            found[point // SLICE] |= anywhere
    return [_Places(number, queues) for number, queues in sorted(found.items())]

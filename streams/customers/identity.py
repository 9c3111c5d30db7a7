"""Which handles are one customer (SPEC 2.4, 3.4): from a handle's identity events to its alias, and along aliases.

A handle's *alias* is the handle or customer id that it is the same customer as; a handle without one is its own.
Aliases may chain. All of this holds retroactively: of each handle only what its events say together matters, not when
they were said or in which order they came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streams.events import identity as ev

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from streams.events import Entry


class Alias(NamedTuple):
    """What is said of one handle."""

    into: str = ""
    """The handle or customer id that it is the same customer as; empty: its own."""
    shared: bool = False
    """Whether it is several customers', and so identifies none."""


OWN = Alias()
"""A handle of which nothing has been said."""


class Customer(NamedTuple):
    """Whose a handle is."""

    canonical: str
    shared: bool


def fold_identity(events: Iterable[Entry]) -> Alias:
    """Fold a handle's sorted events.

    Merges outweigh observations, and the latest merge the earlier ones; taken back, it leaves what was before.
    """
    observed = ""
    merges: list[str] = []
    shared = False
    for entry in events:
        data = entry.data
        if isinstance(data, ev.IdentityObserved):
            observed = data.canonical
        elif isinstance(data, ev.IdentityMerged):
            # The same merge said twice is one, so that taking it back once is enough.
            if data.into in merges:
                merges.remove(data.into)
            merges.append(data.into)
        elif isinstance(data, ev.IdentityUnmerged):
            if data.into is None:
                merges = merges[:-1]
            elif data.into in merges:
                merges.remove(data.into)
        else:
            shared = isinstance(data, ev.IdentityShared)
    return Alias(merges[-1] if merges else observed, shared)


def next_of(handle: str, alias: Alias, path: Sequence[str]) -> str:
    """Where to go from a handle: to itself where the way ends, to another handle, or to the winner of a loop.

    Handles that were merged in a loop are one customer; the smallest of their names, as texts compare, is its id.

    Args:
        handle: where the way has come to.
        alias: what is said of that handle.
        path: the handles on the way to it, in order.
    """
    into = alias.into
    if alias.shared or not into or into == handle:
        return handle
    if into in path:
        return min(handle, *path[path.index(into) :])
    return into


def customer_of(handle: str, alias_of: Callable[[str], Alias]) -> Customer:
    """Follow the aliases of a handle to their end."""
    path: list[str] = []
    while True:
        alias = alias_of(handle)
        following = next_of(handle, alias, path)
        if following == handle or following in path:
            return Customer(following, alias.shared)
        path.append(handle)
        handle = following

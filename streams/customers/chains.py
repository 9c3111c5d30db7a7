"""How many contacts it took until an issue was resolved (M53).

A chain is a customer's contacts for one reason, on any channels, each begun at most the quiet time after all before it
were over. It is told of once it is certain to be complete: when the quiet time after its end has passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures import cells
from streams.figures.contributions import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streams.customers.summary import Summary

_OPEN = 1 << 62
Member = tuple[str, "Summary"]


def chains_of(contacts: Mapping[str, Summary], quiet: int) -> Iterator[tuple[str, list[Item]]]:
    """The items of each chain that ended in a resolution, with the entity that resolved it.

    Args:
        contacts: those of one customer that count, by entity.
        quiet: time in milliseconds after which a chain that is over stays over.
    """
    by_reason: dict[str, list[Member]] = {}
    for entity, one in contacts.items():
        if one.reason:
            by_reason.setdefault(one.reason, []).append((entity, one))
    for members in by_reason.values():
        for chain in _chains(members, quiet):
            entity, last = max(chain, key=lambda member: (_over(member[1]), member[0]))
            if last.resolved is not None:
                yield entity, _items(chain, last, last.resolved + quiet)


def _chains(members: list[Member], quiet: int) -> Iterator[list[Member]]:
    chain: list[Member] = []
    over = 0
    for entity, one in sorted(members, key=lambda member: (member[1].start, member[0])):
        if chain and one.start > over + quiet:
            yield chain
            chain, over = [], 0
        chain.append((entity, one))
        over = max(over, _over(one))
    yield chain


def _over(one: Summary) -> int:
    """When a contact was over for good; it may be that it never was."""
    return one.endings[-1].at if one.endings and not one.endings[-1].undone else _OPEN


def _items(chain: list[Member], last: Summary, at: int) -> list[Item]:
    calls = sum(one.channel == "voice" for _, one in chain)
    counted = [(cells.CHAIN, len(chain)), (cells.CHAIN_CALLS, calls)]
    return [Item(cell, last.channel, last.priority, "", at, 0, number) for cell, number in counted if number]

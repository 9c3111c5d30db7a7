"""All that follows from what one customer's contacts say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.customers import recontacts
from streams.customers.chains import chains_of
from streams.customers.containment import book_containment
from streams.figures import cells
from streams.figures.contributions import Item, QueueSets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.customers.summary import Summary
    from streams.figures.options import FigureOptions

CustomerSets = dict[str, QueueSets]
"""Entity to what it adds to the figures of queues because of whose it is."""


def derive(contacts: Mapping[str, Summary], options: FigureOptions, *, shared: bool = False) -> CustomerSets:
    """Derive the sets of the contacts of one customer, or of a handle that several customers share.

    Args:
        contacts: summaries by entity; those that are gone count for nothing.
        options: choices of definition.
        shared: whether they are several customers': then none tells anything of the others. They are, too, if they are
            more than one customer's can be.
    """
    shared = shared or len(contacts) > options.shared_after_contacts
    present = {entity: one for entity, one in contacts.items() if not one.gone}
    found: CustomerSets = {entity: QueueSets() for entity in present}

    def add(entity: str, items: list[Item]) -> None:
        if items:
            found[entity].items_of(present[entity].queue).extend(items)

    counted = {
        entity: one
        for entity, one in present.items()
        if one.counts and (one.reached or options.recontact_from == "start")
    }
    if shared:
        for entity, one in counted.items():
            add(entity, [Item(f"{cells.UNATTRIBUTABLE}shared_number", one.channel, one.priority, "", one.start, 0, 1)])
    else:
        for entity, items in recontacts.derive(present, options).items():
            add(entity, items)
        if options.recontact_from == "end":
            for entity, items in chains_of(counted, round(options.resolution_quiet_seconds * 1000)):
                add(entity, items)
    people = [] if shared else sorted({at for one in present.values() if one.counts for at in one.people})
    for entity, one in present.items():
        book_containment(found[entity], entity, one.contained, people)
    return found

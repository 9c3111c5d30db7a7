"""The series of rushed contacts (M56). Times are published in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.figures.panes import ALL
from streams.figures.rushed import judge, strata_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.figures.options import FigureOptions
    from streams.figures.panes import Group
    from streams.figures.rep_series import Told


def rushed_samples(group: Group, options: FigureOptions) -> Iterator[Told]:
    """Whether contacts are rushed now, and its parts; nothing of groups whose contacts reps do not handle."""
    judged = judge(strata_of(group.windows[ALL]), options)
    whole = judged.whole
    if not (whole.current.contacts or whole.baseline.contacts):
        return
    for period, part in whole._asdict().items():
        labels = (("period", period),)
        yield "support_rushed_contacts", labels, part.contacts
        yield "support_rushed_recontacts", labels, part.recontacts
        yield "support_rushed_handle_seconds", labels, part.handle_seconds
        if part.effective_seconds is not None:
            yield "support_effective_handle_seconds", labels, part.effective_seconds
    for period, same in (("current", judged.handling), ("mature", judged.returning)):
        yield "support_rushed_comparable_contacts", (("period", period),), same.now.contacts
    yield "support_rushed_comparable_handle_seconds", (), judged.handling.now.handle_seconds
    yield "support_rushed_expected_handle_seconds", (), judged.handling.expected_seconds
    yield "support_rushed_comparable_recontacts", (), judged.returning.now.recontacts
    yield "support_rushed_expected_recontacts", (), judged.returning.expected_recontacts
    for name, value in (
        ("handle_time_change", whole.handle_time_ratio),
        ("recontact_z", whole.z),
        ("same_mix_handle_time_change", judged.handling.handle_time_ratio),
        ("same_mix_recontact_z", judged.returning.z),
    ):
        if value is not None:
            yield f"support_rushed_{name}", (), value
    yield "support_rushed_contact_index", (), int(judged.rushed(options))

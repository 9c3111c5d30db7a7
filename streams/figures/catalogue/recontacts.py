"""Metrics of customers who come back (SPEC 2.4)."""

from __future__ import annotations

from streams.figures import cells as c
from streams.figures.catalogue.metric import Metric

COUNTERS: tuple[Metric, ...] = (
    Metric(
        "M50",
        "recontacts",
        "recontacts_total",
        "counter",
        "Contacts whose customer had an earlier contact that was over at most a window before.",
        "0 < start - end of the nearest earlier contact <= window",
        ("window", "match"),
        c.RECONTACT,
    ),
    Metric(
        "M50",
        "recontacts",
        "recontact_retries_total",
        "counter",
        "Answered contacts that followed an abandoned one within 7 days; no re-contacts.",
        "count of retries",
        (),
        c.RETRY,
    ),
    Metric(
        "M51",
        "recontacts",
        "recontact_contacts_total",
        "counter",
        "Contacts of known customers: what re-contacts are a share of.",
        "count of attributable contacts",
        (),
        c.ATTRIBUTABLE,
    ),
    Metric(
        "M54",
        "recontacts",
        "recontact_unattributable_total",
        "counter",
        "Contacts without usable identity: in no re-contact figure.",
        "count of contacts without customer",
        ("cause",),
        c.UNATTRIBUTABLE,
    ),
    Metric(
        "M55",
        "recontacts",
        "concurrent_contacts_total",
        "counter",
        "Contacts begun while another of the customer for the same reason was still open.",
        "count of overlaps",
        (),
        c.CONCURRENT,
    ),
)

RATIOS: tuple[Metric, ...] = (
    Metric(
        "M52",
        "recontacts",
        "fcr_ratio",
        "gauge",
        "Resolved contacts that no other of the customer followed within the window, of those old enough to tell.",
        "1 - re-contacted / resolved",
        ("method", "within", "match"),
        attribution=("cohort",),
    ),
)

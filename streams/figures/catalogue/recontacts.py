"""Metrics of customers who come back (SPEC 2.4)."""

from __future__ import annotations

from streams.figures import cells as c
from streams.figures.catalogue.metric import DAYS, WEEK, Metric

COUNTERS: tuple[Metric, ...] = (
    Metric(
        "M50",
        "recontacts",
        "recontacts_total",
        "counter",
        "Contacts whose customer had an earlier contact that was over at most a window before.",
        "0 < start - end of the nearest earlier contact <= window",
        ("window", "match", "attribution"),
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
        "Contacts that cannot be attributed: anonymous and shared_number in no re-contact figure, no_reason in none by "
        "reason.",
        "count of contacts by what they lack",
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

SUMMARIES: tuple[Metric, ...] = (
    Metric(
        "M53",
        "recontacts",
        "contacts_per_resolution",
        "summary",
        "Contacts of one customer for one reason, on any channel, until none followed for the quiet time.",
        "length of the chain, known when the quiet time after its end has passed",
        (),
        c.CHAIN,
        windows=DAYS,
    ),
    Metric(
        "M53",
        "recontacts",
        "calls_per_resolution",
        "summary",
        "Calls among them, of those with any.",
        "calls of the chain, known when the quiet time after its end has passed",
        (),
        c.CHAIN_CALLS,
        windows=DAYS,
    ),
)

RATIOS: tuple[Metric, ...] = (
    Metric(
        "M51",
        "recontacts",
        "recontact_ratio",
        "gauge",
        "Contacts that another of the customer followed within the window, of those over for long enough to tell.",
        "followed within W / over, of contacts for which end + W has passed; abandoned and then answered: not followed",
        ("within", "match"),
        attribution=("cohort",),
        windows=DAYS,
    ),
    Metric(
        "M51",
        "recontacts",
        "recontact_provisional_ratio",
        "gauge",
        "The same so far, also of contacts that may yet be followed: too low, as most re-contacts are yet to come.",
        "followed within W so far / over",
        ("within", "match"),
        attribution=("cohort",),
        windows=DAYS,
    ),
    Metric(
        "M52",
        "recontacts",
        "fcr_ratio",
        "gauge",
        "Resolved contacts that no other of the customer followed within the window, of those old enough to tell.",
        "1 - followed / resolved; one_touch: also solved in one touch; net: without reasons beyond the first level",
        ("method", "scope", "within", "match"),
        attribution=("cohort",),
        windows=WEEK,
    ),
)

LIVE: tuple[Metric, ...] = (
    Metric(
        "M56",
        "recontacts",
        "rushed_contact_index",
        "gauge",
        "1 if contacts are rushed: less handle time than the week before, and significantly more re-contacts.",
        "AHT ratio <= 1 - x and z >= limit and n >= minimum in mature and baseline",
    ),
    Metric(
        "M56",
        "recontacts",
        "rushed_handle_time_change",
        "gauge",
        "Average handle time of this week's contacts over that of the seven days before.",
        "AHT current / AHT baseline",
    ),
    Metric(
        "M56",
        "recontacts",
        "rushed_recontact_z",
        "gauge",
        "How significantly re-contacts rose, of contacts old enough to tell: pooled one-sided two-proportion z.",
        "(p mature - p baseline) / sqrt(p (1 - p) (1/n mature + 1/n baseline)), p of both together",
    ),
    Metric(
        "M56",
        "recontacts",
        "rushed_contacts",
        "gauge",
        "Known customers' contacts that reps handled: of this week (current), of the week before (baseline), and those "
        "of this week that are old enough to tell (mature).",
        "count of handled contacts by when they were over",
        ("period",),
    ),
    Metric(
        "M56",
        "recontacts",
        "rushed_recontacts",
        "gauge",
        "Those of them that another contact of the customer followed.",
        "count of followed",
        ("period",),
    ),
    Metric(
        "M56",
        "recontacts",
        "rushed_handle_seconds",
        "gauge",
        "Their handle time, of all reps' segments together.",
        "sum of handle time",
        ("period",),
    ),
    Metric(
        "M56",
        "recontacts",
        "effective_handle_seconds",
        "gauge",
        "Handle time for each contact that was not followed by another: what faster contacts really cost.",
        "handle time / (contacts - followed)",
        ("period",),
    ),
)

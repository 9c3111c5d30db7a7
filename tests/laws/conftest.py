"""How many cases each law is tried with: 200, or 2,000 where ``CI=true``; for mutation tests few, always the same."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_SLOW_IS_FINE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
settings.register_profile("dev", max_examples=200, deadline=None, suppress_health_check=_SLOW_IS_FINE)
settings.register_profile("ci", max_examples=2000, deadline=None, suppress_health_check=_SLOW_IS_FINE)
settings.register_profile(
    "mutation",
    max_examples=10,
    deadline=None,
    # One process runs the tests again for every mutant, which hypothesis would take for a mistake.
    suppress_health_check=(*_SLOW_IS_FINE, HealthCheck.differing_executors),
    derandomize=True,
    database=None,
    # With the first example that fails a mutant is dead: a smaller one would only cost time.
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile(os.environ.get("TICKETSTREAMS_LAWS") or ("ci" if os.environ.get("CI") == "true" else "dev"))

"""Service-level agreements: the policy model and its file, the clocks that it starts, and what they amount to."""

"""``python -m agents``: the same as ``ticket-streams``."""

from __future__ import annotations

from agents.cli import main

main()

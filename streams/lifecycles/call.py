"""A call's life: a contact whose conversation begins when a rep is connected."""

from __future__ import annotations

from streams.lifecycles.contact import Contact as Call
from streams.lifecycles.contact import fold_contact as fold_call

__all__ = ["Call", "fold_call"]

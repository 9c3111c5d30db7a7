"""One thing that is wrong with a document that people write: a mapping, a calendar."""

from __future__ import annotations

from typing import NamedTuple

Path = tuple[str | int, ...]

_SHOWN = 80


class Problem(NamedTuple):
    """One thing that is wrong: where, what stands there, and what should."""

    path: Path
    value: object
    rule: str
    line: int = 0
    """Line of the file; 0 if the document was not read from one."""

    @property
    def where(self) -> str:
        """The path as people write it, such as ``events[2].when.is``."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text or "document"

    def __str__(self) -> str:
        shown = repr(self.value)
        if len(shown) > _SHOWN:
            shown = shown[:_SHOWN] + "…"
        return f"{self.where} = {shown}: {self.rule}"

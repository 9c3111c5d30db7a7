"""Progress on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from types import TracebackType

_LINE_EVERY_S = 5.0


class Progress:
    """Shows how far something is. Usable as a context manager."""

    def __init__(self, what: str, total: int | None) -> None:
        self._what = what
        self._total = total
        self._live = sys.stderr.isatty()
        self._said_at = time.monotonic()
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
            disable=not self._live,
        )
        self._task = self._bar.add_task(what, total=total, note="")

    def show(self, done: int, note: str = "", total: int | None = None) -> None:
        """Say how much is done."""
        if self._live:
            self._bar.update(self._task, completed=done, note=note, total=total or self._total)
            return
        now = time.monotonic()
        if now - self._said_at >= _LINE_EVERY_S:
            self._said_at = now
            of = f" of {total or self._total:,}" if total or self._total else ""
            sys.stderr.write(f"{self._what}: {done:,}{of} {note}\n")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

"""What became of the mutants: survivors by name, then killed of all by module and package.

Exits with 1 if less than :data:`WANTED` of the mutants of a package were killed, or some have not been tried.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

WANTED = 0.85

_FATES = {0: "survived", 1: "killed", 3: "killed", 33: "untested", 5: "untested", 36: "timeout", 255: "timeout"}
"""By exit code of the run of a mutant's tests; 33: no test ever calls the function."""
_SIGNALS = {-24: "timeout", 24: "timeout", 152: "timeout"}


def fates(meta: Path) -> dict[str, str]:
    """What became of each mutant of a module."""
    codes: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
    return {name: "not tried" if code is None else (_FATES | _SIGNALS).get(code, "odd") for name, code in codes.items()}


def line(name: str, counts: Counter[str]) -> str:
    """One row: a mutant that never ends is noticed, and counts as killed."""
    dead = counts["killed"] + counts["timeout"]
    others = ", ".join(f"{number} {fate}" for fate, number in sorted(counts.items()) if fate != "killed")
    return f"{name:40} {dead:5} of {counts.total():5}  {dead / counts.total():7.1%}  {others}"


def main(mutants: Path) -> int:
    """Print it; the exit code."""
    modules: dict[str, Counter[str]] = {}
    packages: dict[str, Counter[str]] = {}
    for meta in sorted(mutants.rglob("*.meta")):
        found = fates(meta)
        if not found:
            continue
        for name, fate in found.items():
            if fate not in {"killed", "timeout", "not tried"}:
                print(f"{fate:10} {name}")
        module = meta.relative_to(mutants).with_suffix("").with_suffix("")
        modules[str(module)] = Counter(found.values())
        packages.setdefault("/".join(module.parts[:2]), Counter()).update(found.values())
    print()
    for name, counts in (*modules.items(), *packages.items()):
        print(line(name, counts))
    weak = [
        name
        for name, counts in packages.items()
        if counts["not tried"] or counts["killed"] + counts["timeout"] < WANTED * counts.total()
    ]
    if weak:
        print(f"fewer than {WANTED:.0%} killed, or not all tried: {', '.join(weak)}", file=sys.stderr)
    return 1 if weak or not packages else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

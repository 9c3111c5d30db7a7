"""Policies from files: the ones that come with the product, and a user's own; YAML, and the calendars that it names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from agents.calendars import load_calendars
from agents.yaml_nodes import Nodes
from streams.businesstime.problems import nearest
from streams.problems import Problem
from streams.sla.model import PolicyBook
from streams.sla.policy_checks import check_policies
from streams.sla.policy_document import PolicyError
from streams.sla.policy_reading import read_policies
from streams.sla.promises import Policies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.businesstime import Calendar
    from streams.sla.policy_checks import Finding
    from streams.sla.policy_document import PolicyDocument

SUFFIX = ".policy.yaml"
"""How the names of policy files end, of which a directory may hold several: one a version."""


class PolicyFile(NamedTuple):
    """A policy file that was read, not yet checked."""

    name: str
    document: PolicyDocument
    calendars: dict[str, Calendar]
    """Calendars of the files that it names."""
    sources: dict[str, Path]
    """Which file each calendar is from."""
    nodes: Nodes
    """Knows on which line everything stands."""

    def findings(self, today: date) -> list[Finding]:
        """What is wrong with it, each with its line, in the order of the file."""
        found = check_policies(self.document, self.calendars, today)
        placed = [each._replace(problem=self.nodes.placed(each.problem)) for each in found]
        return sorted(placed, key=lambda each: each.problem.line)


def shipped() -> tuple[str, ...]:
    """Names of the policies that come with the product, in alphabetical order."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(SUFFIX) for file in files if file.name.endswith(SUFFIX)))


def policy_paths(names: Iterable[str]) -> list[Path]:
    """Files from names: of shipped policies, of files, and of directories, which stand for the policy files in them.

    Raises:
        PolicyError: there is no such file or directory, or none in a directory.
    """
    found: list[Path] = []
    for name in names:
        path = Path(name)
        if name in shipped():
            with resources.as_file(resources.files(__name__).joinpath(name + SUFFIX)) as file:
                found.append(file)
        elif path.is_dir():
            inside = sorted(path.glob("*" + SUFFIX))
            if not inside:
                raise PolicyError(name, [Problem((), name, f"must hold files whose names end in {SUFFIX}")])
            found += inside
        elif path.exists():
            found.append(path)
        else:
            rule = f"is neither a file, a directory nor a shipped policy; {nearest(name, shipped())}"
            raise PolicyError(name, [Problem((), name, rule)])
    return found


def read_policy_file(path: Path) -> PolicyFile:
    """One policy file, and the calendar files that it names, which are sought beside it.

    Raises:
        PolicyError: it cannot be read, or has problems: file, line, path, value and rule of each.
        CalendarError: likewise, of a calendar file.
    """
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PolicyError(name, [Problem((), name, f"cannot be read: {error.strerror or error}")]) from None
    except UnicodeDecodeError:
        raise PolicyError(name, [Problem((), name, "must be UTF-8 text")]) from None
    nodes = Nodes()
    document = _parse(text, name, nodes)
    calendars: dict[str, Calendar] = {}
    sources: dict[str, Path] = {}
    problems: list[Problem] = []
    for number, file in enumerate(document.calendars):
        here = path.parent / file
        if not here.is_file():
            problems.append(nodes.placed(Problem(("calendars", number), file, f"there is no file {here}")))
            continue
        for key, calendar in load_calendars(str(here)).items():
            if key in calendars:
                rule = f"calendar {key!r} stands in {sources[key].name} too"
                problems.append(nodes.placed(Problem(("calendars", number), file, rule)))
            calendars[key], sources[key] = calendar, here
    if problems:
        raise PolicyError(name, problems)
    return PolicyFile(name, document, calendars, sources, nodes)


def load_policies(names: Iterable[str]) -> Policies:
    """Policies for use: all versions, from files, directories or the names of shipped ones.

    Raises:
        PolicyError: a file cannot be used; two hold from the same instant; or two mean different calendars by a name.
        CalendarError: a calendar file cannot be used.
    """
    files = [read_policy_file(path) for path in policy_paths(names)]
    apart = disagreements(files)
    for file in files:
        fatal = [found.problem for found in file.findings(date.min) if found.fatal]
        fatal += [problem for name, problem in apart if name == file.name]
        if fatal:
            raise PolicyError(file.name, fatal)
    calendars = {key: calendar for file in files for key, calendar in file.calendars.items()}
    return Policies(PolicyBook([file.document.policies for file in files]), calendars)


def disagreements(files: Iterable[PolicyFile]) -> list[tuple[str, Problem]]:
    """What keeps files from being versions of one another, each with the name of the later file."""
    found: list[tuple[str, Problem]] = []
    sources: dict[str, Path] = {}
    since: dict[int, str] = {}
    for file in files:
        instant = file.document.policies.effective_from
        if instant in since:
            rule = f"{since[instant]} holds from the same instant; one version must follow another"
            shown = datetime.fromtimestamp(instant // 1000, UTC).isoformat()
            found.append((file.name, file.nodes.placed(Problem(("effective_from",), shown, rule))))
        since[instant] = file.name
        for key, source in file.sources.items():
            if sources.setdefault(key, source).resolve() != source.resolve():
                rule = f"calendar {key!r} is another one than in {sources[key]}; calendars have versions of their own"
                found.append((file.name, file.nodes.placed(Problem(("calendars",), source.name, rule))))
    return found


def _parse(text: str, name: str, nodes: Nodes) -> PolicyDocument:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        rule = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise PolicyError(name, [Problem((), "", f"must be YAML: {rule}", mark.line + 1 if mark else 0)]) from None
    said = None if root is None else nodes.read(root, ())
    if nodes.problems:
        raise PolicyError(name, nodes.problems)
    try:
        return read_policies(said, name)
    except PolicyError as error:
        placed = [nodes.placed(problem) for problem in error.problems]
        raise PolicyError(name, sorted(placed, key=lambda problem: problem.line)) from None

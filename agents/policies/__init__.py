"""Policies as people write them: YAML, and the calendars that it names; shipped, in a user's files, or published."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

import yaml

from agents.calendars import read_calendar_file
from agents.texts import Folder, beside
from agents.yaml_nodes import Nodes
from streams.businesstime import CalendarError
from streams.businesstime.problems import nearest
from streams.problems import Problem
from streams.sla.model import PolicyBook
from streams.sla.policy_checks import check_policies
from streams.sla.policy_document import PolicyError
from streams.sla.policy_reading import read_policies
from streams.sla.promises import Policies, UnknownPolicyCalendarError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agents.texts import Texts
    from streams.businesstime import Calendar
    from streams.sla.policy_checks import Finding
    from streams.sla.policy_document import PolicyDocument

SUFFIX = ".policy.yaml"
"""How the names of policy files end, of which a directory may hold several: one a version."""


UNUSABLE = (PolicyError, CalendarError, UnknownPolicyCalendarError)
"""Why policies cannot be used; the message of each says what is wrong where."""


class Source(NamedTuple):
    """The file that a calendar is from."""

    called: str
    """How people are told of it."""
    identity: str
    """Another one for another file."""


class PolicyFile(NamedTuple):
    """A policy file that was read, not yet checked."""

    name: str
    document: PolicyDocument
    calendars: dict[str, Calendar]
    """Calendars of the files that it names."""
    sources: dict[str, Source]
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
    return read_policy(Folder(path.parent), path.name)


def read_policy(texts: Texts, file: str) -> PolicyFile:
    """One policy file, wherever it stands, and the calendar files that it names.

    Raises:
        PolicyError: it cannot be read, or has problems: file, line, path, value and rule of each.
        CalendarError: likewise, of a calendar file.
    """
    name = texts.called(file)
    try:
        text = texts.read(file)
    except OSError as error:
        raise PolicyError(name, [Problem((), name, f"cannot be read: {error.strerror or error}")]) from None
    except UnicodeDecodeError:
        raise PolicyError(name, [Problem((), name, "must be UTF-8 text")]) from None
    nodes = Nodes()
    document = _parse(text, name, nodes)
    calendars: dict[str, Calendar] = {}
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for number, named in enumerate(document.calendars):
        here = beside(file, named)
        source = Source(texts.called(here), texts.identity(here))
        if not texts.has(here):
            rule = f"there is no file {source.called}"
            problems.append(nodes.placed(Problem(("calendars", number), named, rule)))
            continue
        for key, calendar in read_calendar_file(texts, here).items():
            if key in calendars:
                rule = f"calendar {key!r} stands in {PurePath(sources[key].called).name} too"
                problems.append(nodes.placed(Problem(("calendars", number), named, rule)))
            calendars[key], sources[key] = calendar, source
    if problems:
        raise PolicyError(name, problems)
    return PolicyFile(name, document, calendars, sources, nodes)


def load_policies(names: Iterable[str]) -> Policies:
    """Policies for use: all versions, from files, directories or the names of shipped ones.

    Raises:
        PolicyError: a file cannot be used; two hold from the same instant; or two mean different calendars by a name.
        CalendarError: a calendar file cannot be used.
    """
    return policies_of([read_policy_file(path) for path in policy_paths(names)])


def policies_of(files: Sequence[PolicyFile]) -> Policies:
    """Policies for use, from files that were read: all versions.

    Raises:
        PolicyError: a file cannot be used; two hold from the same instant; or two mean different calendars by a name.
    """
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
    sources: dict[str, Source] = {}
    since: dict[int, str] = {}
    for file in files:
        instant = file.document.policies.effective_from
        if instant in since:
            rule = f"{since[instant]} holds from the same instant; one version must follow another"
            shown = datetime.fromtimestamp(instant // 1000, UTC).isoformat()
            found.append((file.name, file.nodes.placed(Problem(("effective_from",), shown, rule))))
        since[instant] = file.name
        for key, source in file.sources.items():
            known = sources.setdefault(key, source)
            if known.identity != source.identity:
                rule = f"calendar {key!r} is another one than in {known.called}; calendars have versions of their own"
                name = PurePath(source.called).name
                found.append((file.name, file.nodes.placed(Problem(("calendars",), name, rule))))
    return found


def _parse(text: str, name: str, nodes: Nodes) -> PolicyDocument:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        rule = getattr(error, "problem", None) or str(error).splitlines()[0]
        if rule == "but found another document":
            rule = "one document a file, without a line of ---: every version has its own file"
        raise PolicyError(name, [Problem((), "", f"must be YAML: {rule}", mark.line + 1 if mark else 0)]) from None
    said = None if root is None else nodes.read(root, ())
    if nodes.problems:
        raise PolicyError(name, nodes.problems)
    try:
        return read_policies(said, name)
    except PolicyError as error:
        placed = [nodes.placed(problem) for problem in error.problems]
        raise PolicyError(name, sorted(placed, key=lambda problem: problem.line)) from None

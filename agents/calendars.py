"""Calendars as people write them: YAML, and the iCalendar files that it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from agents.texts import Folder, beside
from agents.yaml_nodes import Nodes
from streams.businesstime import CalendarError, Problem
from streams.businesstime.compiling import compile_calendars
from streams.businesstime.reading import read_calendars

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.texts import Texts
    from streams.businesstime import Calendar
    from streams.businesstime.document import CalendarDocument
    from streams.problems import Path as Where


def load_calendars(path: str) -> dict[str, Calendar]:
    """The calendars of a YAML file, by name; iCalendar files are sought beside it.

    Raises:
        CalendarError: a file cannot be read, or has problems: file, line, path, value and rule of each.
    """
    return read_calendar_file(Folder(Path(path).parent), Path(path).name)


def read_calendar_file(texts: Texts, file: str) -> dict[str, Calendar]:
    """The calendars of a YAML file, wherever it stands, by name; iCalendar files are sought beside it.

    Raises:
        CalendarError: a file cannot be read, or has problems: file, line, path, value and rule of each.
    """
    name = texts.called(file)
    try:
        text = texts.read(file)
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarError(name, [Problem((), name, f"cannot be read: {_reason(error)}")]) from None
    return parse_calendars(text, name, lambda inner: texts.read(beside(file, inner)))


def parse_calendars(text: str, name: str, read: Callable[[str], str]) -> dict[str, Calendar]:
    """The calendars of YAML text, by name.

    Every scalar is taken as it is written, so that ``no`` and ``12-24`` stay what they are.

    Args:
        text: the YAML.
        name: how errors call it.
        read: gives the text of an iCalendar file that the YAML names.

    Raises:
        CalendarError: not YAML, a key twice, a document with problems, or an iCalendar file that cannot be taken.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        rule = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = mark.line + 1 if mark else 0
        raise CalendarError(name, [Problem((), "", f"must be YAML: {rule}", line)]) from None
    nodes = Nodes()
    document = None if root is None else nodes.read(root, ())
    if nodes.problems:
        raise CalendarError(name, nodes.problems)
    try:
        documents = read_calendars(document, name)
        return compile_calendars(documents, _texts(documents, name, read), name)
    except CalendarError as error:
        raise CalendarError(name, [nodes.placed(problem) for problem in error.problems]) from None


def _texts(documents: tuple[CalendarDocument, ...], name: str, read: Callable[[str], str]) -> dict[str, str]:
    """The text of every iCalendar file that the documents name."""
    texts: dict[str, str] = {}
    problems: dict[Where, Problem] = {}
    for file in (file for document in documents for version in document.versions for file in version.icalendar):
        try:
            texts[file.file] = texts[file.file] if file.file in texts else read(file.file)
        except (OSError, UnicodeDecodeError) as error:
            path = (*file.path, "file")
            problems[path] = Problem(path, file.file, f"cannot be read: {_reason(error)}")
    if problems:
        raise CalendarError(name, problems.values())
    return texts


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "must be UTF-8 text"

"""The mappings that come with the product, and mappings from files: YAML to a compiled mapping."""

from __future__ import annotations

import difflib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from agents.yaml_nodes import Nodes
from streams.sources.event_lines import EventLines
from streams.sources.mapping import MappingError, Problem, load_mapping

if TYPE_CHECKING:
    from streams.sources.mapping import Mapping

    Source = Mapping | EventLines
    """What makes events of a file."""

_SUFFIX = ".yaml"


def shipped() -> tuple[str, ...]:
    """Names of the mappings that come with the product, in alphabetical order."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX)))


def read_mapping(name_or_path: str) -> Source:
    """A mapping by the name of a shipped one, or by the path of a file; ``cloudevents``: of lines that are events.

    Raises:
        MappingError: there is no such mapping, or it has problems: file, line, path, value and rule of each.
    """
    if name_or_path == EventLines.name:
        return EventLines()
    if name_or_path in shipped():
        text = resources.files(__name__).joinpath(name_or_path + _SUFFIX).read_text(encoding="utf-8")
        return parse_mapping(text, name_or_path)
    path = Path(name_or_path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MappingError(name_or_path, [Problem(("mapping",), name_or_path, _unknown(name_or_path))]) from None
    except OSError as error:
        rule = f"cannot be read: {error.strerror or error}"
        raise MappingError(name_or_path, [Problem(("mapping",), name_or_path, rule)]) from None
    except UnicodeDecodeError:
        raise MappingError(name_or_path, [Problem(("mapping",), name_or_path, "must be UTF-8 text")]) from None
    return parse_mapping(text, name_or_path)


def _unknown(name: str) -> str:
    known = (*shipped(), EventLines.name)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"shipped are {', '.join(known)}"
    return f"is neither a file nor a shipped mapping; {hint}"


def parse_mapping(text: str, name: str) -> Mapping:
    """A mapping from YAML text; ``name`` is how errors call it.

    Every scalar is taken as it is written, so that ``no``, ``0:00:00`` and ``007`` stay what they are.

    Raises:
        MappingError: not YAML, a key twice, or a mapping with problems; each with its line.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        rule = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = mark.line + 1 if mark else 0
        raise MappingError(name, [Problem((), "", f"must be YAML: {rule}", line)]) from None
    reader = Nodes()
    document = None if root is None else reader.read(root, ())
    if reader.problems:
        raise MappingError(name, reader.problems)
    try:
        return load_mapping(document, name)
    except MappingError as error:
        raise MappingError(name, [reader.placed(problem) for problem in error.problems]) from None

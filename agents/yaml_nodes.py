"""YAML read strictly: a key twice is an error, and every problem knows its line."""

from __future__ import annotations

import yaml

from streams.problems import Path, Problem

_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"
_MAX_DEPTH = 20


class Nodes:
    """Turns YAML nodes into tables, lists and text, and remembers on which line each stands."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        """What is wrong so far."""
        self._lines: dict[Path, int] = {}

    def read(self, node: yaml.Node, path: Path) -> object:
        """The document below a node; every scalar is taken as it is written."""
        line = node.start_mark.line + 1
        self._lines.setdefault(path, line)
        if len(path) > _MAX_DEPTH:
            self.problems.append(Problem(path, "", "is nested too deeply", line))
            return None
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == _NULL else node.value
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        table: dict[str, object] = {}
        for key, value in node.value:
            here = (*path, str(key.value))
            self._lines[here] = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(path, "", "keys must be text", key.start_mark.line + 1))
            elif key.tag == _MERGE:
                rule = "tables are not merged here: write out what they share; an alias may stand for a whole value"
                self.problems.append(Problem(here, "", rule, key.start_mark.line + 1))
            elif key.value in table:
                self.problems.append(Problem(here, "", "stands twice", key.start_mark.line + 1))
            else:
                table[key.value] = self.read(value, here)
        return table

    def placed(self, problem: Problem) -> Problem:
        """The problem with its line, or that of what it stands in."""
        path = problem.path
        while path and path not in self._lines:
            path = path[:-1]
        return problem._replace(line=self._lines.get(path, 1))

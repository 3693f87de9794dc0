"""A state graph as DOT, for graphviz.

Each row of the picture holds the states of one depth. What comes from the spec is put into quoted strings in which nothing
has a meaning for graphviz: no escape, no HTML, no entity, and no character that cannot be seen. Nodes and edges keep their
names, so that a picture can be read beside the GraphML file of the same graph.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from checker.report.state_graph import CELL

if TYPE_CHECKING:
    from networkx import MultiDiGraph

LONGEST = 60
"""Characters of a name that are drawn."""

_TITLE, _WIDTH, _CLAUSES, _CELLS = 240, 32, 4, 16
"""Characters in a line of the title and of a violation's text, lines of such a text, and cells in a node."""

_GRAPH = {"labelloc": "t", "ranksep": "0.35", "fontname": "Helvetica"}
_NODE = {
    "shape": "ellipse",
    "style": "filled",
    "fillcolor": "white",
    "fontname": "Helvetica",
    "fontsize": "11",
    "margin": "0.06",
}
_EDGE = {"fontname": "Helvetica", "fontsize": "9", "arrowsize": "0.7"}

_INK = ("#0072b2", "#b85c00", "#007a5a", "#a3457c", "#5b5b00", "#2b6c99", "#7a3e9d", "#444444")
"""Of the threads' edges: dark enough to be read, and told apart without seeing all colours."""

_RED = "#c00000"

_MARKS: dict[str, dict[str, str]] = {
    "initial": {"penwidth": "3", "fillcolor": "#cfe8ff"},
    "at rest": {"shape": "box", "peripheries": "2", "fillcolor": "#dddddd"},
    "not expanded": {"style": "filled,dashed"},
    "violated": {"shape": "octagon", "fillcolor": "#ffb3a7", "color": _RED},
    "deadlock": {"shape": "tripleoctagon", "fillcolor": "#ff8a75", "color": _RED},
    "throw": {"shape": "box", "fillcolor": "#ffb3a7", "color": _RED},
}
"""How nodes are drawn; of several marks the later one has its way."""

_LEGEND = {
    "initial": "thick border, blue: initial",
    "at rest": "double border, grey: nothing can step, all rest",
    "not expanded": "dashed: at the bound, its steps are left out",
    "violated": "octagon, red: a property is violated",
    "deadlock": "triple octagon, red: deadlock",
    "throw": "box, red: a throw",
}


def as_dot(graph: MultiDiGraph) -> str:
    """The text of a graph that `checker.report.state_graph.state_graph` made."""
    threads = sorted({t for _, _, t in graph.edges(data="thread")})
    ink = {t: _INK[i % len(_INK)] for i, t in enumerate(threads)}
    marks = {node: _marks(data) for node, data in graph.nodes(data=True)}
    found = [m for m in _MARKS if any(m in of for of in marks.values())]
    title = _lines([*_title(graph), *_legend(found)], _TITLE)
    rows: dict[int, list[str]] = {}
    for node, depth in graph.nodes(data="depth"):
        rows.setdefault(depth, []).append(_quoted(node))
    return "\n".join(
        [
            f"digraph {_quoted(graph.graph['scenario'])} {{",
            f"  graph{_attributes({'label': title, **_GRAPH})};",
            f"  node{_attributes(_NODE)};",
            f"  edge{_attributes(_EDGE)};",
            *(f"  {_quoted(n)}{_attributes(_node(n, data, marks[n]))};" for n, data in graph.nodes(data=True)),
            *(f"  {{ rank=same; {'; '.join(row)}; }}" for row in rows.values()),
            *(
                f"  {_quoted(a)} -> {_quoted(b)}{_attributes(_edge(key, data, ink))};"
                for a, b, key, data in graph.edges(keys=True, data=True)
            ),
            "}\n",
        ]
    )


def visible(text: str) -> str:
    """Text without characters that cannot be seen, or stored in XML: each becomes the escape that Python has for it.

    Those are controls, among them line ends and what reverses the direction of writing, halves of surrogate pairs, spaces
    other than the usual one, private and unassigned characters.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _title(graph: MultiDiGraph) -> Iterable[str]:
    said = graph.graph
    variant = f", variant {_cut(said['variant'])}" if said["variant"] else ""
    closed = "no new state beyond" if said["exhaustive"] else "not exhaustive"
    size = f"{said['states']:,} states, {said['transitions']:,} transitions"
    yield (f"{_cut(said['scenario'])}{variant}: {size} to depth {said['depth']}, {closed}, {said['atomicity']} atomicity")


def _legend(found: Iterable[str]) -> Iterable[str]:
    return textwrap.wrap("; ".join(["a row: as many steps from the initial state", *(_LEGEND[m] for m in found)]), 110)


def _marks(data: Mapping[str, Any]) -> list[str]:
    """What stands out in a node, in the order of `_MARKS`."""
    if data["kind"] == "throw":
        return ["throw"]
    holds = {
        "initial": data["initial"],
        "at rest": data["rests"],
        "not expanded": not data["expanded"],
        "violated": bool(data["violated"]) and not data["deadlock"],
        "deadlock": data["deadlock"],
    }
    return [m for m in _MARKS if holds.get(m)]


def _node(node: str, data: Mapping[str, Any], marks: Iterable[str]) -> dict[str, str]:
    cells = [f"{k.removeprefix(CELL)} = {v}" for k, v in data.items() if k.startswith(CELL)]
    shown = cells[:_CELLS] + ([f"and {len(cells) - _CELLS} more cells"] if len(cells) > _CELLS else [])
    head = str(data["number"]) if data["kind"] == "state" else node
    out = {"label": _lines([head, *_said(data["violated"]), *shown])}
    for mark in marks:
        out.update(_MARKS[mark])
    return out


def _edge(key: str, data: Mapping[str, Any], ink: Mapping[str, str]) -> dict[str, str]:
    own = data["action"] == data["thread"].partition(" ")[0]  # a thread is named for its function, and numbered
    does = " ".join(([] if own else [_cut(data["action"])]) + ([data["choice"]] if data["choice"] else []))
    label = f"{_cut(data['thread'])}: {does}" if does else data["thread"]
    bad = bool(data["violated"] or data["thrown"])
    colour = _RED if bad else ink[data["thread"]]
    place = f"{data['source']} {data['go']}".rstrip()
    return {
        "label": _lines([label, *_said(data["violated"])]),
        "id": _plain(key),
        "tooltip": _plain(f"{place}, from {data['begins_at']} to {data['ends_at']}"),
        "color": colour,
        "fontcolor": colour,
        **({"penwidth": "2.5"} if bad else {}),
    }


def _said(violated: str) -> list[str]:
    """The text of violations in short lines."""
    lines = textwrap.wrap(visible(violated), _WIDTH, break_on_hyphens=False)
    return lines[:_CLAUSES] + (["..."] if len(lines) > _CLAUSES else [])


def _cut(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _plain(text: str) -> str:
    """Text of which nothing is an escape or an entity: backslashes and ampersands are written out."""
    return visible(text).replace("\\", "\\\\").replace("&", "&amp;")


def _lines(lines: Iterable[str], longest: int = LONGEST) -> str:
    """A label of several lines, each cut to what can be read."""
    return "\\n".join(_plain(_cut(visible(line), longest)) for line in lines)


def _attributes(attributes: Mapping[str, str]) -> str:
    return " [" + ", ".join(f"{name}={_string(value)}" for name, value in attributes.items()) + "]"


def _quoted(name: str) -> str:
    """A name as a string: the escapes of labels have no meaning there, but a backslash before the end would."""
    return _string(_plain(name))


def _string(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'

"""A state graph as GraphML, through networkx's writer.

XML has no way to write most control characters, so what comes from the spec is made visible first, as in DOT. The text is
ASCII and ends its lines with line feeds, whatever machine it is written on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.report.dot import visible

if TYPE_CHECKING:
    from networkx import MultiDiGraph

_LONG = 1 << 63
"""GraphML's widest integers are from minus this on and below it; a greater one is written as text."""


def as_graphml(graph: MultiDiGraph) -> str:
    """The text of a graph that `checker.report.state_graph.state_graph` made."""
    import networkx as nx

    legal = nx.MultiDiGraph(**_all_legal(graph.graph))
    legal.add_nodes_from((node, _all_legal(data)) for node, data in graph.nodes(data=True))
    legal.add_edges_from((a, b, key, _all_legal(data)) for a, b, key, data in graph.edges(keys=True, data=True))
    return '<?xml version="1.0" encoding="US-ASCII"?>\n' + "\n".join(nx.generate_graphml(legal)) + "\n"


def _all_legal(data: dict[str, Any]) -> dict[str, Any]:
    return {name: _legal(value) for name, value in data.items()}


def _legal(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    return str(value) if isinstance(value, int) and not -_LONG <= value < _LONG else value

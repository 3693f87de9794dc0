"""``checker graph``.

It draws violations and does not judge: what is drawn whole gives exit code 0, whatever it shows. The checks of a scope, and
liveness, are `explore`'s business.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checker.cli import options
from checker.errors import SpecEvaluationError

if TYPE_CHECKING:
    from networkx import MultiDiGraph

MAX_NODES = 1000
"""More cannot be looked at."""

FORMATS = ("dot", "graphml")


def add_parser(verbs: Any) -> None:
    """The options of the verb; ``verbs`` is what `argparse.ArgumentParser.add_subparsers` returns."""
    p = verbs.add_parser("graph", help="the state graph of a small scope as DOT or GraphML")
    options.spec(p)
    options.scope(p)
    p.add_argument("--depth", metavar="N", type=options._count, help="atomic steps from state 0; until no new state if absent")
    p.add_argument(
        "--reduce",
        metavar="NAMES",
        type=options._reductions,
        help="reductions: all (default), none, or some of those that explore has",
    )
    p.add_argument("--strict", action="store_true", help="known findings are drawn as violations")
    p.add_argument(
        "--max-nodes",
        metavar="N",
        type=options._positive,
        default=MAX_NODES,
        help=f"refuse to draw more states and throws than N (exit 20; default: {MAX_NODES})",
    )
    p.add_argument(
        "--show",
        metavar="PATTERN",
        action="append",
        default=[],
        help="cells whose values stand in each state, such as 'mspans[*].state' (repeatable); * fits anything, ? one character",
    )
    # a default of its own: what a configuration says of the formats of results is no matter of graphs
    p.add_argument("--format", choices=FORMATS, default="dot", help="what stdout carries (default: dot)")
    p.add_argument("--out", metavar="DIR", type=Path, help="also write graph.dot and graph.graphml there")
    p.add_argument("--quiet", action="store_true", help="no summary on stderr")


def graph(args: argparse.Namespace) -> int:
    """Draw a state graph; returns 0.

    Raises
    ------
    CheckerError
        There are more nodes than may be drawn, or whatever else is wrong; nothing is written then.
    """
    from checker.cli.explore import machine_of
    from checker.report.dot import as_dot
    from checker.report.files import write
    from checker.report.graphml import as_graphml
    from checker.report.state_graph import state_graph

    machine = machine_of(args)
    try:
        made = state_graph(machine, max_nodes=args.max_nodes, depth=args.depth, show=args.show, variant=args.variant or "")
    except SpecEvaluationError as e:
        raise SpecEvaluationError(f"the spec failed while being evaluated in scenario {machine.scenario.name}: {e}") from e
    wanted = FORMATS if args.out is not None else (args.format,)
    texts = {name: (as_dot if name == "dot" else as_graphml)(made) for name in wanted}
    if args.out is not None:
        for name, text in texts.items():
            write(args.out / f"graph.{name}", text)
    if not args.quiet:
        sys.stderr.write(_summary(made, args.out) + "\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(texts[args.format].encode())  # both formats are UTF-8 wherever they go, a terminal may not be
    sys.stdout.buffer.flush()
    return 0


def _summary(made: MultiDiGraph, out: Path | None) -> str:
    """What was drawn, in one line."""
    from checker.report.dot import visible

    said = made.graph
    bad = sum(bool(v) for _, v in made.nodes(data="violated"))
    bad_steps = sum(bool(v) for _, _, v in made.edges(data="violated"))
    violations = f"{bad} nodes and {bad_steps} steps that violate something" if bad or bad_steps else "no violation"
    closed = "no new state beyond" if said["exhaustive"] else "not exhaustive"
    size = f"{said['states']:,} states, {said['transitions']:,} transitions"
    where = f"; written to {out / 'graph.dot'} and {out / 'graph.graphml'}" if out is not None else ""
    return visible(f"{said['scenario']}: {size} to depth {said['depth']}, {closed}; {violations}{where}")

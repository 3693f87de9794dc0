"""``checker gallery``: every known bug found in its smallest scenario, and the unmodified heap clean in the same."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from checker.cli.options import choose_scenario
from checker.cli.show import show
from checker.errors import UsageError
from checker.load import Spec, load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.outcome import Outcome
from spec.language import Variant

CLOSURE = 20_000
"""The unmodified heap is explored to closure within this many states, else past the depth of the counterexample."""

_COLUMNS = ("variant", "go", "scenario", "expected", "found", "steps", "states", "unmodified", "ok")


def gallery(args: argparse.Namespace) -> int:
    """Run the gallery and print its table; returns 0 when all is as documented, 22 or 12 if not."""
    where = Path(args.spec) if args.spec else None
    loaded = load(where)
    unknown = [v for v in args.variants if v not in loaded.variants]
    if unknown:
        raise UsageError(f"no variant {unknown[0]!r}; this spec has: {', '.join(loaded.variants) or 'none'}")
    chosen = [v for v in loaded.variants.values() if not args.variants or v.id in args.variants]
    clean: dict[tuple[Any, ...], Outcome] = {}
    rows = [_row(loaded, where, v, clean) for v in chosen]
    missed = [r for r in rows if r["property"] not in r["violated"]]
    dirty = [r for r in rows if r["unmodified"]["verdict"] != "ok"]
    exit_code = 12 if dirty else 22 if missed else 0
    document = {
        "verdict": "ok" if not exit_code else "violation" if dirty else "gate",
        "exit": exit_code,
        "rows": rows,
        "score": (len(rows) - len(missed)) / max(len(rows), 1),
    }
    show(document, args, _table(rows) + _close(document))
    return exit_code


def _row(loaded: Spec, where: Path | None, v: Variant, clean: dict[tuple[Any, ...], Outcome]) -> dict[str, Any]:
    outcome = _search(load(where, v.edits), v, Limits())
    key = (v.scenario, v.atomicity, *sorted(v.parameters.items()), outcome.depth + 1)
    if key not in clean:
        clean[key] = _search(loaded, v, Limits(states=CLOSURE))
        if clean[key].verdict == "incomplete":
            clean[key] = _search(loaded, v, Limits(depth=outcome.depth + 1))
    base = clean[key]
    shown = next((x for x in outcome.violations if x.property == v.property), None)
    return {
        "variant": v.id,
        "name": v.name,
        "go": v.go,
        "scenario": v.scenario,
        "atomicity": v.atomicity,
        "parameters": loaded.parameters.in_words(v.parameters),
        "property": v.property,
        "violated": list(dict.fromkeys(x.property for x in outcome.violations)),
        "clause": shown.clause if shown else None,
        "steps": len(shown.schedule) if shown else None,
        "states": outcome.states,
        "unmodified": {
            "verdict": base.verdict,
            "exhaustive": base.exhaustive,
            "depth": base.depth,
            "states": base.states,
            "violated": list(dict.fromkeys(x.property for x in base.violations)),
        },
    }


def _search(loaded: Spec, v: Variant, limits: Limits) -> Outcome:
    machine = Machine(loaded, choose_scenario(loaded, v.scenario), v.parameters, atomicity=v.atomicity)
    return BreadthFirst(machine, limits).run()


def _table(rows: list[dict[str, Any]]) -> str:
    cells = [_COLUMNS]
    for r in rows:
        scope = " ".join(
            [r["scenario"], *(["fine"] if r["atomicity"] == "fine" else []), *(f"{k}={x}" for k, x in r["parameters"].items())]
        )
        base = r["unmodified"]
        unmodified = f"{base['verdict']}, " + ("exhaustive" if base["exhaustive"] else f"to depth {base['depth']}")
        unmodified += f", {base['states']:,} states"
        found = " ".join(r["violated"]) or "nothing"
        ok = "yes" if r["property"] in r["violated"] and base["verdict"] == "ok" else "NO"
        cells.append((r["variant"], r["go"], scope, r["property"], found, str(r["steps"]), f"{r['states']:,}", unmodified, ok))
    widths = [max(len(row[i]) for row in cells) for i in range(len(_COLUMNS))]
    return "".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() + "\n" for row in cells)


def _close(document: dict[str, Any]) -> str:
    of = len(document["rows"])
    return (
        f"\n{round(document['score'] * of)} of {of} known bugs found by the property named for them; exit {document['exit']}\n"
    )

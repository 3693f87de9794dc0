"""``checker prove``."""

from __future__ import annotations

import argparse
from typing import Any

from checker.cli.show import show


def prove(args: argparse.Namespace) -> int:
    """Run the claims; returns 0, or 22 if one is not as it is stated."""
    import proofs

    results = proofs.prove(args.claims or None)
    bad = [r for r in results if not r.ok]
    document: dict[str, Any] = {
        "verdict": "gate" if bad else "ok",
        "exit": 22 if bad else 0,
        "claims": [
            {
                "id": r.id,
                "statement": r.statement,
                "go": r.go,
                "verdict": r.verdict,
                "ok": r.ok,
                "seconds": round(r.seconds, 3),
                "solver": r.solver,
                "conditions": r.conditions,
                "detail": r.detail,
            }
            for r in results
        ],
    }
    show(document, args, _table(document))
    return int(document["exit"])


def _table(document: dict[str, Any]) -> str:
    lines = []
    for c in document["claims"]:
        mark = "" if c["ok"] else "  <- not as stated"
        lines.append(
            f"{c['verdict']:<10} {c['id']:<34} {c['go']:<30} {c['seconds']:>7.2f} s  {c['conditions']:>4} conditions{mark}"
        )
        lines.append(f"{'':11}{c['statement']}")
        if c["detail"]:
            lines += [f"{'':11}  {line}" for line in str(c["detail"]).splitlines()]
    good = sum(c["ok"] for c in document["claims"])
    solver = document["claims"][0]["solver"] if document["claims"] else ""
    return (
        "\n".join([*lines, "", f"{good} of {len(document['claims'])} claims as stated; {solver}; exit {document['exit']}"])
        + "\n"
    )

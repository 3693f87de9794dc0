"""Prints what becomes of the mutants: ``python -m proofs.mutants [FUNCTION...]``."""

from __future__ import annotations

import sys
from collections import Counter

from proofs.heaps import spec_with
from proofs.mutants.generate import mutants
from proofs.mutants.judge import OPERATIONS, judge


def main(functions: list[str]) -> int:
    """Judge the mutants of these functions, all of the core by default."""
    unknown = [f for f in functions if f not in OPERATIONS]
    if unknown:
        print(f"no operation reaches {unknown[0]!r}; there are: {', '.join(OPERATIONS)}", file=sys.stderr)
        return 2
    count: Counter[str] = Counter()
    for function in functions or OPERATIONS:
        for mutant in mutants(spec_with(), function):
            verdict = judge(mutant)
            count[verdict.kind] += 1
            where, change = f"{mutant.function}:{mutant.line}", f"`{mutant.before}` -> `{mutant.after}`"
            print(f"| {verdict.kind} | {where} | {change} | {verdict.detail} |", flush=True)
    kinds = ("refused", "equal", "unseen", "outside")
    print(f"\n{count.total()} mutants: {', '.join(f'{count[k]} {k}' for k in kinds)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""The process of one solver: reads scripts, writes answers, ``python -m proofs.confirming.process NAME MILLISECONDS``.

A script is preceded by a line with its length in bytes; an answer is a line: ``sat``, ``unsat``, or why neither.
"""

from __future__ import annotations

import os
import sys


def cvc5(text: str, limit: int) -> str:
    """Ask cvc5."""
    import cvc5 as solver

    terms = solver.TermManager()
    engine = solver.Solver(terms)
    engine.setOption("tlimit-per", str(limit))
    parser = solver.InputParser(engine)
    parser.setStringInput(solver.InputLanguage.SMT_LIB_2_6, text, "query")
    symbols, said = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        said += str(command.invoke(engine, symbols))
    return said.strip()


def bitwuzla(text: str, limit: int) -> str:
    """Ask bitwuzla."""
    import bitwuzla as solver

    options = solver.Options()
    options.set(solver.Option.TIME_LIMIT_PER, limit)
    parser = solver.Parser(solver.TermManager(), options)
    parser.parse(text, True, False)
    answer = parser.bitwuzla().check_sat()
    return {solver.Result.SAT: "sat", solver.Result.UNSAT: "unsat"}.get(answer, "unknown")


ASK = {"cvc5": cvc5, "bitwuzla": bitwuzla}


def main() -> None:
    """Answer until the input ends."""
    name, limit = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a solver prints is no answer
    while line := sys.stdin.buffer.readline():
        text = sys.stdin.buffer.read(int(line)).decode()
        try:
            answer = ASK[name](text, int(limit))
        except Exception as e:
            answer = f"{type(e).__name__}: {e}"
        answers.write(" ".join(answer.split()) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()

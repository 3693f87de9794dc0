"""Random properties: of states, of steps, and of the end of the operation `operate`."""

from __future__ import annotations

from dataclasses import replace

from random_code import Expressions, Scope, State

NOTE = """

@ghost
def note(r: Root, v: Small) -> None:
    r.seen = (r.seen + v) % 4
"""


def properties(code: Expressions, state: State, *, operates: bool) -> str:
    """The text of a module that observes; what it asks never depends on the order of records or threads."""
    d = code.d
    helpers, state.helpers = state.helpers, []  # other modules have none
    faults, state.faults = state.faults, 10**6
    look = Scope(pure=True, calls=False, points=False, ghosts=True)
    out = NOTE if any(c.ghost for c in state.cells) else ""
    for i in range(d.upto(2)):
        when = d.pick(["", ", when=LOCK_FREE", ', when="lock"'])
        out += f'\n\n@invariant("P{i + 1}", "state"{when})\ndef state{i}(r: Root) -> None:\n'
        out += "\n".join("    " + line for line in _clauses(code, state, look)) + "\n"
    if d.one_in(2):
        before, after = (code.cell(replace(look, root=name), "int", plain=True) for name in ("before", "after"))
        assert before is not None
        assert after is not None
        out += '\n\n@step_property("S7", "step")\ndef steps(before: Root, after: Root) -> None:\n'
        out += f"    if given({code.truth(replace(look, root='after'), 1)}):\n"
        other = " or thread() == 1" if not state.symmetric and d.one_in(3) else ""
        out += f'        check("goes", {before[0]} {d.pick(["<=", "!=", ">="])} {after[0]}{other}, now={after[0]})\n'
    if operates:
        locks = any(h.name == "operate" and h.locks for h in helpers)
        names = d.pick([("p", "old"), ("old",)] if locks else [("p", "old"), ("p", "result"), ("result",)])
        inside = replace(look, ints=tuple((n, 0, 3) for n in names))
        out += f'\n\n@end_of("operate", "E9", "end")\ndef ended(r: Root, {", ".join(n + ": Small" for n in names)}) -> None:\n'
        out += f'    if given({code.truth(inside, 1)}):\n        check("done", {code.truth(inside)}, {names[0]}={names[0]})\n'
    state.helpers, state.faults = helpers, faults
    return "\n\nTABLE = (2, -1, 0, 3)\n" + out


def _clauses(code: Expressions, state: State, look: Scope) -> list[str]:
    """The body of an invariant."""
    d = code.d
    if d.one_in(3):
        n, of, field = "n", "sys.workers", "workers"
        inside = replace(look, worker="n")
        if state.nodes and d.one_in(2):
            of, field = ("r.count" if state.symmetric else "sys.nodes"), "nodes"
            inside = replace(look, nodes=(("n", True),))
        test = code.truth(inside, 1)
        check = f'check("each", {code.truth(inside)}, n=n)'
        return [f"for i in range({of}):", f"    {n} = r.{field}[i]", f"    if given({test}):", f"        {check}"]
    lines = [f'check("all", {code.truth(look)} or {code.truth(look, 1)}, x={code.leaf(look)})']
    if d.one_in(2):
        lines = [f"if given({code.truth(look)}):", *("    " + line for line in lines)]
    return lines

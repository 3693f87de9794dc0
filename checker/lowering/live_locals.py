"""Which locals of a thread are live: their present value may yet be read.

What is live before some code is what the code needs, and what is live behind it less what it sets: each statement has one
such effect, whatever follows it, so structured statements are looked at once.
"""

from __future__ import annotations

from checker.frontend import tree as t
from checker.frontend.walk import expressions, subexpressions
from checker.lowering.graph import Block

Names = frozenset[str]
Effect = tuple[Names, Names]
"""What is needed before, and what is set on every path, so that its value from before is not needed behind."""


def live_locals(blocks: list[Block]) -> list[Names]:
    """The locals live at the beginning of each block of a thread's graph, where a cut's own statement belongs to its block.

    A loop may be left without a round, and a jump out of one counts as if control went on behind it: never too few.
    """
    effects = [_block_effect(b) for b in blocks]
    live, lost = [need for need, _ in effects], [lost for _, lost in effects]
    before: list[list[int]] = [[] for _ in blocks]
    for b, block in enumerate(blocks):
        for s in block.successors():
            before[s].append(b)
    todo = list(range(len(blocks)))
    waiting = set(todo)
    while todo:
        b = todo.pop()
        waiting.discard(b)
        for p in before[b]:
            more = live[b] - lost[p]
            if not more <= live[p]:
                live[p] |= more
                if p not in waiting:
                    waiting.add(p)
                    todo.append(p)
    return live


def _block_effect(block: Block) -> Effect:
    first = () if block.cut is None or block.cut.stmt is None else (block.cut.stmt,)
    after: Effect = (_reads(block.test) if block.test is not None else frozenset(), frozenset())
    return _then(_effect((*first, *block.stmts)), after)


def _effect(stmts: tuple[t.Stmt, ...]) -> Effect:
    out: Effect = (frozenset(), frozenset())
    for s in reversed(stmts):
        out = _then(_own_effect(s), out)
    return out


def _then(first: Effect, second: Effect) -> Effect:
    return first[0] | (second[0] - first[1]), first[1] | second[1]


def _own_effect(s: t.Stmt) -> Effect:
    if isinstance(s, t.If):
        (a, lost), (b, lost_too) = _effect(s.body), _effect(s.other)
        return a | b | _reads(s.test), lost & lost_too
    if isinstance(s, t.While):
        return _effect(s.body)[0] | _reads(s.test), frozenset()
    if isinstance(s, t.ForRange):
        return (_effect(s.body)[0] - {s.name}) | _reads(s.start) | _reads(s.stop), frozenset()
    read = frozenset().union(*map(_reads, expressions(s)))
    if isinstance(s, t.Choose):
        return read - set(s.bound), frozenset((*s.names, *s.bound))
    return read, frozenset(s.names if isinstance(s, t.Assign) else ())


def _reads(e: t.Expr) -> Names:
    return frozenset(x.name for x in subexpressions(e) if isinstance(x, t.Local))

"""Strips of memory, lists and legends as HTML; changes against the state before are outlined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from checker.report.html.look import Look, said, sign
from checker.report.html.markup import Child, Markup, el, join
from checker.report.style import inert
from spec.language import Block, Chain, Drawn, Strip

SIZES = ((8, "n8", 1.7), (16, "n16", 1.5), (32, "n32", 1.15), (64, "n64", 0.75))
"""Up to so many places a strip has cells of this size; how wide they are in the film, in rem."""


def size(strip: Strip) -> str:
    """The class of a strip's cells."""
    return next((name for most, name, _ in SIZES if len(strip.blocks) <= most), "n64")


def width(strip: Strip) -> float:
    """The width of a strip in the film, in rem."""
    name = size(strip)
    return len(strip.blocks) * next(w for _, n, w in SIZES if n == name)


def strips(picture: Sequence[Drawn]) -> list[Strip]:
    """The strips of a state."""
    return [part for part in picture if isinstance(part, Strip)]


def strip(now: Strip, before: Strip | None, look: Look) -> Markup:
    """A strip as a row of cells; neighbours with the same owner are joined."""
    changed = differing(now, before)
    runs = [el("b", _cells(run, look, changed), title=_spoken(run)) for run in _runs(now)]
    return el("span", runs, class_=f"strip {size(now)}", role="img", aria_label=in_words(now, changed))


def differing(now: Strip, before: Strip | None) -> frozenset[int]:
    """The places that differ from those of the state before, or have no counterpart there; none where no state is before."""
    if before is None:
        return frozenset()
    old = before.blocks
    return frozenset(i for i, block in enumerate(now.blocks) if i >= len(old) or old[i] != block)


def in_words(now: Strip, changed: frozenset[int]) -> str:
    """A strip for readers who do not see it."""
    tail = "; changed: " + " ".join(str(i) for i in sorted(changed)) if changed else ""
    return f"{inert(now.name)}: {_spoken(list(enumerate(now.blocks))) or 'empty'}{tail}"


def large(now: Strip, before: Strip | None, look: Look) -> Markup:
    """A strip with its name, and the owners under its cells."""
    changed = differing(now, before)
    runs = []
    for run in _runs(now):
        owner = el("span", inert(run[0][1].owner), class_="owner")
        runs.append(el("b", el("span", _numbered(run, look, changed), class_="pages"), owner, title=_spoken(run)))
    cells = el("span", runs, class_=f"strip {size(now)}", role="img", aria_label=in_words(now, changed))
    return el("figure", el("figcaption", inert(now.name)), el("div", cells, class_="scroll"), class_="memory large")


def legend(look: Look) -> Markup:
    """What the colours and figures of strips mean."""
    kinds = [el("li", el("i", sign(b), class_=look.kind(b), aria_hidden="true"), " ", inert(kind)) for kind, b in look.kinds]
    marks = [el("li", el("i", class_=f"kn {look.mark(word)}", aria_hidden="true"), " ", inert(word)) for word in look.marks]
    changed = el("li", el("i", class_="kn c", aria_hidden="true"), " changed by the step")
    return el("ul", kinds, marks, changed, class_="legend", aria_label="Legend of the strips")


def picture(parts: Sequence[Drawn], look: Look) -> Markup:
    """All parts of a state's picture in order; lists that follow each other stand together."""
    out: list[Child] = []
    for kind, group in groupby(parts, type):
        if kind is Chain:
            out.append(_chains([p for p in group if isinstance(p, Chain)]))
        else:
            out += [large(p, None, look) if isinstance(p, Strip) else el("p", inert(p), class_="line") for p in group]
    return join(out)


def _chains(chains: Sequence[Chain]) -> Markup:
    full = [el("li", el("span", inert(c.name), class_="name"), " ", _members(c), class_="chain") for c in chains if c.members]
    empty = ", ".join(inert(c.name) for c in chains if not c.members)
    return join(
        el("ul", full, class_="chains", aria_label="Lists") if full else None,
        el("p", f"empty: {empty}", class_="empty") if empty else None,
    )


def _members(chain: Chain) -> Markup:
    return el("ol", (el("li", el("span", inert(m), class_="node")) for m in chain.members), class_="members")


def _cells(run: Sequence[tuple[int, Block]], look: Look, changed: frozenset[int]) -> Iterator[Markup]:
    for i, block in run:
        yield el("i", sign(block), class_=look.classes(block, changed=i in changed))


def _numbered(run: Sequence[tuple[int, Block]], look: Look, changed: frozenset[int]) -> Iterator[Markup]:
    for i, block in run:
        yield el("i", sign(block), el("small", str(i)), class_=look.classes(block, changed=i in changed))


def _runs(now: Strip) -> Iterator[list[tuple[int, Block]]]:
    """Neighbours with the same owner, or without an owner and of the same kind."""
    for _, run in groupby(enumerate(now.blocks), key=lambda e: e[1].owner or ("", e[1].kind)):
        yield list(run)


def _spoken(run: Sequence[tuple[int, Block]]) -> str:
    """Places in words, those that are alike together."""
    alike = [list(group) for _, group in groupby(run, key=lambda e: e[1])]
    return "; ".join(f"{_range(group)} {said(group[0][1])}" for group in alike)


def _range(run: Sequence[tuple[int, Block]]) -> str:
    return str(run[0][0]) if len(run) == 1 else f"{run[0][0]} to {run[-1][0]}"

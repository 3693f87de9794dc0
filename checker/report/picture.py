"""A picture of a state as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spec.language import Chain, Drawn, Strip


def as_text(drawn: Iterable[Drawn]) -> list[str]:
    """The lines: a strip with the legend of what stands in it, and in one line the chains that follow each other."""
    out: list[str] = []
    chains: list[Chain] = []
    for part in drawn:
        if isinstance(part, Chain):
            chains.append(part)
            continue
        out += _chains(chains)
        chains = []
        out.append(_strip(part) if isinstance(part, Strip) else part)
    return out + _chains(chains)


def _strip(strip: Strip) -> str:
    legend: dict[str, str] = {}
    for block in strip.blocks:
        legend.setdefault("blank" if block.mark == " " else block.mark, block.kind)
    marks = "".join(b.mark for b in strip.blocks)
    return f"{strip.name}  |{marks}|  " + ", ".join(f"{mark} {said}" for mark, said in legend.items())


def _chains(chains: Sequence[Chain]) -> list[str]:
    if not chains:
        return []
    full = [f"{c.name}: {' '.join(c.members)}" for c in chains if c.members]
    return ["lists  " + ("; ".join(full) or "all empty")]

"""States packed by declared ranges: of each byte of a state only the bits that some value can set are kept.

The bits of eight bytes are brought together by a few masked shifts (the compress operation of Hacker's Delight, 7-4), so
packing costs about as much as copying.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir

from checker.lowering.layout import Layout
from checker.lowering.thread_layout import ThreadLayout
from checker.native.emit import BYTE, POINTER, WORD

Value = Any
_ALL = (1 << 64) - 1


class Packing:
    """Which bits of a state matter.

    Attributes
    ----------
    masks : list of int
        For each eight bytes of the state, padded with zeros, the bits that some state sets.
    bits : int
        In all.
    words, bytes : int
        Of the packed state.
    """

    def __init__(self, layout: Layout, threads: Sequence[ThreadLayout]) -> None:
        size = layout.heap_bytes if not threads else threads[-1].base + threads[-1].size
        useful = bytearray(-(-size // 8) * 8)
        for c in layout.cells.values():
            mask = _mask(c.scalar.hi - c.bias, c.width)
            for i in range(c.length * c.count):
                _mark(useful, c.base + i * c.width, mask)
        for t in threads:
            _mark(useful, t.base, _mask(len(t.labels), t.label_width))
            for slots in t.slots.values():
                for s in slots:
                    _mark(useful, t.base + s.offset, _mask(s.scalar.hi - s.bias, s.width))
        self.masks = [int.from_bytes(useful[i : i + 8], "little") for i in range(0, len(useful), 8)]
        self.bits = sum(m.bit_count() for m in self.masks)
        self.words = max(-(-self.bits // 64), 1)
        self.bytes = 8 * self.words


def _mask(top: int, width: int) -> bytes:
    """The bits of a cell whose values go up to ``top``."""
    return ((1 << top.bit_length()) - 1).to_bytes(width, "little")


def _mark(useful: bytearray, at: int, mask: bytes) -> None:
    for i, bits in enumerate(mask):
        useful[at + i] |= bits


def moves(mask: int) -> list[tuple[int, int]]:
    """The steps that bring the bits of a mask together: (bits that move, by how much), in order.

    After Hacker's Delight, section 7-4: each round moves the bits whose count of zeros to their right has that power of two.
    """
    out = []
    m, gaps = mask, ~mask << 1 & _ALL
    for i in range(6):
        parity = gaps
        for shift in (1, 2, 4, 8, 16, 32):
            parity ^= parity << shift & _ALL
        moved = parity & m
        m = m ^ moved | moved >> (1 << i)
        gaps &= ~parity & _ALL
        if moved:
            out.append((moved, 1 << i))
    return out


def print_packing(module: Any, packing: Packing) -> None:
    """Print ``pack(state, to)`` and ``unpack(from, state)``; the state has whole words, the last padded with zeros."""
    _print(module, "pack", packing, _pack)
    _print(module, "unpack", packing, _unpack)


def _print(module: Any, name: str, packing: Packing, body: Any) -> None:
    f = ir.Function(module, ir.FunctionType(WORD, [WORD, WORD]), name)
    builder = ir.IRBuilder(f.append_basic_block("start"))
    body(builder, packing, *[builder.inttoptr(a, POINTER) for a in f.args])
    builder.ret(ir.Constant(WORD, 0))


def _word(builder: Any, base: Value, i: int) -> Value:
    return builder.gep(base, [ir.Constant(WORD, 8 * i)], source_etype=BYTE)


def _pack(builder: Any, packing: Packing, state: Value, to: Value) -> None:
    out: list[Value] = [ir.Constant(WORD, 0)] * packing.words
    at = 0
    for i, mask in enumerate(packing.masks):
        if not mask:
            continue
        x = builder.and_(builder.load(_word(builder, state, i), align=1, typ=WORD), ir.Constant(WORD, mask))
        for moved, shift in moves(mask):
            part = builder.and_(x, ir.Constant(WORD, moved))
            x = builder.or_(builder.xor(x, part), builder.lshr(part, ir.Constant(WORD, shift)))
        word, offset = divmod(at, 64)
        out[word] = builder.or_(out[word], builder.shl(x, ir.Constant(WORD, offset)) if offset else x)
        if offset + mask.bit_count() > 64:
            out[word + 1] = builder.lshr(x, ir.Constant(WORD, 64 - offset))
        at += mask.bit_count()
    for i, x in enumerate(out):
        builder.store(x, _word(builder, to, i), align=8)


def _unpack(builder: Any, packing: Packing, source: Value, state: Value) -> None:
    packed = [builder.load(_word(builder, source, i), align=8, typ=WORD) for i in range(packing.words)]
    at = 0
    for i, mask in enumerate(packing.masks):
        count = mask.bit_count()
        x: Value = ir.Constant(WORD, 0)
        if mask:
            word, offset = divmod(at, 64)
            x = builder.lshr(packed[word], ir.Constant(WORD, offset)) if offset else packed[word]
            if offset + count > 64:
                x = builder.or_(x, builder.shl(packed[word + 1], ir.Constant(WORD, 64 - offset)))
            if count < 64:
                x = builder.and_(x, ir.Constant(WORD, (1 << count) - 1))
            for moved, shift in reversed(moves(mask)):
                part = builder.and_(x, ir.Constant(WORD, moved >> shift))
                x = builder.or_(builder.xor(x, part), builder.shl(part, ir.Constant(WORD, shift)))
            at += count
        builder.store(x, _word(builder, state, i), align=8)

"""What kernels call besides each other, as LLVM IR."""

from __future__ import annotations

from collections.abc import Callable

DECLARED = (
    "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
    "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)",
    "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)",
    "declare i64 @llvm.ctpop.i64(i64)",
    "declare i32 @sched_yield()",
)


def print_intrinsic(
    name: str, args: list[str], emit: Callable[[str], None], value: Callable[[str], str], pointer: Callable[[str], str]
) -> str:
    """The operand that a call gives; ``emit`` takes an instruction, ``value`` one that has a result, ``pointer`` an address."""
    if name == "copy":
        to, source = pointer(args[0]), pointer(args[1])
        emit(f"call void @llvm.memcpy.p0.p0.i64(ptr {to}, ptr {source}, i64 {args[2]}, i1 false)")
    elif name == "fill":
        byte = value(f"trunc i64 {args[1]} to i8")
        emit(f"call void @llvm.memset.p0.i64(ptr {pointer(args[0])}, i8 {byte}, i64 {args[2]}, i1 false)")
    elif name == "prefetch":
        emit(f"call void @llvm.prefetch.p0(ptr {pointer(args[0])}, i32 1, i32 3, i32 1)")
    elif name == "mulhi":
        a, b = (value(f"zext i64 {x} to i128") for x in args)
        wide = value(f"lshr i128 {value(f'mul i128 {a}, {b}')}, 64")
        return value(f"trunc i128 {wide} to i64")
    elif name == "popcount":
        return value(f"call i64 @llvm.ctpop.i64(i64 {args[0]})")
    elif name == "atomic_load":
        return value(f"load atomic i64, ptr {pointer(args[0])} acquire, align 8")
    elif name == "atomic_store":
        emit(f"store atomic i64 {args[1]}, ptr {pointer(args[0])} release, align 8")
    elif name == "atomic_add":
        return value(f"atomicrmw add ptr {pointer(args[0])}, i64 {args[1]} seq_cst")
    elif name == "sched_yield":
        emit("call i32 @sched_yield()")
    return "0"

"""Spec functions as native code: the typed tree printed as LLVM IR, compiled in the process by llvmlite.

This package imports llvmlite only inside its modules; import `checker.native.module` where native code is really wanted.
"""

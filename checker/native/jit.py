"""LLVM IR into machine code of this process."""

from __future__ import annotations

import time
from typing import Any

import llvmlite
from llvmlite import binding as llvm

QUICK, THOROUGH = 1, 2
"""Levels of optimisation: at the first only what pays at once is done, in a tenth of the time of LLVM's own second."""


def target_name() -> str:
    """What machine code depends on besides the IR: llvmlite and the processor."""
    return f"llvmlite {llvmlite.__version__} {llvm.get_default_triple()} {llvm.get_host_cpu_name()} {_features()}"


def _features() -> str:
    features: str = llvm.get_host_cpu_features().flatten()
    return features


def _machine(level: int) -> Any:
    if hasattr(llvm, "initialize_native_target"):
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=_features(), opt=level, jit=True)


class Code:
    """Compiled IR; keeps the machine code alive.

    Parameters
    ----------
    text : str
        The IR of a module.
    level : int
        Optimisation, 0 to 3.
    code : bytes, optional
        The object code made from the same IR earlier, for the same processor: nothing is compiled then.

    Attributes
    ----------
    object : bytes
    seconds : dict of str to float
        Time to parse, optimise and emit.
    """

    def __init__(self, text: str, level: int = 2, *, code: bytes | None = None) -> None:
        self.seconds: dict[str, float] = {}
        machine = _machine(level)
        self.object = self._compile(text, machine, level) if code is None else code
        began = time.perf_counter()
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(self.object))
        self._engine.finalize_object()
        self._note("load", began)

    def _compile(self, text: str, machine: Any, level: int) -> bytes:
        began = time.perf_counter()
        module = llvm.parse_assembly(text)
        module.verify()
        began = self._note("parse", began)
        module.triple, module.data_layout = machine.triple, str(machine.target_data)
        _optimise(module, machine, level)
        self.optimised = str(module)
        began = self._note("optimise", began)
        made: bytes = machine.emit_object(module)
        self._note("emit", began)
        return made

    def address(self, name: str) -> int:
        """Where a function begins."""
        found: int = self._engine.get_function_address(name)
        return found

    def _note(self, what: str, began: float) -> float:
        now = time.perf_counter()
        self.seconds[what] = now - began
        return now


def _optimise(module: Any, machine: Any, level: int) -> None:
    """Run LLVM's own pipeline: the new pass manager, or the old one where llvmlite has no other."""
    if level == QUICK and hasattr(llvm, "create_new_module_pass_manager"):
        quick = llvm.create_new_module_pass_manager()
        quick.add_sroa_pass()
        quick.add_simplify_cfg_pass()
        quick.add_instruction_combine_pass()
        quick.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=1)))
        return
    if hasattr(llvm, "create_pass_builder"):
        builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=level))
        builder.getModulePassManager().run(module, builder)
        return
    options = llvm.PassManagerBuilder()
    options.opt_level = level
    options.inlining_threshold = 225
    passes = llvm.ModulePassManager()
    options.populate(passes)
    passes.run(module)

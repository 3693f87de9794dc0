"""LLVM IR into machine code of this process."""

from __future__ import annotations

import time
from typing import Any

from llvmlite import binding as llvm


class Code:
    """Compiled IR; keeps the machine code alive.

    Parameters
    ----------
    text : str
        The IR of a module.
    level : int
        Optimisation, 0 to 3.

    Attributes
    ----------
    seconds : dict of str to float
        Time to parse, optimise and emit.
    """

    def __init__(self, text: str, level: int = 2) -> None:
        self.seconds: dict[str, float] = {}
        if hasattr(llvm, "initialize_native_target"):
            llvm.initialize_native_target()
            llvm.initialize_native_asmprinter()
        began = time.perf_counter()
        module = llvm.parse_assembly(text)
        module.verify()
        began = self._note("parse", began)
        target = llvm.Target.from_default_triple()
        machine = target.create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=level
        )
        module.triple, module.data_layout = machine.triple, str(machine.target_data)
        _optimise(module, machine, level)
        self.optimised = str(module)
        began = self._note("optimise", began)
        self._engine = llvm.create_mcjit_compiler(module, machine)
        self._engine.finalize_object()
        self._note("emit", began)

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

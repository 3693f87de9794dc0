"""Python frames of a spec: which ones belong to it, and where a thread or an error stands."""

from __future__ import annotations

from types import FrameType

from checker.errors import SpecEvaluationError


def is_spec(frame: FrameType, package: str) -> bool:
    """Whether the frame runs a function of the spec that was loaded as ``package``."""
    module: str = frame.f_globals.get("__name__", "")
    return module.startswith(package) and module[len(package) : len(package) + 1] in ("", ".")


def function_name(frame: FrameType, package: str) -> str:
    """``module.function``, the module relative to the spec."""
    module: str = frame.f_globals["__name__"]
    return f"{module[len(package) + 1 :]}.{frame.f_code.co_name}".lstrip(".")


def call_stack(frame: FrameType | None, package: str) -> tuple[tuple[str, int], ...]:
    """The spec's frames from the outermost inward, each with its line."""
    out = []
    while frame is not None:
        if is_spec(frame, package):
            out.append((function_name(frame, package), frame.f_lineno))
        frame = frame.f_back
    return tuple(reversed(out))


def evaluation_error(error: BaseException, package: str, doing: str) -> SpecEvaluationError:
    """The error as the user sees it: the innermost line of the spec that it passed through, and what was said there."""
    place, trace = doing, error.__traceback__
    while trace is not None:
        if is_spec(trace.tb_frame, package):
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    said = str(error)
    if type(error).__module__ == "builtins":
        said = f"{type(error).__name__}: {said}"
    return SpecEvaluationError(f"{place}: {said} (in {doing})")

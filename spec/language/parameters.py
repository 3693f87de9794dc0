"""Scenario parameters: the named constants of a spec, with documentation and allowed ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from spec.language.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter.

    Attributes
    ----------
    default : int
    lo, hi : int
        Allowed values, inclusive.
    doc : str
        One sentence, with the unit.
    names : tuple of str
        Words that may be given for the values 0, 1, ...; empty: numbers only.
    """

    default: int
    lo: int
    hi: int
    doc: str
    names: tuple[str, ...] = ()


def parameter(default: int, *, lo: int = 0, hi: int = 2**64, doc: str, names: tuple[str, ...] = ()) -> int:
    """Declare a parameter in the body of a `Parameters` class; with ``names`` its values are 0 to their number less one."""
    return cast(int, Parameter(default, 0, len(names) - 1, doc, names) if names else Parameter(default, lo, hi, doc))


class Parameters:
    """Base of a spec's parameter class; the one instance a spec makes is what its functions read.

    Derived values are ordinary properties. `assumptions` yields a sentence for each relation
    between parameters that does not hold.
    """

    _declared: ClassVar[dict[str, Parameter]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._declared = {k: v for k, v in vars(cls).items() if isinstance(v, Parameter)}

    def __init__(self) -> None:
        self.reset({})

    @classmethod
    def declared(cls) -> Mapping[str, Parameter]:
        """The parameters of this class by name, in order of declaration."""
        return cls._declared

    def assumptions(self) -> Iterator[str]:
        """Sentences about relations between parameters that are violated; none by default."""
        return iter(())

    def reset(self, values: Mapping[str, int]) -> None:
        """Take ``values`` over the defaults and check ranges and assumptions.

        Raises
        ------
        ParameterError
            Unknown name, value out of range, or a violated assumption: says which, and what is allowed.
        """
        unknown = [k for k in values if k not in self._declared]
        if unknown:
            known = ", ".join(self._declared)
            raise ParameterError(f"unknown parameter {unknown[0]!r}; this spec has: {known}")
        for name, p in self._declared.items():
            value = values.get(name, p.default)
            if not p.lo <= value <= p.hi:
                raise ParameterError(f"{name}={value} is out of range: {p.lo}..{p.hi} allowed ({p.doc})")
            setattr(self, name, value)
        for sentence in self.assumptions():
            raise ParameterError(sentence)

    def values(self) -> dict[str, int]:
        """The present value of every declared parameter."""
        return {name: getattr(self, name) for name in self._declared}

    def resolve(self, bound: int | str) -> int:
        """A number, or the value of the parameter or derived property of that name."""
        if isinstance(bound, int):
            return bound
        value: Any = getattr(self, bound, None)
        if not isinstance(value, int):
            raise ParameterError(f"a declaration names {bound!r}, which is no parameter of this spec")
        return value

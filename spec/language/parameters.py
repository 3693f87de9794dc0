"""Scenario parameters: the named constants of a spec, with documentation and allowed ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from spec.language.errors import DeclarationError, ParameterError

SIZES = ("threads", "pages", "lists", "physical", "cycles", "requests")
"""What a parameter can be the size of, in the order in which minimising a counterexample makes them smaller."""


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
    size : str
        Out of `SIZES`: the smaller its value, the smaller the world; empty: minimising leaves it alone.
    """

    default: int
    lo: int
    hi: int
    doc: str
    names: tuple[str, ...] = ()
    size: str = ""

    def __post_init__(self) -> None:
        if self.size and self.size not in SIZES:
            raise DeclarationError(f"parameter with size={self.size!r}; a size is one of {', '.join(SIZES)}")

    def allowed(self) -> str:
        """What may be given, in words."""
        return f"{', '.join(self.names)} allowed" if self.names else f"{self.lo}..{self.hi} allowed"


def parameter(default: int, *, lo: int = 0, hi: int = 2**64, doc: str, names: tuple[str, ...] = (), size: str = "") -> int:
    """Declare a parameter in the body of a `Parameters` class; with ``names`` its values are 0 to their number less one."""
    if names:
        lo, hi = 0, len(names) - 1
    return cast(int, Parameter(default, lo, hi, doc, names, size))


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
        for name in values:
            self._known(name)
        for name, p in self._declared.items():
            value = values.get(name, p.default)
            if not p.lo <= value <= p.hi:
                raise ParameterError(f"{name}={value} is out of range: {p.allowed()} ({p.doc})")
            setattr(self, name, value)
        for sentence in self.assumptions():
            raise ParameterError(sentence)

    @classmethod
    def _known(cls, name: str) -> Parameter:
        if name not in cls._declared:
            raise ParameterError(f"unknown parameter {name!r}; this spec has: {', '.join(cls._declared)}")
        return cls._declared[name]

    @classmethod
    def parse(cls, name: str, text: str) -> int:
        """The value that a user gives as text: an integer in any of Python's notations, or one of the parameter's words.

        Raises
        ------
        ParameterError
            Unknown name, or neither: says what is allowed. Ranges are checked by `reset`.
        """
        p = cls._known(name)
        if text in p.names:
            return p.names.index(text)
        try:
            return int(text, 0)
        except ValueError:
            kind = "is none of its words" if p.names else "is no integer"
            raise ParameterError(f"{name}={text} {kind}: {p.allowed()} ({p.doc})") from None

    @classmethod
    def in_words(cls, values: Mapping[str, int]) -> dict[str, int | str]:
        """The values as users read and write them: words where a parameter has them."""
        return {k: names[v] if (names := cls._known(k).names) and 0 <= v < len(names) else v for k, v in values.items()}

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

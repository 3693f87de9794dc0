"""HTML that cannot be broken by what stands in it: only `el` makes it, and it escapes all other text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

LONGEST = 1000
"""Characters of one text that are shown."""

VOID = frozenset(("input", "meta"))
"""Elements without an end tag, of those that are used here."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | int | None | Iterable["Child"]
"""What may stand in an element: text, HTML, nothing, or several of these."""


def shown(text: object) -> str:
    """A text in which every character can be seen: others become the escape that Python has for them."""
    said = str(text)
    if len(said) > LONGEST:
        said = said[: LONGEST - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in said)


def el(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """An element.

    Parameters
    ----------
    name : str
    *children : str, int, None, or iterables of these
        Text is escaped unless it is `Markup`.
    **attributes : str, int, bool or None
        An underscore at the end of a name is dropped, others become hyphens. None, False and an empty ``class`` leave an
        attribute out; True gives it without a value.
    """
    said = "".join(_attribute(k.rstrip("_").replace("_", "-"), v) for k, v in attributes.items())
    if name in VOID:
        return Markup(f"<{name}{said}>")
    return Markup(f"<{name}{said}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Texts and elements one after the other, the texts escaped."""
    return Markup("".join(_parts(children)))


def between(separator: str, children: Iterable[Child]) -> list[Child]:
    """The children with a text between each two."""
    out: list[Child] = []
    for child in children:
        out += [separator, child] if out else [child]
    return out


def _parts(child: Child) -> Iterable[str]:
    if child is None:
        return
    if isinstance(child, Markup):
        yield child
    elif isinstance(child, (str, int)):
        yield escape(shown(child), quote=False)
    else:
        for c in child:
            yield from _parts(c)


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False or (name == "class" and value == ""):
        return ""
    return f" {name}" if value is True else f' {name}="{escape(shown(value))}"'

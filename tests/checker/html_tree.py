"""A page as a tree, read by the standard library's parser; what is not well nested is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(("meta", "input", "link", "img", "br", "hr"))


@dataclass(eq=False)
class Node:
    """An element, equal to itself alone, with its children and texts in order."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This element and all inside it, in the order of the document."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def text(self) -> str:
        """All text inside, words apart."""
        parts = (child if isinstance(child, str) else child.text() for child in self.children)
        return " ".join(" ".join(parts).split())

    def all(self, tag: str = "", kind: str = "") -> list[Node]:
        """The elements inside of a tag and a class."""
        return [n for n in self.walk() if (not tag or n.tag == tag) and (not kind or kind in n.classes())]

    def one(self, tag: str = "", kind: str = "", id: str = "") -> Node:
        """The only such element."""
        (found,) = [n for n in self.all(tag, kind) if not id or n.attributes.get("id") == id]
        return found

    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()


def read(page: str) -> Node:
    """The tree of a page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1, f"not closed: {[n.tag for n in reader.open]}"
    return reader.open[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice: {attrs}"
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> in <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"a processing instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")

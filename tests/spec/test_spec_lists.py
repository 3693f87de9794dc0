import pytest
from harness import PlainHeap

from spec.language import Throw


@pytest.fixture
def h():
    return PlainHeap({})


def members(spans):
    out, s = [], spans.first
    while s is not None:
        out.append(s.number)
        s = s.next
    return out


def backwards(spans):
    out, s = [], spans.last
    while s is not None:
        out.append(s.number)
        s = s.prev
    return out


def test_insert_puts_in_front_and_insert_back_behind(h):
    spans = h.root.free[1]
    for i, how in enumerate(("insert", "insert", "insert_back", "insert")):
        h.pure(f"lists.{how}", spans, h.root.mspans[i])
    assert members(spans) == [4, 2, 1, 3]
    assert backwards(spans) == [3, 1, 2, 4]
    assert all(h.root.mspans[i].list is spans for i in range(4))


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 1, 3), (2, 3, 1)])
def test_remove_keeps_the_links_of_the_others(h, order):
    spans = h.root.freelarge
    left = [1, 2, 3]
    for n in left:
        h.pure("lists.insert_back", spans, h.root.mspans[n - 1])
    for n in order:
        s = h.root.mspans[n - 1]
        h.pure("lists.remove", spans, s)
        left.remove(n)
        assert members(spans) == left
        assert backwards(spans) == left[::-1]
        assert s.next is s.prev is s.list is None
        assert not h.pure("span.in_list", s)
    assert h.pure("lists.is_empty", spans)


def test_a_span_in_a_list_is_not_inserted_again(h):
    s = h.root.mspans[0]
    h.pure("lists.insert", h.root.free[1], s)
    with pytest.raises(Throw, match=r"MSpanList_Insert$"):
        h.pure("lists.insert", h.root.free[2], s)
    with pytest.raises(Throw, match="MSpanList_InsertBack"):
        h.pure("lists.insert_back", h.root.free[1], s)


def test_remove_from_another_list_or_from_none_throws(h):
    s = h.root.mspans[0]
    with pytest.raises(Throw, match="MSpanList_Remove"):
        h.pure("lists.remove", h.root.free[1], s)
    h.pure("lists.insert", h.root.free[1], s)
    with pytest.raises(Throw, match="MSpanList_Remove"):
        h.pure("lists.remove", h.root.free[2], s)


def test_init_forgets_the_members(h):
    h.pure("lists.insert", h.root.free[1], h.root.mspans[0])
    h.pure("lists.init", h.root.free[1])
    assert members(h.root.free[1]) == backwards(h.root.free[1]) == []

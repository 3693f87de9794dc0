"""What is said of an exchangeable thread without naming another (the reference is `checker.reduce.threads`).

Most threads differ in bytes that refer to nothing. So a comparison looks at those first, then at all bytes of the
members, and only then at where else they are referred to.
"""

from __future__ import annotations

from checker.native.kernels.canon import BAG, LOW, MEMBER, OWN, SAVED, Bag, Canon, Group, Member, Own, Saved, Work
from checker.native.kernels.forget import first_saved, label_of
from checker.native.kernels.language import Word, kernel, rare, u8, u32, u64
from checker.native.kernels.unordered import compare_bytes, sort_bytes

OTHER = 254
"""Stands in a key for any other thread that may be exchanged."""


@kernel
def compare_members(k: Canon, scratch: Word, view: Word, group: Group, a: Word, b: Word) -> Word:
    """0, 1 or 2: the key of a member is less than, equal to or greater than that of another."""
    left = Member(group.members + a * MEMBER).places
    right = Member(group.members + b * MEMBER).places
    plain = group.plain
    for i in range(plain):
        x = u8[view + u32[left + 4 * i]]
        y = u8[view + u32[right + 4 * i]]
        if x != y:
            return 0 if x < y else 2
    first = own_key(k, scratch, view, group, a)
    second = own_key(k, scratch, view, group, b)
    found = compare_bytes(first, second, group.width)
    if found != 1:
        return found
    length = outer_key(k, scratch, view, group, a)
    outer_key(k, scratch, view, group, b)
    return compare_bytes(first + group.width, second + group.width, length)


@rare
def own_key(k: Canon, scratch: Word, view: Word, group: Group, element: Word) -> Word:
    """The bytes of a member as its key shows them."""
    key = scratch + k.at_keys + (group.start + element) * k.key_size
    built = scratch + k.at_built + group.start + element
    if u8[built]:
        return key
    u8[built] = 1
    member = Member(group.members + element * MEMBER)
    places = member.places
    for i in range(group.width):
        u8[key + i] = u8[view + u32[places + 4 * i]]
    show(key, member.tables, group.spots, group.spots_stop, scratch)
    at = member.threads
    while at < member.threads_stop:
        own = Own(at)
        list_at = own.starts + 8 * label_of(Saved(own.saved), view)
        show(key, member.tables, u64[list_at], u64[list_at + 8], scratch)
        at += OWN
    return key


@kernel
def show(key: Word, tables: Word, spots: Word, stop: Word, scratch: Word) -> Word:
    """Map the references in a key, and note whether one is to another exchangeable thread."""
    while spots < stop:
        at = key + (u64[spots] & LOW)
        shown = u8[tables + (u64[spots] >> 32) * 256 + u8[at]]
        u8[at] = shown
        if shown == OTHER:
            Work(scratch).crossed = 1
        spots += 8
    return 0


@rare
def outer_key(k: Canon, scratch: Word, view: Word, group: Group, element: Word) -> Word:
    """Where else a member is referred to, behind its own bytes; how many bytes that takes."""
    start = own_key(k, scratch, view, group, element) + group.width
    tables = Member(group.members + element * MEMBER).tables
    out = start
    at = k.outside
    while at < k.outside_stop:
        u8[out] = u8[tables + (u64[at] >> 32) * 256 + u8[view + (u64[at] & LOW)]]
        out += 1
        at += 8
    at = k.bags
    while at < k.bags_stop:
        bag = Bag(at)
        for i in range(bag.length):
            u8[out + i] = u8[tables + bag.slot * 256 + u8[view + bag.at + i]]
        sort_bytes(out, bag.length, 0)
        out += bag.length
        at += BAG
    at = k.saved
    while at < k.saved_stop:
        if not Saved(at).later:
            out = saved_key(k, Saved(at), view, tables, out)
        at += SAVED
    return out - start


@kernel
def saved_key(k: Canon, saved: Saved, view: Word, tables: Word, out: Word) -> Word:
    """What the locals of a thread in its place say of a member; where the key ends."""
    list_at = first_saved(saved, view)
    stop = u64[list_at + 8]
    ref = u64[list_at]
    while ref < stop:
        slot = u64[k.slots + 8 * (u64[ref] >> 32)]
        if slot:
            u8[out] = u8[tables + (slot - 1) * 256 + u8[view + (u64[ref] & LOW)]]
            out += 1
        ref += 8
    return out

"""The orders in which exchangeable threads may stand (the reference is `checker.reduce.threads`)."""

from __future__ import annotations

from checker.native.kernels.canon import GROUP, PLAN, Canon, Group, Plan, Work
from checker.native.kernels.keys import compare_members, own_key
from checker.native.kernels.language import Word, fill, kernel, rare, u8, u16
from checker.native.kernels.renaming import rename


@kernel
def begin_orders(k: Canon, scratch: Word, view: Word, uncertain: Word) -> Word:
    """Order the members by their keys; whether members with equal keys have to be tried in every order."""
    work = Work(scratch)
    work.crossed = uncertain or k.entangled
    fill(scratch + k.at_built, 0, k.members)
    tied = 0
    at = k.groups
    while at < k.groups_stop:
        if sort_members(k, scratch, view, Group(at)):
            tied = 1
        at += GROUP
    if not tied:
        return 0
    at = k.groups
    while at < k.groups_stop and not work.crossed:
        for i in range(Group(at).size):
            own_key(k, scratch, view, Group(at), i)
        at += GROUP
    return work.crossed


@kernel
def sort_members(k: Canon, scratch: Word, view: Word, group: Group) -> Word:
    """Order the members of a group; whether two have equal keys."""
    turn = scratch + k.at_turn + 2 * group.start
    same = scratch + k.at_same + group.start
    tied = 0
    for i in range(group.size):
        j = i
        found = 0
        while j > 0:
            found = compare_members(k, scratch, view, group, u16[turn + 2 * (j - 1)], i)
            if found < 2:
                break
            u16[turn + 2 * j] = u16[turn + 2 * (j - 1)]
            u8[same + j] = u8[same + j - 1]
            j -= 1
        u16[turn + 2 * j] = i
        u8[same + j] = j > 0 and found == 1
        if u8[same + j]:
            tied = 1
    return tied


@rare
def next_order(k: Canon, scratch: Word) -> Word:
    """The next order of members with equal keys, the last ones first; whether there is one."""
    same = scratch + k.at_same
    stop = k.members
    while stop > 0:
        start = stop - 1
        while u8[same + start]:
            start -= 1
        if next_permutation(scratch + k.at_turn + 2 * start, stop - start):
            return 1
        stop = start
    return 0


@kernel
def next_permutation(at: Word, length: Word) -> Word:
    """The next one in lexicographic order; behind the last one, the first and 0."""
    i = length - 1
    while i > 0 and u16[at + 2 * i - 2] > u16[at + 2 * i]:
        i -= 1
    if i > 0:
        j = length - 1
        while u16[at + 2 * j] < u16[at + 2 * i - 2]:
            j -= 1
        swap(at + 2 * i - 2, at + 2 * j)
    found = i > 0
    j = length - 1
    while i < j:
        swap(at + 2 * i, at + 2 * j)
        i += 1
        j -= 1
    return found


@kernel
def swap(a: Word, b: Word) -> Word:
    """Exchange two cells."""
    kept = u16[a]
    u16[a] = u16[b]
    u16[b] = kept
    return 0


@kernel
def exchange(k: Canon, state: Word, scratch: Word) -> Word:
    """Bring the threads into the present order; whether that changes anything."""
    moved = 0
    at = k.groups
    while at < k.groups_stop:
        group = Group(at)
        for i in range(group.size):
            if u16[scratch + k.at_turn + 2 * (group.start + i)] != i:
                moved = 1
        at += GROUP
    if moved:
        at = k.plans
        while at < k.plans_stop:
            rename(k, Plan(at), state, scratch, scratch + k.at_turn)
            at += PLAN
    return moved

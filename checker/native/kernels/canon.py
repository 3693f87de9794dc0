"""The constant tables of canonical forms, and the memory that a worker needs to compute one.

A *reference* is a word ``type << 32 | place``: a byte of the state and the type that it refers to, by number. The
types whose records can be renamed come first. Records that can be renamed have an *id*, from 1, over all blocks.
Lists are addresses of their first element and of what lies behind the last; places are ``u32``.
"""

from __future__ import annotations

from checker.native.kernels.language import Struct, Word

LOW = 0xFFFFFFFF
"""The place in a reference."""

DEAD, NAMELESS, NAMED = 0, 1, 2
"""What a record's mark says: not in use, without a name, with one."""


class Canon(Struct):
    """All tables of one machine; ``at_...`` are offsets into a worker's memory."""

    size: Word  # bytes of a state
    saved: Word  # a Saved for each thread
    saved_stop: Word
    zeros: Word  # a state whose cells hold what forgetting leaves
    rows: Word  # a Row for each rule and record
    rows_stop: Word
    arrays: Word  # an Array for each unordered one
    arrays_stop: Word

    blocks: Word  # a Block for each, by type
    blocks_stop: Word
    records: Word  # how many have ids
    types: Word  # a Type for each that can be renamed
    types_stop: Word
    block_of: Word  # the Block's index of each id, a word each
    links: Word  # for each id, where its references begin in the list behind: words
    all_links: Word  # those that belong to exchangeable threads included
    inner: Word  # those of unordered arrays included
    second: Word  # references that name in the second round
    second_stop: Word
    shown: Word  # a Shown for each unordered array of references to renamed records
    shown_stop: Word
    names: Word  # the Plan that renames records

    groups: Word  # a Group for each
    groups_stop: Word
    members: Word  # how many there are over all groups
    entangled: Word  # whether equal keys never make twins
    outside: Word  # references, by slot, to what belongs to threads
    outside_stop: Word
    bags: Word  # a Bag for each unordered array of such references
    bags_stop: Word
    slots: Word  # a word for each type: its slot + 1, or 0
    plans: Word  # the Plans that exchange threads, in this order
    plans_stop: Word

    identity: Word  # 256 bytes, each its number
    forms: Word  # how many are compared

    at_rows: Word  # words: rows whose cells are forgotten
    at_marks: Word  # a byte for each id
    at_todo: Word  # u16: ids in the order of their names
    at_order: Word  # u16: for each id, which element comes here
    at_given: Word  # words: named records of each block
    at_moved: Word  # a state
    at_view: Word  # a state
    at_base: Word  # a state
    at_best: Word  # a state
    at_before: Word  # words: as at_given, before threads had an order
    at_keys: Word
    key_size: Word
    at_built: Word  # a byte for each member: how much of its key is there
    at_turn: Word  # u16: for each member's place, which element comes there
    at_same: Word  # a byte for each: whether its key is that of the one before
    at_content: Word  # keys of nameless records
    content_size: Word
    at_frames: Word
    frame_size: Word
    frame_rest: Word  # offset of the nameless records' ids in a frame
    frame_state: Word  # offset of the state in a frame


class Work(Struct):
    """The head of a worker's memory."""

    count: Word  # named records
    total: Word  # records in use
    moved: Word  # whether a record gets another name than it has
    crossed: Word  # whether a key refers to another exchangeable thread
    offered: Word  # forms that were compared


class Saved(Struct):
    """A thread: its label, and for each label where its references begin."""

    base: Word
    wide: Word  # whether the label has two bytes
    later: Word  # whether the thread may be exchanged
    starts: Word  # addresses of references, by label, and one more


class Row(Struct):
    """The cells of one record that one rule forgets."""

    rule: Word
    number: Word
    type: Word
    anyway: Word  # also if a saved local refers to the record
    parts: Word
    parts_stop: Word


class Part(Struct):
    """Up to 8 bytes of the state, and how to see whether they hold what forgetting leaves."""

    at: Word  # where 8 bytes are loaded
    shift: Word
    mask: Word
    zero: Word
    first: Word
    length: Word


class Array(Struct):
    """An unordered array."""

    at: Word
    cells: Word
    width: Word


class Block(Struct):
    """An interchangeable array."""

    count_at: Word
    count_width: Word
    length: Word
    start: Word  # the id of element 0
    inside: Word  # places of element 0, then of element 1, ...
    bytes: Word  # places of each
    type: Word


class Type(Struct):
    """A type of records that can be renamed."""

    ids: Word  # u16 for each number
    roots: Word  # places that name first
    roots_stop: Word
    places: Word  # all places of the heap that refer to it
    places_stop: Word


class Shown(Struct):
    """An unordered array whose cells count how often they refer to a nameless record."""

    type: Word
    at: Word
    length: Word
    owner: Word  # the id of the record that it lies in, or 0


class Plan(Struct):
    """A renaming that can be applied in one go."""

    axes: Word
    axes_stop: Word
    kinds: Word
    kinds_stop: Word
    tables: Word  # a word for each type: the offset of its table, or 0


class Axis(Struct):
    """What moves with the elements of one array."""

    start: Word  # of its part of the order
    length: Word
    width: Word  # places of each element
    places: Word
    numbers: Word  # how many records belong to an element
    values: Word  # u16: their numbers
    tables: Word  # words: offset of the table that maps each


class Kind(Struct):
    """A type whose references follow."""

    table: Word
    places: Word
    places_stop: Word


class Group(Struct):
    """Exchangeable threads."""

    start: Word  # of its part of the turn
    size: Word
    width: Word  # bytes that belong to a member
    plain: Word  # how many of them come before the first reference
    members: Word  # a Member for each
    spots: Word  # slot << 32 | byte of the key
    spots_stop: Word


class Member(Struct):
    """One element of a group with its threads."""

    places: Word
    tables: Word  # 256 bytes for each slot
    threads: Word  # an Own for each
    threads_stop: Word


class Own(Struct):
    """One thread of a member: references among the bytes of its key, by label."""

    saved: Word
    starts: Word


class Bag(Struct):
    """An unordered array of references to what belongs to threads."""

    slot: Word
    at: Word
    length: Word


SAVED, ROW, PART, ARRAY, BLOCK = Saved.sizeof(), Row.sizeof(), Part.sizeof(), Array.sizeof(), Block.sizeof()
TYPE, SHOWN, PLAN, AXIS, KIND = Type.sizeof(), Shown.sizeof(), Plan.sizeof(), Axis.sizeof(), Kind.sizeof()
GROUP, MEMBER, OWN, BAG = Group.sizeof(), Member.sizeof(), Own.sizeof(), Bag.sizeof()

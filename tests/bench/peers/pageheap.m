-- The benchmark model "page heap, coarse" for Rumur, written from the definition of the model.
-- Names are those of ../pageheap, which says what each array means.
-- Murphi has no parameters: murphi.py replaces the constants P, T and H.
-- Rumur counts states and rules fired as the definition does. It checks the invariants after every rule that fires, not
-- once for each new state.

const
  P: 4;     -- pages of the arena
  T: 2;     -- mutator threads
  H: 1;     -- spans that a thread may hold
  NMAX: 3;  -- largest request, in pages
  PHYS: 2;  -- pages in a physical page

  NONE: 0; FREE: 1; IN_USE: 2; STACK: 3;
  SWEPT: 0; MARKED: 1; UNMARKED: 2; SWEEPING_MARKED: 3; SWEEPING_UNMARKED: 4;
  OFF: 0; MARK: 1;

type
  Page: 0..P-1;
  Count: 0..P;
  Kind: NONE..STACK;

var
  h: array[Page] of Count;
  len: array[Page] of Count;
  kind: array[Page] of Kind;
  rel: array[Page] of Count;
  own: array[Page] of 0..T;
  sw: array[Page] of SWEPT..SWEEPING_UNMARKED;
  phase: OFF..MARK;
  released: Count;

function whole(p: Page; n: Count): Count;
var first: 0..P+PHYS; last: Count;
begin
  first := p + (PHYS - p % PHYS) % PHYS;
  last := p + n - (p + n) % PHYS;
  if last > first then return last - first; else return 0; end;
end;

procedure place_free(p: Page; n: Count; gone: Count);
begin
  kind[p] := FREE;
  len[p] := n;
  rel[p] := gone;
  h[p] := p + 1;
  h[p + n - 1] := p + 1;
end;

procedure take_free(p: Page);
begin
  h[p + len[p] - 1] := 0;
  h[p] := 0;
  kind[p] := NONE;
  len[p] := 0;
  rel[p] := 0;
end;

procedure allocate(t: 1..T; n: 1..NMAX; k: Kind);
var b: Page; size: 0..P+1;
begin
  b := 0;
  size := P + 1;
  for p: Page do
    if kind[p] = FREE & n <= len[p] & len[p] < size then
      b := p;
      size := len[p];
    end;
  end;
  released := released - rel[b];
  take_free(b);
  kind[b] := k;
  len[b] := n;
  own[b] := t;
  for i := b to b + n - 1 do
    h[i] := b + 1;
  end;
  if n < size then
    place_free(b + n, size - n, 0);
  end;
end;

procedure free(p: Page);
var start: Page; last: Count; gone: Count; q: Page;
begin
  start := p;
  last := p + len[p];
  gone := 0;
  for i := p to last - 1 do
    h[i] := 0;
  end;
  kind[p] := NONE;
  len[p] := 0;
  own[p] := 0;
  sw[p] := SWEPT;
  if p > 0 then
    q := h[p - 1] - 1;
    if kind[q] = FREE then
      start := q;
      gone := gone + rel[q];
      take_free(q);
    end;
  end;
  if last < P & kind[last] = FREE then
    q := last;
    last := last + len[q];
    gone := gone + rel[q];
    take_free(q);
  end;
  place_free(start, last - start, gone);
end;

function held(t: 1..T): Count;
var n: Count;
begin
  n := 0;
  for p: Page do
    if own[p] = t then n := n + 1; end;
  end;
  return n;
end;

function total_released(): 0..P*P;
var n: 0..P*P;
begin
  n := 0;
  for p: Page do
    n := n + rel[p];
  end;
  return n;
end;

startstate
begin
  for p: Page do
    h[p] := 0; len[p] := 0; kind[p] := NONE; rel[p] := 0; own[p] := 0; sw[p] := SWEPT;
  end;
  phase := OFF;
  released := 0;
  place_free(0, P, 0);
end;

ruleset t: 1..T; n: 1..NMAX; k: IN_USE..STACK do
  rule "Alloc"
    held(t) < H & exists p: Page do kind[p] = FREE & len[p] >= n end
  ==> begin allocate(t, n, k); end;
end;

ruleset p: Page do
  -- which thread drops or frees is told by the span, so the page alone is the instance
  rule "Drop" kind[p] = IN_USE & own[p] != 0 ==> begin own[p] := 0; end;

  rule "FreeStack" phase = OFF & kind[p] = STACK & own[p] != 0 ==> begin free(p); end;

  rule "SweepBegin"
    (sw[p] = MARKED | sw[p] = UNMARKED) & phase = OFF & !(exists q: Page do sw[q] >= SWEEPING_MARKED end)
  ==> begin sw[p] := sw[p] + 2; end;

  rule "SweepEnd" sw[p] >= SWEEPING_MARKED ==>
  begin
    if sw[p] = SWEEPING_MARKED then sw[p] := SWEPT; else free(p); end;
  end;

  rule "Scavenge" kind[p] = FREE & whole(p, len[p]) > 0 & rel[p] != whole(p, len[p]) ==>
  var pages: Count;
  begin
    pages := whole(p, len[p]);
    released := released + pages - rel[p];
    rel[p] := pages;
  end;
end;

rule "GCStart" phase = OFF & forall p: Page do sw[p] = SWEPT end ==> begin phase := MARK; end;

rule "Flip" phase = MARK ==>
begin
  phase := OFF;
  for p: Page do
    if kind[p] = IN_USE then
      if own[p] != 0 then sw[p] := MARKED; else sw[p] := UNMARKED; end;
    end;
  end;
end;

invariant "I1 tiling and table"
  kind[0] != NONE &
  forall p: Page do
    kind[p] != NONE ->
      (len[p] >= 1 & p + len[p] <= P & h[p] = p + 1 & h[p + len[p] - 1] = p + 1 &
       (kind[p] = FREE | forall i: Page do i <= p | i >= p + len[p] - 1 | h[i] = p + 1 end) &
       (p + len[p] = P | kind[p + len[p]] != NONE))
  end;

invariant "I2 coalesced"
  forall p: Page do kind[p] = FREE & p + len[p] < P -> kind[p + len[p]] != FREE end;

invariant "I3 the statistic" released = total_released();

invariant "I4 releasable"
  forall p: Page do rel[p] = 0 | (kind[p] = FREE & rel[p] <= whole(p, len[p])) end;

invariant "I5 sweep protocol"
  (phase = MARK -> forall p: Page do sw[p] = SWEPT end) &
  forall p: Page do
    sw[p] >= SWEEPING_MARKED -> forall q: Page do sw[q] < SWEEPING_MARKED | p = q end
  end;

invariant "I6 reachable"
  forall p: Page do
    (sw[p] = UNMARKED | sw[p] = SWEEPING_UNMARKED -> own[p] = 0) & (kind[p] = STACK -> own[p] != 0)
  end;

/* The benchmark model "page heap, coarse" for SPIN, written from the definition of the model.
 * Names are those of ../pageheap, which says what each array means; its `len` is a keyword here, hence `npages`.
 * Parameters, for spin -a: -DP=6 -DT=2 -DH=1 [-DNMAX=3] [-DPHYS=2], and -DBFS if pan is compiled with it.
 *
 * Each enabled instance of an action is one option of one loop, and one d_step: one transition, no state between.
 * What differs from the definition: a state before the initial one and the step between them, so SPIN stores one state
 * more than the definition counts. The invariants are guards that are never true in a correct model: SPIN evaluates
 * them once in each state that it expands, which are all that it stores, and they add neither state nor transition.
 */

#ifndef P
#define P 4
#endif
#ifndef T
#define T 2
#endif
#ifndef H
#define H 1
#endif
#ifndef NMAX
#define NMAX 3
#endif
#ifndef PHYS
#define PHYS 2
#endif
#if P < 2 || P > 8 || T < 1 || T > 3 || NMAX < 1 || NMAX > 3
#error "the instances below are written out for P in 2..8, T in 1..3 and NMAX in 1..3"
#endif

#define NONE 0
#define FREE 1
#define IN_USE 2
#define STACK 3
#define SWEPT 0
#define MARKED 1
#define UNMARKED 2
#define SWEEPING_MARKED 3
#define OFF 0
#define MARK 1

byte h[P], npages[P], kind[P], rel[P], own[P], sw[P], phase, released;

/* Scratch, 0 between transitions. Hidden variables are no part of a state; breadth-first, pan refuses them. */
#ifdef BFS
#define SCRATCH byte
#else
#define SCRATCH hidden byte
#endif
SCRATCH b, size, first, last, gone, i, q, broken;
#define CLEAR b = 0; size = 0; first = 0; last = 0; gone = 0; i = 0; q = 0

/* F over all pages, joined by an operator: OVER for F(page), FOR_EACH for F(page, x), which may stand inside OVER. */

#define OVER(op, F) (F(0) op F(1) OVER2(op, F) OVER3(op, F) OVER4(op, F) OVER5(op, F) OVER6(op, F) OVER7(op, F))
#define FOR_EACH(op, F, x) \
	(F(0, x) op F(1, x) EACH2(op, F, x) EACH3(op, F, x) EACH4(op, F, x) EACH5(op, F, x) EACH6(op, F, x) EACH7(op, F, x))
#if P > 2
#define OVER2(op, F) op F(2)
#define EACH2(op, F, x) op F(2, x)
#define PAGE2(F) F(2)
#else
#define OVER2(op, F)
#define EACH2(op, F, x)
#define PAGE2(F)
#endif
#if P > 3
#define OVER3(op, F) op F(3)
#define EACH3(op, F, x) op F(3, x)
#define PAGE3(F) F(3)
#else
#define OVER3(op, F)
#define EACH3(op, F, x)
#define PAGE3(F)
#endif
#if P > 4
#define OVER4(op, F) op F(4)
#define EACH4(op, F, x) op F(4, x)
#define PAGE4(F) F(4)
#else
#define OVER4(op, F)
#define EACH4(op, F, x)
#define PAGE4(F)
#endif
#if P > 5
#define OVER5(op, F) op F(5)
#define EACH5(op, F, x) op F(5, x)
#define PAGE5(F) F(5)
#else
#define OVER5(op, F)
#define EACH5(op, F, x)
#define PAGE5(F)
#endif
#if P > 6
#define OVER6(op, F) op F(6)
#define EACH6(op, F, x) op F(6, x)
#define PAGE6(F) F(6)
#else
#define OVER6(op, F)
#define EACH6(op, F, x)
#define PAGE6(F)
#endif
#if P > 7
#define OVER7(op, F) op F(7)
#define EACH7(op, F, x) op F(7, x)
#define PAGE7(F) F(7)
#else
#define OVER7(op, F)
#define EACH7(op, F, x)
#define PAGE7(F)
#endif
#define PAGES(F) F(0) F(1) PAGE2(F) PAGE3(F) PAGE4(F) PAGE5(F) PAGE6(F) PAGE7(F)

/* Physical pages wholly inside a span of n pages at p. */

#define UP(p) ((p) + (PHYS - (p) % PHYS) % PHYS)
#define DOWN(p) ((p) - (p) % PHYS)
#define WHOLE(p, n) (DOWN((p) + (n)) > UP(p) -> DOWN((p) + (n)) - UP(p) : 0)

/* Guards. */

#define HELD(p, t) (own[p] == t)
#define FITS(p, n) (kind[p] == FREE && npages[p] >= n)
#define IS_SWEPT(p) (sw[p] == SWEPT)
#define SWEEPING(p) (sw[p] >= SWEEPING_MARKED)

/* Invariants. */

#define FINDS(i, p) (i < p || i >= p + npages[p] || h[i] == p + 1)
#define TILED(p) (kind[p] == NONE || (npages[p] >= 1 && p + npages[p] <= P && h[p] == p + 1 && h[p + npages[p] - 1] == p + 1 \
	&& (kind[p] == FREE || FOR_EACH(&&, FINDS, p)) && (p + npages[p] == P || kind[p + npages[p]] != NONE)))
#define COALESCED(p) (kind[p] != FREE || p + npages[p] >= P || kind[p + npages[p]] != FREE)
#define REL(p) rel[p]
#define RELEASABLE(p) (rel[p] == 0 || (kind[p] == FREE && rel[p] <= WHOLE(p, npages[p])))
#define REACHABLE(p) ((sw[p] != UNMARKED && sw[p] != UNMARKED + 2 || own[p] == 0) && (kind[p] != STACK || own[p] != 0))

#define VIOLATED(n, holds) :: d_step { !(holds) -> broken = n; assert(broken != n) }

/* Operations. */

inline place_free(p, n, r)
{
	kind[p] = FREE;
	npages[p] = n;
	rel[p] = r;
	h[p] = p + 1;
	h[p + n - 1] = p + 1
}

inline take_free(p)
{
	h[p + npages[p] - 1] = 0;
	h[p] = 0;
	kind[p] = NONE;
	npages[p] = 0;
	rel[p] = 0
}

inline allocate(t, n, k)
{
	b = 0;
	size = P + 1;
	for (i : 0 .. P - 1) {
		if
		:: kind[i] == FREE && n <= npages[i] && npages[i] < size -> b = i; size = npages[i]
		:: else
		fi
	};
	released = released - rel[b];
	take_free(b);
	kind[b] = k;
	npages[b] = n;
	own[b] = t;
	for (i : b .. b + n - 1) { h[i] = b + 1 };
	if
	:: n < size -> place_free(b + n, size - n, 0)
	:: else
	fi;
	CLEAR
}

inline free_span(p)
{
	first = p;
	last = p + npages[p];
	gone = 0;
	for (i : p .. last - 1) { h[i] = 0 };
	kind[p] = NONE;
	npages[p] = 0;
	own[p] = 0;
	sw[p] = SWEPT;
	if
	:: p > 0 ->
		q = h[p - 1] - 1;
		if
		:: kind[q] == FREE -> first = q; gone = gone + rel[q]; take_free(q)
		:: else
		fi
	:: else
	fi;
	if
	:: last < P ->
		if
		:: kind[last] == FREE -> q = last; last = last + npages[q]; gone = gone + rel[q]; take_free(q)
		:: else
		fi
	:: else
	fi;
	size = last - first;
	place_free(first, size, gone);
	CLEAR
}

/* Actions: an option for each instance. */

#define ALLOC(t, n, k) :: d_step { FOR_EACH(+, HELD, t) < H && FOR_EACH(||, FITS, n) -> allocate(t, n, k) }
#define ALLOC1(t) ALLOC(t, 1, IN_USE) ALLOC(t, 1, STACK)
#if NMAX > 1
#define ALLOC2(t) ALLOC(t, 2, IN_USE) ALLOC(t, 2, STACK)
#else
#define ALLOC2(t)
#endif
#if NMAX > 2
#define ALLOC3(t) ALLOC(t, 3, IN_USE) ALLOC(t, 3, STACK)
#else
#define ALLOC3(t)
#endif
#define ALLOCS(t) ALLOC1(t) ALLOC2(t) ALLOC3(t)

/* Which thread drops or frees is told by the span, so the page alone is the instance. */
#define DROP(p) :: d_step { kind[p] == IN_USE && own[p] != 0 -> own[p] = 0 }
#define FREE_STACK(p) :: d_step { phase == OFF && kind[p] == STACK && own[p] != 0 -> free_span(p) }
#define SWEEP_BEGIN(p) \
	:: d_step { (sw[p] == MARKED || sw[p] == UNMARKED) && phase == OFF && !OVER(||, SWEEPING) -> sw[p] = sw[p] + 2 }
#define SWEEP_END(p) \
	:: d_step { sw[p] >= SWEEPING_MARKED -> if :: sw[p] == SWEEPING_MARKED -> sw[p] = SWEPT :: else -> free_span(p) fi }
#define SCAVENGE(p) \
	:: d_step { kind[p] == FREE && WHOLE(p, npages[p]) > 0 && rel[p] != WHOLE(p, npages[p]) -> \
		size = WHOLE(p, npages[p]); released = released + size - rel[p]; rel[p] = size; CLEAR }

init {
	d_step { place_free(0, P, 0) };
	do
	VIOLATED(1, kind[0] != NONE && OVER(&&, TILED))
	VIOLATED(2, OVER(&&, COALESCED))
	VIOLATED(3, released == OVER(+, REL))
	VIOLATED(4, OVER(&&, RELEASABLE))
	VIOLATED(5, (phase == OFF || OVER(&&, IS_SWEPT)) && OVER(+, SWEEPING) <= 1)
	VIOLATED(6, OVER(&&, REACHABLE))
	ALLOCS(1)
#if T > 1
	ALLOCS(2)
#endif
#if T > 2
	ALLOCS(3)
#endif
	PAGES(DROP)
	PAGES(FREE_STACK)
	PAGES(SWEEP_BEGIN)
	PAGES(SWEEP_END)
	PAGES(SCAVENGE)
	:: d_step { phase == OFF && OVER(&&, IS_SWEPT) -> phase = MARK }
	:: d_step { phase == MARK -> phase = OFF;
		for (i : 0 .. P - 1) {
			if
			:: kind[i] == IN_USE -> if :: own[i] != 0 -> sw[i] = MARKED :: else -> sw[i] = UNMARKED fi
			:: else
			fi
		};
		CLEAR
	}
	od
}

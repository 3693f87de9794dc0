"""The kernel: conditions with facts of their own, integers, what is known from earlier runs, other solvers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import z3

from checker.symbolic.linear import integer
from checker.symbolic.number import Term, unsigned
from proofs.confirming.ask import Asking
from proofs.kernel import Claim, Condition, Problem, Work, decide
from proofs.kernel.export import logic, script
from proofs.kernel.queries import Digests
from proofs.results import Opinion, Result

TRUE = z3.BoolVal(True)
X, Y = z3.Ints("x y")
F = z3.Function("f", z3.IntSort(), z3.IntSort())


def conclude(*conditions: Condition, work: Work | None = None, premises: Sequence[Term] = ()) -> Result:
    named = {f"premise {i}": p for i, p in enumerate(premises)}
    claim = Claim(
        "c", "A statement.", "mheap.go:x", "a.b", lambda: Problem(named, list(conditions), inputs={"x": integer(X, 0, 9)})
    )
    return decide(claim, work)[0]


def follows(name: str, goal: Term, *given: Term) -> Condition:
    return Condition(name, TRUE, goal, given=given)


def test_a_condition_may_use_its_own_facts() -> None:
    assert conclude(follows("c", X > 2, X > 1, X != 2)).verdict == "proved"


def test_a_condition_may_not_use_the_facts_of_another_one() -> None:
    result = conclude(follows("first", X > 1, X > 2), follows("second", X > 1))
    assert (result.verdict, "second: does not follow" in result.detail) == ("not proved", True)


def test_a_counterexample_in_integers_is_given_with_its_values() -> None:
    result = conclude(follows("c", X != 7), premises=[X >= 7, X <= 7])
    assert (result.verdict, "x=7" in result.detail) == ("not proved", True)


def test_a_path_that_cannot_happen_is_counted() -> None:
    result = conclude(follows("never", X == Y, X < 0, X > 0), follows("at times", X > 0, X > 1))
    assert (result.verdict, result.conditions, result.vacuous) == ("proved", 2, 1)


def test_a_claim_of_which_no_path_can_happen_is_not_proved() -> None:
    result = conclude(follows("never", X == Y, X < 0, X > 0), follows("neither", X > 0, Y < Y))
    assert (result.verdict, "want of cases" in result.detail) == ("not proved", True)


def test_facts_that_contradict_the_premises_make_a_path_that_cannot_happen() -> None:
    result = conclude(follows("never", X == Y, X < 0), follows("at times", X > 0), premises=[X > 0])
    assert (result.verdict, result.vacuous) == ("proved", 1)


def test_a_lemma_may_be_used_only_where_its_own_facts_hold() -> None:
    lemma = Condition("lemma", TRUE, X > 0, lemma=True, given=(X > 5,))
    assert conclude(lemma, follows("with", X > 0, X > 5)).verdict == "proved"
    assert conclude(lemma, follows("without", X > 0)).verdict == "not proved"


def test_conditions_of_the_same_path_are_decided_at_once_and_the_one_that_fails_is_named() -> None:
    given = (X > 1, F(X) == Y)
    conditions = [Condition(f"c{i}", TRUE, 1 - i < X, given=given) for i in range(4)]
    found: list[str] = []
    assert conclude(*conditions, work=Work(found=found.append)).verdict == "proved"
    assert len(found) == 1
    conditions.insert(2, Condition("wrong", TRUE, Y > 1, given=given))
    result = conclude(*conditions)
    assert (result.verdict, result.detail.partition(":")[0]) == ("not proved", "wrong")


def test_what_is_known_is_not_asked_again_and_what_is_not_known_is() -> None:
    found: list[str] = []
    conditions = follows("one", X > 2, X > 3), follows("two", X > 1, X > 3)
    conclude(*conditions, work=Work(found=found.append))
    assert len(found) == 2
    wrong = follows("one", X > 4, X > 3)
    assert conclude(wrong, work=Work(known=frozenset(found))).verdict == "not proved"
    asked: list[str] = []
    conclude(*conditions, work=Work(known=frozenset(found), found=asked.append))
    assert asked == found


def test_queries_that_differ_have_different_names() -> None:
    of = Digests()
    x = z3.BitVec("x", 8)
    queries = [[X > 1], [X > 2], [Y > 1], [z3.Real("x") > 1], [x > 1], [z3.UGT(x, 1)], [X > 1, X > 2], [z3.And(X > 1, X > 2)]]
    assert len({of(q) for q in queries}) == len(queries)
    assert of([X > 1]) == Digests()([X > 1])


def test_a_script_says_its_logic_and_the_status_that_is_expected() -> None:
    wide = unsigned("w", 64)
    assert logic([wide > 3]) == "QF_UFBV"
    assert logic([F(X) + 2 * Y > 3]) == "QF_UFLIA"
    assert logic([X * Y > 3]) == "ALL"
    text = script([X > 1, X < 0], "QF_UFLIA", "a claim: a |condition|")
    assert "(set-logic QF_UFLIA)" in text
    assert "(set-info :source |a claim: a /condition/|)" in text
    assert "(set-info :status unsat)" in text
    again = z3.Solver()
    again.from_string(text)
    assert again.check() == z3.unsat


def test_symbols_that_smtlib_reserves_are_renamed_apart() -> None:
    names = [".x", "@x", "_.x", "_@x", ". x"]
    symbols = [z3.Int(n) for n in names]
    text = script([z3.Distinct(symbols), *(s == i for i, s in enumerate(symbols))], "QF_UFLIA")
    again = z3.Solver()
    again.from_string(text)
    assert again.check() == z3.sat
    declared = {str(d) for d in again.model().decls()}
    assert len(declared) == len(names)
    assert not any(d.startswith((".", "@")) for d in declared)


def test_each_condition_is_exported_to_a_file_of_its_own(tmp_path: Path) -> None:
    conclude(follows("Never (path 1)", X == Y, X < 0, X > 0), follows("at times", X > 0, X > 1), work=Work(export=tmp_path))
    assert sorted(f.name for f in (tmp_path / "c").iterdir()) == ["001-never-path-1.smt2", "002-at-times.smt2"]


def opinion(name: str, *conditions: Condition) -> Opinion:
    pytest.importorskip(name)
    result = conclude(*conditions, work=Work(solvers=(name,)))
    assert result.verdict == "proved", result.detail
    return result.opinions[0]


def test_cvc5_confirms_integers() -> None:
    said = opinion("cvc5", follows("one", X > 2, X > 3), follows("two", F(X) > 0, F(Y) > 0, X == Y))
    assert (said.confirmed, said.not_asked, said.gave_up, said.contradicted) == (2, 0, (), ())


def test_bitwuzla_confirms_words_and_is_not_asked_about_integers() -> None:
    w = unsigned("w", 64)
    assert opinion("bitwuzla", follows("words", w <= 5, w <= 4)).confirmed == 1
    assert opinion("bitwuzla", follows("integers", X > 2, X > 3)).not_asked == 1


def test_a_solver_that_contradicts_z3_unproves_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asking, "ask", lambda self, text: "sat")
    result = conclude(follows("one", X > 2, X > 3), work=Work(solvers=("cvc5",)))
    assert result.verdict == "not proved"
    assert "contradicts z3 on 'one'" in result.detail
    assert result.opinions[0].contradicted == ("one",)

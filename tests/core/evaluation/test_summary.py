from itertools import product

import pytest

from core.evaluation.summary import _PROMPTS, _TEXTS, clauses, headline, sentence, text_of
from core.jobs.scores import Clause, Difference, Prompted, Scores
from core.jobs.spec import EvaluationResult

SCORES = Scores(perplexity=2.0)


def difference(measure, before, after, word, **more):
    return Difference(
        measure=measure, count=50, before=before, after=after, low=0, high=0, word=word, **more
    )


def result(*found, prompted=()):
    return EvaluationResult(
        examples=50,
        base=SCORES,
        tuned=SCORES,
        differences=list(found),
        prompted=list(prompted),
    )


def test_the_whole_sentence() -> None:
    prompt = Prompted(
        shots=5, count=20, scores={"chrf": 37.0}, measure="chrf", share=0.61, word="better"
    )
    said = sentence(
        result(
            difference("format_share", 0, 1, "better"),
            difference("exact_match", 0, 0.04, "unknown"),
            difference("chrf", 26.2, 44.2, "better"),
            difference("invented", 0.08, 0.06, "none"),
            difference("everyday_perplexity", 2.25, 3.16, "worse"),
            prompted=[prompt],
        )
    )
    assert said == (
        "In the right format: 100%, before 0%. "
        "Answers: closer to the expected ones (chrF 44, before 26). "
        "Invented facts: no difference found (6% of answers, before 8%). "
        "Everyday knowledge: slightly worse (2.2 → 3.2). "
        "A prompt with 5 examples reaches 61% of the gain."
    )


def test_exactly_right_counts_where_it_happens() -> None:
    found = result(
        difference("exact_match", 0.3, 0.9, "better"), difference("chrf", 40, 95, "better")
    )
    assert sentence(found) == "Exactly right: 90%, before 30%."


def test_nothing_is_said_of_what_was_not_asked_and_of_single_tasks() -> None:
    assert clauses(result()) == []
    some = [
        difference("chrf", 1, 2, "better", task="a"),
        difference("chrf", 1, 2, "better", against="train-001"),
    ]
    assert sentence(result(*some)) == ""


@pytest.mark.parametrize(("after", "word"), [(2.8, "slightly"), (3.3, "clearly"), (40, "much")])
def test_answers_may_differ_where_nothing_was_forgotten(after: float, word: str) -> None:
    own = difference("everyday_perplexity", 2, after, "worse").model_copy(update={"low": 0.6})
    both = [own, difference("everyday", 0.8, 0.79, "none")]
    codes = [c.code for c in clauses(result(*both))]
    assert codes == ["everyday.none", f"everyday_answers.{word}_worse"]
    both[0] = difference("everyday_perplexity", 2, 2.1, "none")
    assert [c.code for c in clauses(result(*both))] == ["everyday.none"]


def test_a_perplexity_of_13_that_became_22_is_not_called_slight() -> None:
    own = difference("everyday_perplexity", 13.1, 21.9, "worse").model_copy(update={"low": 0.3})
    assert sentence(result(own)) == "Everyday knowledge: clearly worse (13.1 → 21.9)."
    right = difference("everyday", 0.5, 0.5, "none")
    assert sentence(result(own, right)).endswith(
        "Everyday answers: clearly different from before (perplexity 13.1 → 21.9)."
    )


@pytest.mark.parametrize(
    ("word", "share", "code"),
    [("better", 0.4, "share"), ("better", -0.1, "nothing"), ("none", 0.9, "as_good"),
     ("worse", 1.4, "better"), ("unknown", None, "unknown"), ("unknown", 0.8, "share")],
)  # fmt: skip
def test_what_a_prompt_reaches(word: str, share: float | None, code: str) -> None:
    asked = [
        Prompted(shots=shots, count=9, scores={"chrf": 10.0 + shots}, measure="chrf",
                 share=share, word=word)
        for shots in (0, 1, 3)
    ]  # fmt: skip
    (found,) = clauses(result(prompted=asked))
    assert found.code == f"prompt.{code}"
    assert found.values["shots"] == 3, "the best of them"


def test_every_code_has_its_text() -> None:
    words = ("better", "worse", "none", "unknown")
    names = ("format", "exact", "answers", "invented", "everyday", "everyday_perplexity")
    wanted = {f"{name}.{word}" for name, word in product(names, words)}
    graded = {code for code in wanted if code.startswith("everyday") and code.endswith(".worse")}
    wanted -= graded
    for code, much in product(graded | {"everyday_answers.worse"}, ("slightly", "clearly", "much")):
        wanted.add(code.replace(".worse", f".{much}_worse"))
    assert wanted <= set(_TEXTS)
    for code in [*_TEXTS, *_PROMPTS]:
        values = {"before": 0.1, "after": 0.2, "shots": 1.0, "share": 0.5}
        assert str(text_of(Clause(code=code, values=values))).endswith(".")


def test_the_headline_says_in_short_whether_it_is_better() -> None:
    better = difference("format_share", 0, 1, "better")
    worse = difference("chrf", 40, 20, "worse")
    unknown = difference("invented", 0.4, 0.7, "unknown")
    none = difference("invented", 0.4, 0.4, "none")
    cases = {
        (better, unknown): "Better than the base model in 1 of 2 scores.",
        (better, worse): "Better than the base model in 1 of 2 scores, worse in 1.",
        (worse, none): "Worse than the base model in 1 of 2 scores.",
        (unknown,): "The scores are not enough to tell whether it is better.",
        (none,): "No difference from the base model was found.",
    }
    assert {found: headline(result(*found)) for found in cases} == cases
    assert headline(result()) == ""


def test_the_headline_tells_what_was_forgotten_only_where_that_is_certain() -> None:
    better = difference("format_share", 0, 1, "better")
    slightly = difference("everyday_perplexity", 2.25, 2.4, "worse")
    unknown = difference("everyday", 0.42, 0.41, "unknown")
    said = "Better than the base model in the one score that was measured."
    assert headline(result(better, slightly)) == f"{said} It forgot a little everyday knowledge."
    assert headline(result(better, unknown, slightly)) == said

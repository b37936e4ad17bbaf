import random

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from core.evaluation.paired import Measured, differences, rouge_l

WORDS = "the a river runs past old stone house and quiet garden".split()  # noqa: SIM905


def texts(seed: int, count: int, longest: int = 12) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(1, longest))) for _ in range(count)]


def by_measure(found, task=""):
    return {one.measure: one for one in found if one.task == task}


@pytest.mark.parametrize("seed", range(8))
def test_scores_are_those_of_sacrebleu(seed: int) -> None:
    answers, wanted = texts(seed, 9), texts(seed + 100, 9)
    answers[0] = ""
    found = by_measure(differences(Measured(answers=answers), Measured(answers=wanted), wanted))
    bleu = BLEU().corpus_score(answers, [wanted]).score
    chrf = CHRF().corpus_score(answers, [wanted]).score
    assert found["bleu"].before == pytest.approx(bleu)
    assert found["chrf"].before == pytest.approx(chrf)
    assert found["bleu"].after == pytest.approx(BLEU().corpus_score(wanted, [wanted]).score)
    assert found["chrf"].after == found["rouge_l"].after == pytest.approx(100)


def test_answers_without_a_common_word_score_nothing() -> None:
    found = by_measure(
        differences(Measured(answers=["xyz"] * 9), Measured(answers=[""] * 9), texts(1, 9))
    )
    assert found["bleu"].before == found["bleu"].after == found["rouge_l"].before == 0
    assert found["chrf"].after == 0


def test_rouge_worked_out_by_hand() -> None:
    """The longest common subsequence is *the sat on mat*, four of six and of five words."""
    assert rouge_l("The cat sat on the mat.", "the dog sat on mat") == pytest.approx(800 / 11)
    assert rouge_l("我们走", "我们来") == pytest.approx(200 / 3)
    assert rouge_l("", "") == 100
    assert rouge_l("", "word") == 0


def test_the_subsequence_is_the_longest() -> None:
    def slow(a: list[str], b: list[str]) -> int:
        table = np.zeros((len(a) + 1, len(b) + 1), int)
        for i, x in enumerate(a):
            for j, y in enumerate(b):
                best = max(table[i, j + 1], table[i + 1, j])
                table[i + 1, j + 1] = table[i, j] + 1 if x == y else best
        return int(table[-1, -1])

    for one, other in zip(texts(3, 40, 30), texts(4, 40, 30), strict=True):
        words, wanted = one.split(), other.split()
        expected = 200 * slow(words, wanted) / (len(words) + len(wanted))
        assert rouge_l(one, other) == pytest.approx(expected)


def test_a_clear_gain_is_found_and_no_gain_is_not() -> None:
    wanted, chance = texts(5, 40), np.random.default_rng(1)
    losses = np.stack([chance.normal(30, 5, 40), np.full(40, 10.0)], axis=1)
    base = Measured(losses, texts(6, 40), [False] * 40)
    tuned = Measured(losses * [0.5, 1], wanted, [True] * 40)
    found = by_measure(differences(base, tuned, wanted))
    assert {one.word for one in found.values()} == {"better"}
    assert set(found) == {"perplexity", "format_share", "exact_match", "bleu", "chrf", "rouge_l"}
    assert found["perplexity"].high < 0 < found["chrf"].low
    assert found["perplexity"].before == pytest.approx(np.exp(losses[:, 0].mean() / 10))
    back = by_measure(differences(tuned, base, wanted))
    assert {one.word for one in back.values()} == {"worse"}
    same = by_measure(differences(base, base, wanted))
    assert same["chrf"].low == same["chrf"].high == 0
    assert {one.word for one in same.values()} == {"none"}


def test_few_examples_are_not_enough_for_any_word() -> None:
    wanted = texts(5, 7)
    found = differences(Measured(answers=texts(6, 7)), Measured(answers=wanted), wanted)
    assert {one.word for one in found} == {"unknown"}
    one = differences(Measured(answers=["a"]), Measured(answers=["b"]), ["b"])
    assert {of.word for of in one} == {"unknown"}


def test_a_single_fine_tune_may_help_one_task_and_harm_another() -> None:
    wanted = texts(7, 60)
    noise = texts(8, 60)
    half = ["a"] * 30 + ["b"] * 30
    base = Measured(answers=noise[:30] + wanted[30:])
    tuned = Measured(answers=wanted[:30] + noise[30:])
    found = differences(base, tuned, wanted, half)
    assert by_measure(found, "a")["chrf"].word == "better"
    assert by_measure(found, "b")["chrf"].word == "worse"
    assert by_measure(found, "a")["chrf"].count == 30
    alone = differences(base, tuned, wanted, ["a"] * 60)
    assert {one.task for one in alone} == {""}


def test_losses_may_be_known_of_more_examples_than_were_asked() -> None:
    losses = np.stack([np.full(20, 9.0), np.full(20, 3.0)], axis=1)
    wanted = texts(9, 10)
    tasks = ["a", "b"] * 10
    found = differences(Measured(losses, wanted), Measured(losses, wanted), wanted, tasks)
    assert by_measure(found)["perplexity"].count == 20
    assert by_measure(found)["chrf"].count == 10
    assert by_measure(found, "a")["chrf"].count == 5

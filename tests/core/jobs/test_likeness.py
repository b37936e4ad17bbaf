import pytest

from core.jobs.likeness import Answered, Likeness, Verdict


@pytest.mark.parametrize(
    ("loss", "divergence", "verdict"),
    [
        (1.005, 0.001, Verdict.SAME),
        (0.995, 0.001, Verdict.SAME),
        (1.0, 0.1, Verdict.SIMILAR),
        (1.1, 0.001, Verdict.SIMILAR),
        (1.4, 0.001, Verdict.DIFFERENT),
        (1.0, 0.4, Verdict.DIFFERENT),
        (float("nan"), 0.0, Verdict.DIFFERENT),
        (1.0, float("nan"), Verdict.DIFFERENT),
    ],
)
def test_what_counts_as_alike(loss, divergence, verdict):
    found = Likeness(tokens=9, loss=loss, wanted=1.0, divergence=divergence)
    assert found.verdict is verdict


def test_the_same_words_are_the_same_answer():
    one = Answered(question="q", wanted="a  b\n", wanted_ended=True, answer="a b", ended=False)
    assert one.same
    assert not one.model_copy(update={"answer": "a c"}).same

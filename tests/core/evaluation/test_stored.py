import pytest

from core.errors import UserFacingError
from core.evaluation.stored import read_evaluation
from core.project import RunFolder
from core.storage.files import write_json

SCORES = {"perplexity": 2.5, "loss": 0.9, "bleu": 1.0}
ANSWER = {
    "question": "q",
    "base": "a",
    "tuned": "b",
    "reference": "",
    "kind": "general",
    "turns": [{"role": "user", "text": "q"}],
    "cut": False,
    "base_cut": False,
    "tuned_cut": False,
}
GOOD = {
    "run": "train-001",
    "examples": 12,
    "base": SCORES,
    "tuned": SCORES,
    "forgetting": {"base": 1.0, "tuned": 2.0},
    "answers": [ANSWER],
}


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path)


def test_what_the_job_writes_is_read_as_it_is(run):
    write_json(run.evaluation_file, GOOD)
    assert read_evaluation(run).document() == {"part": "validation", "format": "", **GOOD}


def test_everything_that_an_evaluation_may_hold_is_read(run):
    rows = [{"tokens": 3, "base": 2.0, "tuned": 1.0, "task": "a"}]
    rules = {"a": [{"code": "keys", "texts": ["x", "y"], "low": 0, "high": 0}]}
    change = {"before": 1.0, "after": 2, "low": 0.5, "high": 1.5, "word": "better", "count": 9}
    some = [{"measure": "chrf", "task": "", "against": "base", **change}]
    content = {**GOOD, "rules": rules, "differences": some, "rows": rows}
    write_json(run.evaluation_file, content)
    assert read_evaluation(run).document() == {"part": "validation", "format": "", **content}


def test_the_evaluation_of_a_real_training_is_read(walked):
    assert read_evaluation(walked.project.run("train-001")).base == walked.scores.base


@pytest.mark.parametrize(
    "wrong",
    [
        {"examples": "many"}, {"examples": -1}, {"base": []}, {"tuned": {}},
        {"base": {"perplexity": "low"}}, {"base": {"perplexity": -1.0}},
        {"base": {**SCORES, "bleu": "x"}}, {"forgetting": 7}, {"answers": {}},
        {"answers": [{"question": "q"}]}, {"answers": [{**ANSWER, "base": 7}]},
        {"answers": [ANSWER] * 5001},
    ],
)  # fmt: skip
def test_anything_else_is_damage(run, wrong):
    write_json(run.evaluation_file, {**GOOD, **wrong})
    with pytest.raises(UserFacingError) as refusal:
        read_evaluation(run)
    assert refusal.value.code == "evaluation.damaged"


@pytest.mark.parametrize("content", [[], 7, None])
def test_what_is_no_object_is_damage(run, content):
    write_json(run.evaluation_file, content)
    with pytest.raises(UserFacingError):
        read_evaluation(run)

import pytest

from core.evaluation.compared import Formatting, compared_with_earlier
from core.evaluation.stored import Answers, Evaluation, Row
from core.jobs.scores import Scores
from core.project import Project
from core.storage.files import write_json

SCORES = Scores(perplexity=2.0)


def evaluation(run: str, answer: str, nats: float, count: int = 12, tokens: int = 5) -> Evaluation:
    answers = [
        Answers(question=f"q{n}", base="?", tuned=answer.format(n=n), reference=f"Number {n} is.")
        for n in range(count)
    ]
    answers.append(Answers(question="q", base="a", tuned="b", kind="general"))
    rows = [Row(tokens=tokens, base=20.0, tuned=nats, task="") for _n in range(count)]
    return Evaluation(
        run=run, examples=count, base=SCORES, tuned=SCORES, answers=answers, rows=rows
    )


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "p")


def earlier(project, *args, **more):
    run = project.new_run("train")
    write_json(run.evaluation_file, evaluation(run.name, *args, **more).document())


def found(project, mine):
    return compared_with_earlier(project, mine, Formatting("Number .*"))


def test_an_earlier_fine_tune_is_compared_on_the_same_questions(project):
    earlier(project, "Something else.", 10.0)
    project.new_run("train")
    by = {one.measure: one for one in found(project, evaluation("train-003", "Number {n} is.", 5))}
    assert {one.against for one in by.values()} == {"train-001"}
    assert {one.word for one in by.values()} == {"better"}
    assert by["perplexity"].count == by["format_share"].count == 12
    assert by["format_share"].before == 0


def test_another_tokenizer_leaves_only_the_texts(project):
    earlier(project, "Something else.", 10.0, tokens=7)
    measures = {one.measure for one in found(project, evaluation("train-002", "x", 5.0))}
    assert "perplexity" not in measures
    assert "chrf" in measures


def test_other_questions_damage_and_later_runs_are_left_out(project):
    earlier(project, "a", 10.0, count=7)
    damaged = project.new_run("train")
    damaged.evaluation_file.write_text("{", encoding="utf-8")
    earlier(project, "a", 10.0)
    assert found(project, evaluation("train-003", "b", 5.0)) == []


def test_the_three_last_ones_are_enough(project):
    for _n in range(5):
        earlier(project, "a", 10.0)
    names = {one.against for one in found(project, evaluation("train-006", "b", 5.0))}
    assert names == {"train-003", "train-004", "train-005"}

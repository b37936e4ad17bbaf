import json

import numpy as np
import pytest

from core.data.dataset import VersionMeta
from core.data.example import Example, Message, Source, to_json
from core.data.mixture import GENERAL_FILE
from core.evaluation.compared import Formatting, compared_with_earlier, compared_with_single
from core.evaluation.stored import Answers, Evaluation, Row
from core.jobs.scores import Scores
from core.jobs.spec import TrainingFacts
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


def version(project, name, *tasks):
    """A dataset version whose training examples have these tasks."""
    folder = project.versions / name
    folder.mkdir(parents=True)
    messages = (Message("user", "q"), Message("assistant", "a"))
    rows = [Example(messages, Source("f", 1), task) for task in tasks]
    rows.append(Example(messages, Source(GENERAL_FILE, 1), "general"))
    lines = [f'{json.dumps(to_json(row))[:-1]},"part":"train"}}' for row in rows]
    (folder / "examples.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    meta = VersionMeta(content_hash=name, counts={}, seed=1, held_out=0.1, near_threshold=0.8)
    (folder / "meta.json").write_text(meta.model_dump_json(), encoding="utf-8")


def trained(project, dataset, nats, first, count, base="b", **facts):
    run = project.new_run("train")
    known = {"steps": 9, "best_step": 9, "best_loss": 1.0, "base_contents": base, **facts}
    write_json(run.facts_file, TrainingFacts(dataset_version=dataset, **known).document())
    answers = [
        Answers(question=f"q{n}", base="?", tuned="yes", reference="yes")
        for n in range(first, first + count)
    ]
    rows = [
        Row(tokens=5, base=20.0, tuned=nats, task="ab"[n >= 12])
        for n in range(first, first + count)
    ]
    one = Evaluation(
        run=run.name, examples=count, base=SCORES, tuned=SCORES, answers=answers, rows=rows
    )
    write_json(run.evaluation_file, one.document())
    return one


def test_a_mixture_is_compared_with_runs_that_learned_one_task_alone(project):
    version(project, "alone_a", "", "")
    version(project, "alone_b", "b")
    version(project, "both", "a", "b")
    trained(project, "alone_a", 4.0, 0, 12)
    trained(project, "alone_a", 5.0, 0, 12)
    trained(project, "both", 1.0, 0, 24)
    trained(project, "alone_b", 6.0, 12, 12, base="another")
    trained(project, "alone_b", 6.0, 12, 12, more_of="train-001")
    trained(project, "alone_b", 6.0, 12, 7)
    mixed = trained(project, "both", 5.5, 0, 24)
    found = compared_with_single(project, mixed, Formatting())
    assert {(one.task, one.against) for one in found} == {("a", "train-002")}
    (lost,) = [one for one in found if one.measure == "perplexity"]
    assert lost.after / lost.before - 1 == pytest.approx(np.exp(0.1) - 1)
    assert (lost.word, lost.count) == ("worse", 12)
    assert compared_with_single(project, mixed.model_copy(update={"rows": []}), Formatting()) == []


def test_a_run_that_went_on_with_one_task_is_no_mixture(project):
    version(project, "alone_a", "a")
    version(project, "both", "a", "b")
    alone = trained(project, "alone_a", 4.0, 0, 12)
    further = trained(project, "alone_a", 5.0, 0, 12, more_of=alone.run)
    assert compared_with_single(project, further, Formatting()) == []
    one_sided = trained(project, "both", 5.0, 0, 12)
    found = compared_with_single(project, one_sided, Formatting())
    assert {(one.task, one.against) for one in found} == {("a", alone.run)}

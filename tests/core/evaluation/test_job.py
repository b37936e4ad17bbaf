import shutil

import pytest

from core.errors import UserFacingError
from core.evaluation.job import best_adapter_folder, general_questions, load_tuned
from core.files import read_json
from core.project import Project, RunFolder


def refused(action, *arguments):
    with pytest.raises(UserFacingError) as refusal:
        action(*arguments)
    return refusal.value.code


def test_every_question_has_both_answers(walked):
    stored = read_json(walked.project.run("train-001").evaluation_file)
    kinds = [answer["kind"] for answer in stored["answers"]]
    assert kinds == ["held_out"] * 4 + ["general"] * len(general_questions())
    for answer in stored["answers"]:
        assert answer["question"]
        assert isinstance(answer["base"], str)
        assert isinstance(answer["tuned"], str)


def test_forgetting_compares_the_bases_own_answers(walked):
    forgetting = walked.scores["forgetting"]
    assert forgetting["base"] > 1
    assert forgetting["tuned"] > 1


def test_the_questions_are_held_out(walked):
    tuned = load_tuned(walked.project, walked.project.run("train-001"))
    trained = {example.question for example in tuned.version.examples("train")}
    assert tuned.unseen_part == "test"
    assert not trained & {example.question for example in tuned.unseen_examples(50)}


def test_the_base_answers_with_the_adapter_off(walked):
    """The same numbers as a clean load of the base, to the bit."""
    import torch

    from core.export.proof import last_logits
    from core.models.loading import load_base

    tuned = load_tuned(walked.project, walked.project.run("train-001"))
    prompts = ["What comes after 7?", "Hello"]
    with tuned.model.disable_adapter():
        off = last_logits(tuned.model, tuned.tokenizer, prompts)
    clean = last_logits(load_base(walked.base, "nf4", "cpu"), tuned.tokenizer, prompts)
    assert torch.equal(off, clean)


def test_a_damaged_adapter_is_never_used(walked, tmp_path):
    run = RunFolder(tmp_path / "run")
    shutil.copytree(walked.project.run("train-001").root, run.root)
    folder = best_adapter_folder(run)
    weights = folder / "adapter_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-5] ^= 4
    weights.write_bytes(content)
    assert refused(best_adapter_folder, run) == "run.no_adapter"


def test_an_unfinished_run_is_said(tmp_path):
    project = Project.create(tmp_path / "p")
    assert refused(load_tuned, project, project.new_run("train")) == "run.not_finished"

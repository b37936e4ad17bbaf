import shutil
from types import SimpleNamespace

import pytest

from core.actions.results import evaluate
from core.chat.cuts import Answer
from core.chat.packing import collate
from core.data.example import Example, Message, Source
from core.errors import UserFacingError
from core.evaluation import job
from core.evaluation.everyday.general import general_questions
from core.evaluation.job import (
    _everyday_losses,
    _forgetting,
)
from core.evaluation.measuring import sides
from core.evaluation.measuring.losses import example_losses, mean
from core.evaluation.measuring.sides import Asked, Found, Side
from core.evaluation.stored import read_evaluation
from core.evaluation.tuned import Tuned, load_tuned
from core.jobs.spec import TrainingFacts
from core.project import Project, RunFolder
from core.storage.files import read_json
from core.training.checkpoints.checkpoint import StepFolders
from core.training.loss import token_losses
from core.training.result import best_adapter
from tests.core.training.conftest import examples


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
        assert isinstance(answer["cut"], bool)


def test_forgetting_compares_the_bases_own_answers(walked):
    forgetting = walked.scores.forgetting
    assert forgetting.base > 1
    assert forgetting.tuned > 1


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
    folder = best_adapter(run)
    weights = folder / "adapter_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-5] ^= 4
    weights.write_bytes(content)
    assert refused(best_adapter, run) == "run.no_adapter"


def test_an_unfinished_run_is_said(tmp_path):
    project = Project.create(tmp_path / "p")
    assert refused(load_tuned, project, project.new_run("train")) == "run.not_finished"


@pytest.fixture
def small(make_run, tokenizer, tmp_path):
    """A loaded run whose adapter does something, without a training."""
    import torch

    run = make_run("small")
    torch.manual_seed(1)
    for parameter in run.parameters:
        parameter.data += 0.05 * torch.randn_like(parameter)
    tuned = Tuned(
        run=run.link.folder,
        project=Project.create(tmp_path / "p"),
        config=run.config,
        version=SimpleNamespace(counts={"train": 9, "validation": 3, "test": 2}),
        model=run.model,
        tokenizer=tokenizer,
        device="cpu",
        facts=TrainingFacts(),
    )
    return SimpleNamespace(tuned=tuned, run=run, table=run.validation)


def test_the_base_is_measured_with_the_adapter_off(small, monkeypatch):
    import torch

    from core.export.proof import last_logits

    model, asked = small.tuned.model, ["What comes after 7?"]
    logits, losses, rooms = {}, {}, {}
    for name in ("base", "tuned"):

        def answer(model, tokenizer, prompts, name=name, max_new_tokens=0, **_):
            logits[name] = last_logits(model, tokenizer, asked)
            rooms.setdefault(name, []).append(max_new_tokens)
            return [Answer("answer")] * len(prompts)

        monkeypatch.setattr(sides, "generate_answers", answer)
        side = Side(small.tuned, name, small.table, Asked(examples(2)))
        losses[name] = side.measured(small.run.link).scores.loss
    with model.disable_adapter():
        off = last_logits(model, small.tuned.tokenizer, asked)
        assert mean(example_losses(small.tuned, small.table)) == losses["base"]
    assert torch.equal(logits["base"], off)
    assert not torch.equal(logits["tuned"], off)
    assert losses["tuned"] != losses["base"]
    assert rooms["tuned"] == rooms["base"]


def test_the_room_of_answers_is_generous_on_a_card_and_bounded_everywhere():
    assert job.answer_budget("cuda:0") == 256
    assert job.answer_budget("cpu") == 64
    for trained, room in (((3, 40), 80), ((60, 5), 120), ((4000,), 256)):
        assert job.answer_budget("cpu", SimpleNamespace(trained=trained)) == room


def test_a_cut_answer_marks_its_pair_and_ends_with_a_sentence():
    whole, cut = Answer("Tokyo."), Answer("It is Tokyo. The ci", cut=True)
    asked = examples(1)

    def found(answer):
        return Found(None, [answer], [answer] * len(general_questions()))

    for pair in job._paired(asked, found(cut), found(whole), (), general_questions()):
        assert (pair.base, pair.tuned, pair.cut) == ("It is Tokyo.", "Tokyo.", True)
    pairs = job._paired(asked, found(whole), found(whole), (), general_questions())
    assert len(pairs) > 1 and not any(pair.cut for pair in pairs)


def test_the_loss_is_a_mean_over_tokens(small):
    import torch

    total, trained = 0.0, 0
    for row in range(len(small.table)):
        batch = collate([small.table.row(row)])
        with torch.no_grad():
            total += float(token_losses(small.tuned.model, batch, "cpu").sum())
        trained += batch.trained_tokens
    assert mean(example_losses(small.tuned, small.table)) == pytest.approx(
        total / trained, rel=5e-3
    )


def test_scores_are_those_of_the_part_that_nobody_has_seen(small):
    assert small.tuned.unseen_part == "test"
    small.tuned.version.counts["test"] = 0
    assert small.tuned.unseen_part == "validation"


def test_a_damaged_best_adapter_is_passed_over(tmp_path):
    run = RunFolder(tmp_path)
    folders = StepFolders(run.best)
    for step in (1, 2):
        folders.save(step, lambda folder, step=step: (folder / "a").write_text(str(step)))
    (folders.path(2) / "a").write_text("3")
    assert best_adapter(run) == folders.path(1)


@pytest.mark.parametrize("answers", [[""], ["", "Yes."]])
def test_a_base_that_answers_nothing_is_compared_without_forgetting(walked, answers):
    tuned = load_tuned(walked.project, walked.project.run("train-001"))
    filled = (answers * len(general_questions()))[: len(general_questions())]
    losses = _everyday_losses(tuned, filled)
    found = _forgetting(losses) if losses else None
    assert found is None if answers == [""] else found.base > 1


def test_every_score_has_its_interval_and_what_it_was_computed_from(walked):
    stored = read_evaluation(walked.project.run("train-001"))
    found = {one.measure: one for one in stored.differences}
    assert found["perplexity"].before == pytest.approx(stored.base.perplexity, rel=1e-6)
    assert found["perplexity"].after == pytest.approx(stored.tuned.perplexity, rel=1e-6)
    assert found["chrf"].after == pytest.approx(stored.tuned.chrf)
    assert found["perplexity"].low <= found["perplexity"].high
    assert found["chrf"].word == "unknown", "four answers"
    assert found["perplexity"].count == len(stored.rows) == stored.examples
    assert all(row.tokens > 0 for row in stored.rows)


def test_the_loss_of_each_example_is_its_own(small):
    import torch

    found = example_losses(small.tuned, small.table)
    row = len(small.table) - 1
    batch = collate([small.table.row(row)])
    with torch.no_grad():
        alone = float(token_losses(small.tuned.model, batch, "cpu").sum())
    owner = small.table.examples[row]
    assert found[owner, 0] == pytest.approx(alone, rel=2e-2)
    assert found[owner, 1] == batch.trained_tokens


def test_everyday_answers_are_measured_by_right_answers_too(walked):
    from core.chat.everyday import everyday_questions

    stored = read_evaluation(walked.project.run("train-001"))
    (found,) = [d for d in stored.differences if d.measure == "everyday_perplexity"]
    assert found.count >= len(everyday_questions())
    assert found.before == pytest.approx(stored.forgetting.base, rel=1e-6)
    assert found.after == pytest.approx(stored.forgetting.tuned, rel=1e-6)


def test_answers_are_checked_for_inventions(walked):
    from core.evaluation.stored import read_evaluation

    evaluation = read_evaluation(walked.project.run("train-001"))
    kinds = [case.kind for case in evaluation.cases]
    assert kinds.count("held_out") == 4
    assert kinds[:4] == ["held_out"] * 4
    assert 0 < kinds.count("unknowable") <= 6
    (invented,) = [d for d in evaluation.differences if d.measure == "invented"]
    assert invented.count == len(kinds)
    assert evaluation.cases[0].tuned.text.startswith(evaluation.held_out[0].tuned[:5])
    made = [case for case in evaluation.cases if case.kind == "unknowable"]
    held_out = {case.question for case in evaluation.cases if case.kind == "held_out"}
    assert not held_out & {case.question for case in made}


def test_your_own_questions_are_asked_and_checked_but_change_no_score(own_copy, monkeypatch):
    from core.commands.terminal import run_job
    from core.evaluation.own_questions import OWN_TASK, OwnQuestion, write_own_questions

    before = read_evaluation(own_copy.run("train-001"))
    asked = [OwnQuestion(question="Who?", answer="Me."), OwnQuestion(question="Why?")]
    write_own_questions(own_copy, asked)
    evaluate(own_copy, questions=4, prompted=0, run_job=run_job)
    found = read_evaluation(own_copy.run("train-001"))
    own = [answer for answer in found.answers if answer.kind == "own"]
    assert [(one.question, one.reference) for one in own] == [("Who?", "Me."), ("Why?", "")]
    assert [case.kind for case in found.cases[:3]] == ["own", "own", "held_out"]
    assert found.tuned == before.tuned
    scored = [one for one in found.differences if one.task == OWN_TASK]
    assert {one.count for one in scored} == {1}
    mine = [one for one in found.differences if one.task != OWN_TASK]
    assert len(mine) == len(before.differences)
    assert found.prompted == []


def test_questions_that_were_judged_are_left_out(own_copy):
    """Whatever a fine-tune learned judgements about shows nothing about it."""
    from core.actions.results import evaluate
    from core.commands.terminal import run_job
    from core.storage.files import write_json
    from core.training.preferences.questions import question_hash

    run = own_copy.run("train-001")
    unseen = load_tuned(own_copy, run).unseen_examples(50)
    general = general_questions()[2]["question"]
    judged = [question_hash(text) for text in (unseen[0].question, unseen[3].question, general)]
    write_json(run.facts_file, {**read_json(run.facts_file), "judged_questions": judged})
    scores = evaluate(own_copy, questions=4, prompted=0, run_job=run_job)
    assert scores.left_out == 2
    stored = read_evaluation(run)
    asked = [answer.question for answer in stored.held_out]
    assert asked == [unseen[place].question for place in (1, 2, 4, 5)]
    assert len(stored.rows) == scores.examples == len(unseen) - 2
    assert general not in [answer.question for answer in stored.answers]


def test_a_fine_tune_that_was_told_everything_cannot_be_measured(own_copy):
    from core.storage.files import write_json
    from core.training.preferences.questions import question_hash

    run = own_copy.run("train-001")
    judged = [question_hash(e.question) for e in load_tuned(own_copy, run).unseen_examples(500)]
    write_json(run.facts_file, {**read_json(run.facts_file), "judged_questions": judged})
    assert refused(load_tuned(own_copy, run).require_fresh) == "evaluation.all_judged"


def test_of_a_talk_it_is_kept_who_said_what():
    said = [("system", "Be kind."), ("user", "When?"), ("assistant", "In March."), ("user", "Why?")]
    before = tuple(Message(role, text) for role, text in said)
    answered = Message("assistant", "Because of frost.")

    talk = Example((*before, answered), Source("chat.txt", 1))
    single = Example((*before[:2], answered), Source("chat.txt", 2))

    assert [(turn.role, turn.text) for turn in job._turns_before(talk)] == said
    assert job._turns_before(single) == []

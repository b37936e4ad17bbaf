"""Runs that were compared with their base, without a training."""

from core.evaluation.stored import Answers, Evaluation
from core.jobs.scores import Scores
from core.jobs.spec import TrainingFacts
from core.project import Project, RunFolder
from core.storage.files import write_json


def compared_run(project: Project, count: int = 12, base: str = "b1", first: int = 0) -> RunFolder:
    """Return a new run with answers of its own to questions from ``first`` on."""
    run = project.new_run("train")
    facts = TrainingFacts(
        dataset_version="v", base_model="/m", base_contents=base, steps=9, best_step=9, best_loss=1
    )
    write_json(run.facts_file, facts.document())
    answers = [
        Answers(
            question=f"q{n}", base=f"base {n}", tuned=f"{run.name} {n}", reference=f"r{n}",
            cut=n == first, tuned_cut=n == first,
        )
        for n in range(first, first + count)
    ]  # fmt: skip
    scores = Scores(perplexity=2.0)
    evaluation = Evaluation(
        run=run.name, examples=count, base=scores, tuned=scores, answers=answers
    )
    write_json(run.evaluation_file, evaluation.document())
    return run

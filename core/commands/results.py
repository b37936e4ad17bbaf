"""The terminal commands about what a training gave: comparing it, saving it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.actions.results import evaluate, export
from core.actions.state import owned
from core.commands.options import add_command, add_project, show, show_document
from core.evaluation import metrics
from core.export.job import FORMS
from core.jobs.spec import DEFAULT_QUESTIONS, EvaluationResult, ExportResult
from core.project import Project
from core.terminal import run_job


def add_commands(commands: Any) -> None:
    """Add ``evaluate`` and ``export``."""
    evaluate = add_command(commands, "evaluate", _evaluate, "compare the result with its base")
    add_project(evaluate)
    evaluate.add_argument("--run", default="", metavar="NAME")
    evaluate.add_argument("--questions", type=int, default=DEFAULT_QUESTIONS, metavar="N")

    export = add_command(commands, "export", _export, "save the result; it is loaded again first")
    add_project(export)
    export.add_argument("--run", default="", metavar="NAME")
    export.add_argument("--as", choices=FORMS, default=FORMS[0], dest="form")
    export.add_argument("--to", type=Path, required=True, metavar="DIR")


def _evaluate(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with owned(project):
        scores = evaluate(project, options.run, options.questions, run_job=run_job)
    show(options, score_lines(scores))
    show_document(options, scores.document())


def score_lines(scores: EvaluationResult) -> list[str]:
    """Return the scores of base and fine-tune as lines for people."""
    base, tuned = scores.base, scores.tuned
    fall = 1 - tuned.perplexity / base.perplexity
    lines = [
        f"On {metrics.measured_on(scores.part, scores.examples)}:",
        f"  perplexity         base {base.perplexity:.2f}, yours {tuned.perplexity:.2f} "
        f"({fall:.0%} lower)",
    ]
    if base.format_share is not None and tuned.format_share is not None:
        lines.append(
            f"  in the right form  base {base.format_share:.0%}, yours {tuned.format_share:.0%}"
        )
    for name, before, after in (
        ("exact match", base.exact_match, tuned.exact_match),
        ("BLEU", base.bleu, tuned.bleu),
        ("chrF", base.chrf, tuned.chrf),
    ):
        if before is not None and after is not None:
            lines.append(f"  {name:18s} base {before:.2f}, yours {after:.2f}")
    return lines


def _export(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with owned(project):
        result = export(project, options.run, options.to, options.form, run_job=run_job)
    show(options, [export_line(result)])
    show_document(options, result.document())


def export_line(result: ExportResult) -> str:
    """Return where the export is and how it was proved."""
    return (
        f"Saved in {result.folder}. Loaded again in a fresh process: largest difference of its "
        f"logits {result.largest_difference:g}."
    )

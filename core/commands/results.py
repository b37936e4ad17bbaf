"""The terminal commands about what a training gave: comparing it, saving it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.commands.options import add_command, add_project, show, show_document
from core.evaluation import metrics
from core.evaluation.job import DEFAULT_QUESTIONS
from core.export.job import FORMS
from core.project import Project
from core.walk.results import evaluate, export
from core.walk.state import owned


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
        scores = evaluate(project, options.run, options.questions)
    show(options, score_lines(scores))
    show_document(options, scores)


def score_lines(scores: dict[str, Any]) -> list[str]:
    """Return the scores of base and fine-tune as lines for people."""
    base, tuned = scores["base"], scores["tuned"]
    fall = 1 - tuned["perplexity"] / base["perplexity"]
    lines = [
        f"On {metrics.measured_on(scores['part'], scores['examples'])}:",
        f"  perplexity         base {base['perplexity']:.2f}, yours {tuned['perplexity']:.2f} "
        f"({fall:.0%} lower)",
    ]
    if "format_share" in tuned:
        lines.append(
            f"  in the right form  base {base['format_share']:.0%}, "
            f"yours {tuned['format_share']:.0%}"
        )
    for name, key in (("exact match", "exact_match"), ("BLEU", "bleu"), ("chrF", "chrf")):
        lines.append(f"  {name:18s} base {base[key]:.2f}, yours {tuned[key]:.2f}")
    return lines


def _export(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with owned(project):
        result = export(project, options.run, options.to, options.form)
    show(options, [export_line(result)])
    show_document(options, result)


def export_line(result: dict[str, Any]) -> str:
    """Return where the export is and how it was proved."""
    return (
        f"Saved in {result['folder']}. Loaded again in a fresh process: largest difference of its "
        f"logits {result['largest_difference']:g}."
    )

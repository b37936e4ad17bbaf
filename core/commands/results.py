"""The terminal commands about what a run gave: comparing it, saving it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.actions.results import evaluate, export
from core.actions.state import owned
from core.commands.options import add_command, add_project, show, show_document
from core.commands.terminal import run_job
from core.contract import plain
from core.evaluation import summary
from core.evaluation.report.page import write_report
from core.evaluation.wording import groups_of, measured, notes_of
from core.export.gguf.quants import PACKINGS
from core.export.saves.forms import FORMS
from core.export.saves.listing import just_saved, saved_forms
from core.export.saves.wording import row_lines
from core.export.wording import candidate_text, speed_text, verdict_text
from core.jobs.spec import (
    DEFAULT_PROMPTED,
    DEFAULT_QUANT,
    DEFAULT_QUESTIONS,
    EvaluationResult,
    ExportResult,
)
from core.language import _, number
from core.project import Project


def add_commands(commands: Any) -> None:
    """Add ``evaluate`` and ``export``."""
    evaluate = add_command(
        commands, "evaluate", _evaluate, _("compare the fine-tune with its base")
    )
    add_project(evaluate)
    evaluate.add_argument("--run", default="", metavar="NAME")
    evaluate.add_argument("--questions", type=int, default=DEFAULT_QUESTIONS, metavar="N")
    help_text = _("questions that the base also answers with examples in its prompt; 0: none")
    evaluate.add_argument(
        "--prompted", type=int, default=DEFAULT_PROMPTED, metavar="N", help=help_text
    )
    evaluate.add_argument(
        "--report", type=Path, metavar="FILE", help=_("write the report as one HTML page")
    )

    export = add_command(
        commands, "export", _export, _("save the fine-tune; it is loaded again to check it")
    )
    add_project(export)
    export.add_argument("--run", default="", metavar="NAME")
    export.add_argument(
        "--format", "--as", choices=tuple(FORMS), default=next(iter(FORMS)), dest="form"
    )
    packing = _("packing of GGUF")
    export.add_argument("--quant", choices=PACKINGS, default=DEFAULT_QUANT, help=packing)
    task = export.add_mutually_exclusive_group(required=True)
    task.add_argument("--to", type=Path, metavar="DIR")
    task.add_argument("--list", action="store_true", help=_("list what has been saved so far"))


def _evaluate(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with owned(project):
        scores = evaluate(
            project, options.run, options.questions, options.prompted, run_job=run_job
        )
        if options.report:
            write_report(project, project.run(scores.run), options.report)
    show(options, score_lines(scores))
    show_document(options, _document(scores))


def _document(scores: EvaluationResult) -> dict[str, object]:
    found = summary.clauses(scores)
    said = {"summary": plain(summary.sentence(scores)), "clauses": [c.model_dump() for c in found]}
    return {**said, **scores.document()}


def score_lines(scores: EvaluationResult) -> list[str]:
    """Return the summary, and below it the scores of base and fine-tune as lines to read."""
    lines: list[str] = [said] if (said := summary.sentence(scores)) else []
    lines.append(measured(scores))
    for heading, found in groups_of(scores):
        lines += [f"  {heading}:"] if heading else []
        lines += [f"  {line.text}" for line in found]
    lines += notes_of(scores)
    return [str(line) for line in lines]


def _export(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    if options.list:
        _list_saved(options, project)
        return
    with owned(project):
        result = export(
            project, options.run, options.to, options.form, options.quant, run_job=run_job
        )
    lines = export_lines(result)
    if result.likeness is not None:
        lines += row_lines(just_saved(result, options.run))
    show(options, lines)
    show_document(options, result.document())


def _list_saved(options: argparse.Namespace, project: Project) -> None:
    found = saved_forms(project, options.run)
    lines = [line for one in found for line in row_lines(one)]
    show(options, lines or [str(_("Nothing has been saved yet."))])
    rows = [
        {
            "run": one.run,
            "form": one.choice.form,
            "quant": one.choice.quant,
            "folder": str(one.folder),
            "state": one.state,
            "verdict": one.verdict.value,
            "reason": plain(one.reason),
            "result": one.result.document() if one.result is not None else None,
        }
        for one in found
    ]
    show_document(options, {"saved": rows})


def export_lines(result: ExportResult) -> list[str]:
    """Return where the export is and how it was proved."""
    if result.likeness is None:
        return [export_line(result)]
    lines = [_("Saved in {folder}.", folder=result.folder)]
    lines += [candidate_text(onto, one) for onto, one in result.candidates.items()]
    lines.append(verdict_text(result.likeness))
    if result.speed:
        lines.append(speed_text(result.speed))
    if result.form == "gguf":
        lines.append(_("For Ollama, type in that folder: ollama create my-model -f Modelfile"))
    return [str(line) for line in lines]


def export_line(result: ExportResult) -> str:
    """Return where the adapter is and how it was proved."""
    return _(
        "Saved in {folder}. It was loaded again in a new process. The largest difference of its "
        "logits is {difference}.",
        folder=result.folder,
        difference=number(result.largest_difference or 0.0, "g"),
    )

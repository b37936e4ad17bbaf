"""The terminal command that goes through all steps with the sample project."""

from __future__ import annotations

import argparse
from typing import Any

from core.actions.examples import prepare_sample
from core.actions.plans import choose, look
from core.actions.results import evaluate, export
from core.actions.state import ensure_base, owned
from core.actions.training import train
from core.commands.examples import report_lines
from core.commands.options import add_command, folder, show, show_document
from core.commands.results import export_line, score_lines
from core.commands.terminal import run_job, say
from core.jobs.spec import DEFAULT_PROMPTED, DEFAULT_QUESTIONS, TrainingFacts
from core.language import _, ngettext
from core.models.sample import sample_model_folder
from core.sample_project import open_sample, sample_folder
from core.storage.names import free_path

_FEW_EVERYDAY = 32


def add_commands(commands: Any) -> None:
    """Add ``sample``."""
    sample = add_command(
        commands, "sample", _sample, _("go through all steps with the sample project")
    )
    sample.add_argument("--project", type=folder, default=None, metavar="DIR")
    sample.add_argument("--steps", type=int, default=0, metavar="N", help=_("stop after N steps"))
    sample.add_argument("--questions", type=int, default=DEFAULT_QUESTIONS, metavar="N")
    quick = _("compare on few everyday questions and without examples in the prompt")
    sample.add_argument("--quick", action="store_true", help=quick)


def _sample(options: argparse.Namespace) -> None:
    project = open_sample((options.project or sample_folder()).absolute())
    with owned(project):
        base = sample_model_folder()
        say(_("Sample project in {folder}", folder=str(project.root)))
        ensure_base(project, base, run_job=run_job)
        report = prepare_sample(project, run_job=run_job)
        show(options, report_lines(report))
        here = look(project, base)
        config = choose(here, values={"max_steps": options.steps}).config
        facts = train(here, config, run_job=run_job)
        show(options, [_trained(facts)])
        prompted, everyday = (0, _FEW_EVERYDAY) if options.quick else (DEFAULT_PROMPTED, 0)
        scores = evaluate(
            project, "", options.questions, prompted, everyday=everyday, run_job=run_job
        )
        show(options, score_lines(scores))
        target = free_path(project.root / "exports" / "adapter")
        exported = export(project, "", target, run_job=run_job)
        show(options, [export_line(exported)])
        show_document(
            options,
            {
                "data": report.document(),
                "training": facts.document(),
                "scores": scores.document(),
                **exported.document(),
            },
        )


def _trained(facts: TrainingFacts) -> str:
    return ngettext(
        "Trained {count:,} step in {minutes:.1f} minutes.",
        "Trained {count:,} steps in {minutes:.1f} minutes.",
        facts.steps,
        minutes=facts.seconds / 60,
    )

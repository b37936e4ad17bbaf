"""The terminal command that walks the whole way with the sample project."""

from __future__ import annotations

import argparse
from typing import Any

from core.commands.examples import report_lines
from core.commands.options import add_command, folder, show, show_document
from core.commands.results import export_line, score_lines
from core.models.sample import sample_model_folder
from core.sample_project import open_sample, sample_folder
from core.terminal import say
from core.walk.examples import prepare_sample
from core.walk.plans import config_for
from core.walk.results import evaluate, export, free_name
from core.walk.state import ensure_base, owned
from core.walk.training import train


def add_commands(commands: Any) -> None:
    """Add ``sample``."""
    sample = add_command(commands, "sample", _sample, "walk the whole way with the sample project")
    sample.add_argument("--project", type=folder, default=None, metavar="DIR")
    sample.add_argument("--steps", type=int, default=0, metavar="N", help="end after N steps")


def _sample(options: argparse.Namespace) -> None:
    project = open_sample((options.project or sample_folder()).absolute())
    with owned(project):
        base = sample_model_folder()
        say(f"Sample project in {project.root}")
        ensure_base(project, base)
        report = prepare_sample(project)
        show(options, report_lines(report))
        config = config_for(project, base, "", {"max_steps": options.steps})
        facts = train(project, base, config)
        minutes = facts["seconds"] / 60
        show(options, [f"Trained {facts['steps']} steps in {minutes:.1f} minutes."])
        scores = evaluate(project)
        show(options, score_lines(scores))
        exported = export(project, "", free_name(project.root / "exports" / "adapter"))
        show(options, [export_line(exported)])
        show_document(options, {"data": report, "training": facts, "scores": scores, **exported})

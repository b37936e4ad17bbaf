"""The terminal command that tries a prompt before anything is trained."""

from __future__ import annotations

import argparse
from typing import Any

from core.actions.prompts import best_prompt, try_prompts
from core.actions.state import dataset_folder, owned
from core.commands.base import add_base, base_folder
from core.commands.options import add_command, add_project, show, show_document
from core.commands.terminal import run_job
from core.contract import plain
from core.evaluation.prompts.spec import PromptsResult
from core.evaluation.prompts.wording import prompts_lines, prompts_sentence, subject_sentence
from core.jobs.spec import DEFAULT_PROMPTED
from core.language import _
from core.project import Project


def add_commands(commands: Any) -> None:
    """Add ``prompt``."""
    prompt = add_command(
        commands, "prompt", _prompt, _("try a prompt with examples before training")
    )
    add_project(prompt)
    add_base(prompt, required=False)
    prompt.add_argument("--questions", type=int, default=DEFAULT_PROMPTED, metavar="N")
    prompt.add_argument(
        "--text", action="store_true", help=_("also print the prompt that did best")
    )


def _prompt(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with owned(project):
        base = base_folder(options.base, project)
        result = try_prompts(project, base, options.questions, run_job=run_job)
    text = best_prompt(project, dataset_folder(project).name, result) if options.text else ""
    lines = prompt_lines(result)
    show(options, [*lines, "", text] if text else lines)
    said = {"summary": plain(prompts_sentence(result)), "prompt": text}
    show_document(options, {**said, **result.document()})


def prompt_lines(result: PromptsResult) -> list[str]:
    """Return what was found, as lines to read."""
    lines = [prompts_sentence(result), *prompts_lines(result)]
    subject = subject_sentence(result)
    return [str(line) for line in (*lines, *([subject] if subject else []))]

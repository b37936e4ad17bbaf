"""The terminal command for questions of your own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.actions.state import owned
from core.commands.options import add_command, add_project, show, show_document
from core.evaluation.own_questions import (
    questions_of_file,
    read_own_questions,
    write_own_questions,
)
from core.language import _, ngettext
from core.project import Project


def add_commands(commands: Any) -> None:
    """Add ``questions``."""
    questions = add_command(
        commands, "questions", _questions, _("questions of your own, asked in every comparison")
    )
    add_project(questions)
    task = questions.add_mutually_exclusive_group()
    help_text = _("add those in a text file: one a line, an expected answer after a tab")
    task.add_argument("--add", type=Path, metavar="FILE", help=help_text)
    task.add_argument("--clear", action="store_true", help=_("remove all of them"))


def _questions(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    if options.add or options.clear:
        with owned(project):
            more = questions_of_file(options.add) if options.add else []
            before = read_own_questions(project) if options.add else []
            write_own_questions(project, [*before, *more])
    found = read_own_questions(project)
    lines = [f"{one.question}\t{one.answer}".rstrip() for one in found]  # not shown: as it is read
    said = ngettext(
        "{count:,} question of your own.", "{count:,} questions of your own.", len(found)
    )
    show(options, [*lines, str(said)])
    show_document(options, {"questions": [one.model_dump() for one in found]})

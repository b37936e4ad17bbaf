"""The terminal command that lets a fine-tune learn from what was judged."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from core.actions.preferences import (
    Lesson,
    enqueue_lesson,
    learn_from_ratings,
    prepare_lesson,
)
from core.actions.state import owned
from core.commands.options import add_command, add_project, parse_values, show, show_document
from core.commands.terminal import run_job, say
from core.commands.training import done_lines
from core.language import _
from core.planning.estimate import duration_text
from core.preferences.taste import taste_text
from core.project import Project


def add_commands(commands: Any) -> None:
    """Add ``prefer``."""
    prefer = add_command(commands, "prefer", _prefer, _("learn from your ratings, in a new run"))
    add_project(prefer)
    prefer.add_argument("--run", default="", metavar="NAME", help=_("the fine-tune to begin with"))
    prefer.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="values")
    which = prefer.add_mutually_exclusive_group()
    which.add_argument("--queue", action="store_true", help=_("only add it to the queue"))
    which.add_argument(
        "--list", action="store_true", help=_("only show what there is to learn from")
    )


def _prefer(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with owned(project):
        lesson = prepare_lesson(project, options.run, parse_values(options.values))
        if options.list:
            show(options, lines(lesson))
            show_document(options, _document(lesson))
            return
        for line in lines(lesson):
            say(line)
        if options.queue:
            show_document(options, {"run": enqueue_lesson(project, lesson)})
            return
        facts = learn_from_ratings(project, lesson, run_job=partial(run_job, as_json=options.json))
    show(options, done_lines(facts))


def lines(lesson: Lesson) -> list[str]:
    """Return what would be learned as lines to read."""
    found = [str(line) for line in lesson.collected.lines()]
    if refusal := lesson.collected.refusal():
        return [*found, str(refusal.what)]
    begins = _(
        "Begins with “{run}”, {time}.", run=lesson.run.name, time=duration_text(lesson.seconds)
    )
    if said := taste_text(lesson.collected.judgements):
        found.append(str(said))
    return [*found, str(begins)]


def _document(lesson: Lesson) -> dict[str, object]:
    collected = lesson.collected
    refusal = collected.refusal()
    return {
        "run": lesson.run.name,
        "judgements": len(collected.judgements),
        "kinds": dict(collected.kinds),
        "places": dict(collected.places),
        "left_out": {reason: count for reason, count in collected.left_out.items() if count},
        "seconds": [lesson.seconds.low, lesson.seconds.high],
        "refused": refusal.code if refusal else "",
    }

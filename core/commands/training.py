"""The terminal commands about training: how long it takes, doing it, the queue."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

from core.actions.plans import (
    Choice,
    Here,
    advice,
    cards_here,
    choose,
    chosen_in_window,
    chosen_plan,
    look,
    preset_plans,
)
from core.actions.state import ensure_base, owned
from core.actions.training import enqueue_choice, queue_report, resume, train, train_from_adapter
from core.commands.base import add_base, base_folder
from core.commands.options import (
    add_cards,
    add_command,
    add_project,
    parse_values,
    show,
    show_document,
)
from core.commands.terminal import run_job, say
from core.errors import UserFacingError
from core.jobs.spec import QueueParams, TrainingFacts
from core.language import _, ngettext
from core.project import Project
from core.wizard import load_state


def add_commands(commands: Any) -> None:
    """Add ``plan``, ``train`` and ``queue``."""
    plan = add_command(
        commands, "plan", _plan, _("show the time and memory each preset needs on this machine")
    )
    add_project(plan)
    add_base(plan, required=False)
    add_cards(plan)
    plan.add_argument(
        "--vram", type=float, metavar="GIB", help=_("plan for a card with this much free memory")
    )

    train = add_command(commands, "train", _train, _("train an adapter"))
    add_project(train)
    add_base(train, required=False)
    train.add_argument("--preset", default="", metavar="NAME")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="values")
    add_cards(train)
    which = train.add_mutually_exclusive_group()
    which.add_argument("--resume", action="store_true", help=_("resume the newest run"))
    which.add_argument(
        "--more", metavar="RUN", help=_("train the adapter of a finished run further")
    )
    which.add_argument("--queue", action="store_true", help=_("only add it to the queue"))

    queue = add_command(commands, "queue", _queue, _("list the runs in the queue, or start them"))
    add_project(queue)
    queue.add_argument("--run", action="store_true", help=_("start them, one after the other"))


def _plan(options: argparse.Namespace) -> None:
    here = _look(options, Project.open(options.project))
    cards = _cards(options, here)
    plans = preset_plans(here, options.vram, cards)
    chosen = chosen_plan(here, options.vram, cards)
    show(options, [plan.sentence() for plan in ([chosen] if chosen else []) + plans])
    document = {"presets": [plan.document() for plan in plans]}
    show_document(options, {**document, "chosen": chosen.document() if chosen else None})


def _look(options: argparse.Namespace, project: Project) -> Here:
    base = base_folder(options.base, project)
    ensure_base(project, base, run_job=run_job)
    return look(project, base)


def _train(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    trains = partial(run_job, as_json=options.json)
    with owned(project):
        if options.resume:
            _refuse_with_resume(options)
            facts = resume(project, run_job=trains)
        elif options.more:
            values, cards = parse_values(options.values), _cards_for_more(options, project)
            facts = train_from_adapter(project, options.more, values, cards=cards, run_job=trains)
        else:
            here = _look(options, project)
            choice, cards = _choice(options, here), _cards(options, here)
            for one in advice(here, choice.config, cards):
                say(one.text)
            if options.queue:
                show_document(options, {"run": enqueue_choice(here, choice, cards)})
                return
            facts = train(here, choice.config, cards=cards, run_job=trains)
    show(options, done_lines(facts))


def done_lines(facts: TrainingFacts) -> list[str]:
    """Return what a run gave as lines to read."""
    losses = {"before": facts.base_loss, "after": facts.best_loss}
    done = ngettext(
        "Done after {count:,} step. Loss on unseen examples: {before:.3f} before, {after:.3f} "
        "after.",
        "Done after {count:,} steps. Loss on unseen examples: {before:.3f} before, {after:.3f} "
        "after.",
        facts.steps,
        **losses,
    )
    if facts.learned:
        return [done]
    if facts.preferences:
        gained = _(
            "On unseen examples, the model never became better than it was before the first step, "
            "so there is nothing to compare or save."
        )
        return [done, gained]
    return [
        done,
        _("No check was better than the base model, so there is nothing to compare or save."),
    ]


def _cards(options: argparse.Namespace, here: Here) -> int:
    """Return how many cards train together: as the command says, or as chosen in the window."""
    return _cards_of(options, here.project, lambda: here.cards)


def _cards_for_more(options: argparse.Namespace, project: Project) -> int:
    return _cards_of(options, project, lambda: cards_here(project))


def _cards_of(options: argparse.Namespace, project: Project, together: Callable[[], int]) -> int:
    if options.cards is not None:
        return int(options.cards)
    chosen = load_state(project).cards
    if not chosen:
        return 0
    cards = min(chosen, together())
    say(_("Cards: {cards}, as chosen in the window.", cards=cards))
    return cards


def _refuse_with_resume(options: argparse.Namespace) -> None:
    """A resumed run continues as it began.

    Raises:
        UserFacingError: something else is asked for (code ``train.resume_as_it_is``).
    """
    if options.cards is not None or options.preset or options.values:
        raise UserFacingError(
            "train.resume_as_it_is",
            _("A resumed run keeps the settings and cards that it began with."),
            _("Leave out --preset, --set and --cards, or start another run without --resume."),
        )


def _choice(options: argparse.Namespace, here: Here) -> Choice:
    """Return the settings that the command names; without any, those chosen in the window."""
    if more := load_state(here.project).more_of:
        say(_("The window would continue from {run}. Add --more {run} to do the same.", run=more))
    if not options.preset and not options.values:
        chosen = chosen_in_window(here)
        if chosen is not None:
            say(_("Chosen in the window: {title}.", title=chosen.title))
            return chosen
    return choose(here, options.preset, parse_values(options.values))


def _queue(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    if options.run:
        with owned(project):
            run_job(project.new_run("queue"), QueueParams())
    report = queue_report(project)
    show(options, report.lines())
    show_document(options, report.document())

"""The terminal commands about training: what it would take, doing it, the queue."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.commands.base import add_base, base_folder
from core.commands.options import (
    add_cards,
    add_command,
    add_project,
    parse_values,
    show,
    show_document,
)
from core.errors import UserFacingError
from core.planning.advice import advise
from core.project import Project
from core.terminal import run_job, say
from core.training.config import TrainingConfig
from core.training.result import learned
from core.walk.plans import (
    cards_here,
    chosen_in_window,
    chosen_plan,
    config_for,
    preset_plans,
    situation,
)
from core.walk.state import ensure_base, owned
from core.walk.training import enqueue, queue_lines, queue_report, resume, train, train_more
from core.wizard import load_state


def add_commands(commands: Any) -> None:
    """Add ``plan``, ``train`` and ``queue``."""
    plan = add_command(commands, "plan", _plan, "say what each preset takes on this machine")
    add_project(plan)
    add_base(plan, required=False)
    add_cards(plan)
    plan.add_argument("--vram", type=float, metavar="GIB", help="plan for a card with so much free")

    train = add_command(commands, "train", _train, "train an adapter")
    add_project(train)
    add_base(train, required=False)
    train.add_argument("--preset", default="", metavar="NAME")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="values")
    add_cards(train)
    which = train.add_mutually_exclusive_group()
    which.add_argument("--resume", action="store_true", help="go on with the newest run")
    which.add_argument("--more", metavar="RUN", help="train the adapter of a finished run further")
    which.add_argument("--queue", action="store_true", help="only put it into the queue")

    queue = add_command(commands, "queue", _queue, "list the trainings that wait, or run them")
    add_project(queue)
    queue.add_argument("--run", action="store_true", help="run them one after the other")


def _plan(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    base = base_folder(options.base, project)
    ensure_base(project, base)
    where = {"vram": options.vram, "cards": _cards(options, project)}
    plans, chosen = preset_plans(project, base, **where), chosen_plan(project, base, **where)
    show(options, [plan.sentence() for plan in ([chosen] if chosen else []) + plans])
    document = {"presets": [plan.to_json() for plan in plans]}
    show_document(options, {**document, "chosen": chosen.to_json() if chosen else None})


def _train(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with owned(project):
        if options.resume:
            _refuse_with_resume(options)
            facts = resume(project, as_json=options.json)
        elif options.more:
            values = parse_values(options.values)
            cards = _cards(options, project)
            facts = train_more(project, options.more, values, cards=cards, as_json=options.json)
        else:
            base = base_folder(options.base, project)
            ensure_base(project, base)
            config, cards = _config(options, project, base), _cards(options, project)
            _say_advice(project, base, config, cards)
            if options.queue:
                show_document(options, {"run": enqueue(project, base, config, cards)})
                return
            facts = train(project, base, config, cards=cards, as_json=options.json)
    losses = f"{facts['base_loss']:.3f} before, {facts['best_loss']:.3f} after"
    lines = [f"Done after {facts['steps']} steps: loss on unseen examples {losses}."]
    if not learned(facts):
        lines.append(
            "No check was better than the base model: there is nothing to compare or save."
        )
    show(options, lines)


def _cards(options: argparse.Namespace, project: Project) -> int:
    """Return how many cards shall train: as the command says, or as chosen in the window."""
    if options.cards is not None:
        return int(options.cards)
    chosen = load_state(project).cards
    if not chosen:
        return 0
    cards = min(chosen, cards_here(project))
    say(f"Cards: {cards}, as chosen in the window.")
    return cards


def _refuse_with_resume(options: argparse.Namespace) -> None:
    """A training that goes on does so as it began.

    Raises:
        UserFacingError: something else is asked for (code ``train.resume_as_it_is``).
    """
    if options.cards is not None or options.preset or options.values:
        raise UserFacingError(
            "train.resume_as_it_is",
            "A training goes on with the settings and cards that it began with.",
            "Leave --preset, --set and --cards out, or start another training without --resume.",
        )


def _config(options: argparse.Namespace, project: Project, base: Path) -> TrainingConfig:
    """Return the settings that the command names; without any, those chosen in the window."""
    if more := load_state(project).more_of:
        say(f"The window would go on from {more}; add --more {more} to do the same.")
    if not options.preset and not options.values:
        chosen = chosen_in_window(project, situation(project, base))
        if chosen is not None:
            say(f"{chosen.title}.")
            return chosen.config
    return config_for(project, base, options.preset, parse_values(options.values))


def _say_advice(project: Project, base: Path, config: TrainingConfig, cards: int) -> None:
    for advice in advise(situation(project, base, cards=cards), config):
        say(advice.text)


def _queue(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    if options.run:
        with owned(project):
            run_job(project.new_run("queue"), "queue", {})
    report = queue_report(project)
    show(options, queue_lines(report))
    show_document(options, report)

"""The terminal commands: the same core as the window's, for machines without one and for tests.

Results go to standard output (with ``--json`` one JSON document, for ``train`` one event a line),
everything else to standard error. Exit codes: 0 done, 1 something the person can mend, 2 wrong
usage.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from core import __version__, walk
from core.cli_reading import add_reading, parse_reading
from core.data.mixture import MixtureOptions
from core.data.report import SURE
from core.doctor import examine
from core.doctor import report as doctor_report
from core.errors import UserFacingError
from core.evaluation import metrics
from core.evaluation.job import DEFAULT_QUESTIONS
from core.export.job import FORMS
from core.model_commands import add_model_commands, resolve_base
from core.models.sample import sample_model_folder
from core.models.whereabouts import find_base
from core.planning.advice import advise
from core.project import Project
from core.sample_project import open_sample, sample_folder
from core.terminal import run_job, say, say_error, write_document, write_lines
from core.training.config import TrainingConfig
from core.training.result import learned
from core.wizard import load_state

_SAMPLE = "sample"
_FINDINGS_SHOWN = 20


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except UserFacingError as error:
        say_error(error)
        return 1
    except KeyboardInterrupt:
        say("Left. A running job goes on in the background; open the project to follow it.")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="homelab-tuner",
        description="Fine-tune a language model at home. Without a command, the window opens.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_data_commands(commands)
    add_model_commands(commands, _command)
    _add_run_commands(commands)
    return parser


def _add_data_commands(commands: Any) -> None:
    sample = _command(commands, "sample", _sample, "walk the whole way with the sample project")
    sample.add_argument("--project", type=_folder, default=None, metavar="DIR")
    sample.add_argument("--steps", type=int, default=0, metavar="N", help="end after N steps")

    _command(commands, "doctor", _doctor, "examine this machine and this installation")

    inspect = _command(commands, "inspect", _inspect, "say what is in files; changes nothing")
    inspect.add_argument("files", type=Path, nargs="+", metavar="FILE")
    add_reading(inspect)

    prepare = _command(commands, "prepare", _prepare, "clean, split and accept examples")
    prepare.add_argument("files", type=Path, nargs="+", metavar="FILE")
    add_reading(prepare)
    prepare.add_argument(
        "--accept-guess", action="store_true", help="take the columns as guessed, even if unsure"
    )
    _add_project(prepare)
    _add_base(prepare, required=False)
    _add_mixture(prepare)


def _add_run_commands(commands: Any) -> None:
    plan = _command(commands, "plan", _plan, "say what each preset takes on this machine")
    _add_project(plan)
    _add_base(plan, required=False)
    _add_cards(plan)
    plan.add_argument("--vram", type=float, metavar="GIB", help="plan for a card with so much free")

    train = _command(commands, "train", _train, "train an adapter")
    _add_project(train)
    _add_base(train, required=False)
    train.add_argument("--preset", default="", metavar="NAME")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="values")
    _add_cards(train)
    which = train.add_mutually_exclusive_group()
    which.add_argument("--resume", action="store_true", help="go on with the newest run")
    which.add_argument("--more", metavar="RUN", help="train the adapter of a finished run further")
    which.add_argument("--queue", action="store_true", help="only put it into the queue")

    queue = _command(commands, "queue", _queue, "list the trainings that wait, or run them")
    _add_project(queue)
    queue.add_argument("--run", action="store_true", help="run them one after the other")

    evaluate = _command(commands, "evaluate", _evaluate, "compare the result with its base")
    _add_project(evaluate)
    evaluate.add_argument("--run", default="", metavar="NAME")
    evaluate.add_argument("--questions", type=int, default=DEFAULT_QUESTIONS, metavar="N")

    export = _command(commands, "export", _export, "save the result; it is loaded again first")
    _add_project(export)
    export.add_argument("--run", default="", metavar="NAME")
    export.add_argument("--as", choices=FORMS, default=FORMS[0], dest="form")
    export.add_argument("--to", type=Path, required=True, metavar="DIR")


def _command(commands: Any, name: str, function: Any, text: str) -> Any:
    parser = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.add_argument("--json", action="store_true", help="print JSON on standard output")
    parser.set_defaults(command=function)
    return parser


def _add_project(parser: Any) -> None:
    parser.add_argument("--project", type=_folder, required=True, metavar="DIR")


def _folder(text: str) -> Path:
    """A folder as the jobs know it too, which do not work in the folder of the command."""
    return Path(text).absolute()


def _add_base(parser: Any, *, required: bool = True) -> None:
    text = f"folder of the base model, its name on the hub, or “{_SAMPLE}”"
    parser.add_argument("--base", required=required, default="", metavar="MODEL", help=text)


def _add_cards(parser: Any) -> None:
    text = "how many equal cards train together; otherwise as in the window, or all"
    parser.add_argument("--cards", type=int, default=None, metavar="N", help=text)


def _add_mixture(parser: Any) -> None:
    parser.add_argument(
        "--general", type=int, default=0, metavar="N", help="add N general examples"
    )
    parser.add_argument(
        "--rehearse", default="", metavar="HASH:N", help="add N examples of an earlier version"
    )
    parser.add_argument(
        "--share",
        action="append",
        default=[],
        metavar="TASK=WEIGHT",
        dest="shares",
        help="weight of a task (or file) in the training part",
    )


def parse_mixture(options: argparse.Namespace) -> MixtureOptions:
    """Return the mixture that ``prepare``'s options ask for.

    Raises:
        UserFacingError: an option that is no number, or not of its form.
    """
    version, _, count = options.rehearse.partition(":")
    try:
        return MixtureOptions(
            shares={name: float(weight) for name, weight in parse_values(options.shares).items()},
            general=options.general,
            rehearse=version,
            rehearsed=int(count or 0) if version else 0,
        )
    except ValueError as error:
        raise UserFacingError(
            "cli.mixture",
            "The mixture cannot be read.",
            "Write --general 50, --rehearse HASH:100 or --share NAME=2.",
            str(error),
        ) from error


def _doctor(options: argparse.Namespace) -> None:
    checks = examine()
    if options.json:
        write_document(doctor_report(checks))
    else:
        for check in checks:
            write_lines([f"{'ok ' if check.ok else 'NO '} {check.name}: {check.seen}"])
            if check.todo:
                write_lines([f"    {check.todo}"])
    if not all(check.ok for check in checks):
        raise UserFacingError("doctor.problems", "Not everything is well.", "See the lines above.")


def _inspect(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="homelab-tuner-") as scratch:
        folder = Project.create(Path(scratch) / "inspect").new_run("scan")
        params = walk.scan_params(options.files, parse_reading(options))
        result = run_job(folder, "scan", params, outlives=False)
    _show(options, _report_lines(result))
    _document(options, result)


def _prepare(options: argparse.Namespace) -> None:
    project = Project.open_or_create(options.project)
    mixture, read = parse_mixture(options), parse_reading(options)
    with walk.owned(project):
        base = _base_folder(options.base) if options.base else None
        if base is not None:
            walk.ensure_base(project, base)
        result = walk.prepare(
            project, options.files, mixture=mixture, base=base, read=read,
            accept_guess=options.accept_guess,
        )  # fmt: skip
    _show(options, _report_lines(result))
    _document(options, result)


def _show(options: argparse.Namespace, lines: list[str]) -> None:
    """Print lines for people, unless a document was asked for."""
    if not options.json:
        write_lines(lines)


def _document(options: argparse.Namespace, value: Any) -> None:
    """Print the one JSON document, if it was asked for."""
    if options.json:
        write_document(value)


def _report_lines(result: dict[str, Any]) -> list[str]:
    lines = [
        f"Format: {result['format']}, {result['shape']}",
        _columns_line(result),
        *result["notices"],
        f"Rows read: {result['rows_read']}, kept: {result['kept']}, dropped: {result['dropped']}",
        *(f"  {kind}: {count}" for kind, count in result["findings"].items() if count),
        *(
            f"  {problem['file']}, line {problem['line']}: {problem['reason']}"
            for problem in result["problems"][:_FINDINGS_SHOWN]
        ),
    ]
    if result["split"]:
        parts = ", ".join(f"{part} {count}" for part, count in result["split"].items())
        lines.append(f"Split: {parts}. Dataset version: {result['content_hash']}")
    lines += [f"Added: {count} {origin}" for origin, count in result.get("added", {}).items()]
    return lines


def _columns_line(result: dict[str, Any]) -> str:
    """Say what was taken for what, and whether that deserves a look."""
    used = ", ".join(f"“{name}” is {role}" for name, role in result["columns"].items() if role)
    doubt = " (not sure: look at some rows)" if result["confidence"] < SURE else ""
    return f"Columns: {used or 'none needed'}{doubt}"


def _base_folder(name: str, project: Project | None = None) -> Path:
    if name == _SAMPLE:
        return sample_model_folder()
    if not name and project is not None and (chosen := load_state(project).base_model):
        return find_base(project, chosen)
    if not name:
        raise UserFacingError(
            "base.not_chosen", "No base model is chosen yet.", "Name one with --base."
        )
    return resolve_base(name)


def _plan(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    base = _base_folder(options.base, project)
    walk.ensure_base(project, base)
    where = {"vram": options.vram, "cards": _cards(options, project)}
    plans, chosen = walk.plans(project, base, **where), walk.chosen_plan(project, base, **where)
    _show(options, [plan.sentence() for plan in ([chosen] if chosen else []) + plans])
    document = {"presets": [plan.to_json() for plan in plans]}
    _document(options, {**document, "chosen": chosen.to_json() if chosen else None})


def _train(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with walk.owned(project):
        if options.resume:
            _refuse_with_resume(options)
            facts = walk.resume(project, as_json=options.json)
        elif options.more:
            values = parse_values(options.values)
            cards = _cards(options, project)
            facts = walk.train_more(
                project, options.more, values, cards=cards, as_json=options.json
            )
        else:
            base = _base_folder(options.base, project)
            walk.ensure_base(project, base)
            config, cards = _config(options, project, base), _cards(options, project)
            _say_advice(project, base, config, cards)
            if options.queue:
                _document(options, {"run": walk.enqueue(project, base, config, cards)})
                return
            facts = walk.train(project, base, config, cards=cards, as_json=options.json)
    losses = f"{facts['base_loss']:.3f} before, {facts['best_loss']:.3f} after"
    lines = [f"Done after {facts['steps']} steps: loss on unseen examples {losses}."]
    if not learned(facts):
        lines.append(
            "No check was better than the base model: there is nothing to compare or save."
        )
    _show(options, lines)


def _cards(options: argparse.Namespace, project: Project) -> int:
    """Return how many cards shall train: as the command says, or as chosen in the window."""
    if options.cards is not None:
        return int(options.cards)
    chosen = load_state(project).cards
    if not chosen:
        return 0
    cards = min(chosen, walk.cards_here(project))
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
        chosen = walk.chosen_in_window(project, walk.situation(project, base))
        if chosen is not None:
            say(f"{chosen.title}.")
            return chosen.config
    return walk.config_for(project, base, options.preset, parse_values(options.values))


def _queue(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    if options.run:
        with walk.owned(project):
            run_job(project.new_run("queue"), "queue", {})
    report = walk.queue_report(project)
    _show(options, walk.queue_lines(report))
    _document(options, report)


def _say_advice(project: Project, base: Path, config: TrainingConfig, cards: int) -> None:
    for advice in advise(walk.situation(project, base, cards=cards), config):
        say(advice.text)


def parse_values(pairs: list[str]) -> dict[str, str]:
    """Return ``--set`` arguments as a mapping.

    Raises:
        UserFacingError: an argument without ``=``.
    """
    for pair in pairs:
        if "=" not in pair:
            raise UserFacingError(
                "cli.set", f"“{pair}” names no value.", "Write NAME=VALUE, as in --set rank=8."
            )
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def _evaluate(options: argparse.Namespace) -> None:
    project = Project.open(options.project)
    with walk.owned(project):
        scores = walk.evaluate(project, options.run, options.questions)
    _show(options, _score_lines(scores))
    _document(options, scores)


def _score_lines(scores: dict[str, Any]) -> list[str]:
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
    with walk.owned(project):
        result = walk.export(project, options.run, options.to, options.form)
    _show(options, [_export_line(result)])
    _document(options, result)


def _export_line(result: dict[str, Any]) -> str:
    return (
        f"Saved in {result['folder']}. Loaded again in a fresh process: largest difference of its "
        f"logits {result['largest_difference']:g}."
    )


def _sample(options: argparse.Namespace) -> None:
    project = open_sample((options.project or sample_folder()).absolute())
    with walk.owned(project):
        base = sample_model_folder()
        say(f"Sample project in {project.root}")
        walk.ensure_base(project, base)
        report = walk.prepare_sample(project)
        _show(options, _report_lines(report))
        config = walk.config_for(project, base, "", {"max_steps": options.steps})
        facts = walk.train(project, base, config)
        minutes = facts["seconds"] / 60
        _show(options, [f"Trained {facts['steps']} steps in {minutes:.1f} minutes."])
        scores = walk.evaluate(project)
        _show(options, _score_lines(scores))
        exported = walk.export(project, "", walk.free_name(project.root / "exports" / "adapter"))
        _show(options, [_export_line(exported)])
        _document(options, {"data": report, "training": facts, "scores": scores, **exported})

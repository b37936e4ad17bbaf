"""The terminal commands about examples: what is in files, and accepting it."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from core.actions.examples import prepare, scan_params
from core.actions.state import ensure_base, owned
from core.commands.base import add_base, base_folder
from core.commands.options import (
    add_command,
    add_project,
    parse_values,
    show,
    show_document,
)
from core.commands.reading import add_reading, parse_reading
from core.commands.terminal import run_job
from core.data.draft import Problem
from core.data.mixture import MixtureOptions
from core.data.report import SURE
from core.data.spec import DataReport, PrepareParams
from core.errors import UserFacingError
from core.language import _
from core.project import Project

_FINDINGS_SHOWN = 20


def add_commands(commands: Any) -> None:
    """Add ``inspect`` and ``prepare``."""
    inspect = add_command(
        commands, "inspect", _inspect, _("show what is in files; changes nothing")
    )
    inspect.add_argument("files", type=Path, nargs="+", metavar="FILE")
    add_reading(inspect)

    prepare = add_command(commands, "prepare", _prepare, _("clean, split and accept examples"))
    prepare.add_argument("files", type=Path, nargs="+", metavar="FILE")
    add_reading(prepare)
    prepare.add_argument(
        "--accept-guess", action="store_true", help=_("take the columns as guessed, even if unsure")
    )
    add_project(prepare)
    add_base(prepare, required=False)
    _add_mixture(prepare)


def _add_mixture(parser: Any) -> None:
    parser.add_argument(
        "--general", type=int, default=0, metavar="N", help=_("add N general examples")
    )
    parser.add_argument(
        "--rehearse", default="", metavar="HASH:N", help=_("add N examples of an earlier version")
    )
    parser.add_argument(
        "--share",
        action="append",
        default=[],
        metavar="TASK=WEIGHT",
        dest="shares",
        help=_("weight of a task (or file) in the training part"),
    )


def parse_mixture(options: argparse.Namespace) -> MixtureOptions:
    """Return the mixture that ``prepare``'s options ask for.

    Raises:
        UserFacingError: an option that is no number, or not of its form.
    """
    version, _colon, count = options.rehearse.partition(":")
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
            _("The training mix cannot be read."),
            _("Write --general 50, --rehearse HASH:100 or --share NAME=2."),
            str(error),
        ) from error


def _inspect(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="homelab-tuner-") as scratch:
        folder = Project.create(Path(scratch) / "inspect").new_run("scan")
        params = scan_params(options.files, parse_reading(options))
        result = run_job(folder, params, outlives=False)
    show(options, report_lines(result))
    show_document(options, result.document())


def _prepare(options: argparse.Namespace) -> None:
    project = Project.open_or_create(options.project)
    wanted = PrepareParams(mixture=parse_mixture(options))
    read = parse_reading(options)
    with owned(project):
        base = base_folder(options.base) if options.base else None
        if base is not None:
            ensure_base(project, base, run_job=run_job)
        result = prepare(
            project, options.files, wanted, base,
            run_job=run_job, read=read, accept_guess=options.accept_guess,
        )  # fmt: skip
    show(options, report_lines(result))
    show_document(options, result.document())


def report_lines(result: DataReport) -> list[str]:
    """Return what was found in files, and what happened to it, as lines to read."""
    lines: list[str] = [
        _("Format: {format}, {shape}", format=result.format, shape=result.shape),
        _columns_line(result),
        *result.notices,
        _(
            "Rows read: {read:,}, kept: {kept:,}, dropped: {dropped:,}",
            read=result.rows_read,
            kept=result.kept,
            dropped=result.dropped,
        ),
        *(f"  {kind}: {count}" for kind, count in result.findings.items() if count),
        *map(_problem_line, result.problems[:_FINDINGS_SHOWN]),
    ]
    if result.split:
        parts = ", ".join(f"{part} {count}" for part, count in result.split.items())
        version = result.content_hash
        lines.append(_("Split: {parts}. Dataset version: {version}", parts=parts, version=version))
    for origin, count in (result.added or {}).items():
        lines.append(_("Added: {count:,} ({origin})", count=count, origin=origin))
    return [str(line) for line in lines]


def _problem_line(problem: Problem) -> str:
    return _(
        "  {file}, line {line}: {reason}",
        file=problem.file,
        line=str(problem.line),
        reason=problem.reason,
    )


def _columns_line(result: DataReport) -> str:
    """Say what was taken for what, and whether that deserves a look."""
    used = ", ".join(
        _("“{name}” is {role}", name=name, role=role)
        for name, role in result.columns.items()
        if role
    )
    if result.confidence < SURE:
        if used:
            return _("Columns: {columns} (not sure: look at some rows)", columns=used)
        return _("Columns: none needed (not sure: look at some rows)")
    return _("Columns: {columns}", columns=used) if used else _("Columns: none needed")

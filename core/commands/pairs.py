"""The terminal command that draws questions and answers from documents."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from core.actions.state import ensure_base
from core.commands.base import add_base, base_folder
from core.commands.options import add_command, folder, show, show_document
from core.commands.terminal import run_job
from core.errors import UserFacingError
from core.language import _, ngettext
from core.pairs.check import SAID
from core.pairs.proposals import proposals_file, read_proposals, write_examples
from core.pairs.spec import DEFAULT_PASSAGES, PairsParams, PairsResult
from core.project import Project


def add_commands(commands: Any) -> None:
    """Add ``pairs``."""
    pairs = add_command(
        commands, "pairs", _pairs, _("draw questions and answers from documents with a base model")
    )
    pairs.add_argument("files", type=folder, nargs="+", metavar="FILE")
    add_base(pairs)
    pairs.add_argument(
        "--to", type=folder, required=True, metavar="FILE.jsonl",
        help=_("new file for the pairs that pass the check"),
    )  # fmt: skip
    pairs.add_argument(
        "--most", type=int, default=DEFAULT_PASSAGES, metavar="N",
        help=_("ask about at most N passages (default: {count})", count=DEFAULT_PASSAGES),
    )  # fmt: skip


def _pairs(options: argparse.Namespace) -> None:
    if options.to.exists():
        raise UserFacingError(
            "pairs.exists",
            _("“{name}” exists already.", name=options.to.name),
            _("Name another file with --to."),
        )
    paths = tuple(map(str, options.files))
    base = base_folder(options.base)
    with tempfile.TemporaryDirectory(prefix="homelab-tuner-") as scratch:
        project = Project.create(Path(scratch) / "pairs")
        ensure_base(project, base, run_job=run_job)
        run = project.new_run("pairs")
        params = PairsParams(paths=paths, base_model=str(base), most=max(1, options.most))
        result = run_job(run, params, stopping=_("Stopping and keeping the pairs made so far."))
        passed = [one for one in read_proposals(proposals_file(run)) if not one.fault]
    write_examples(options.to, passed)
    show(options, report_lines(result, options.to))
    show_document(options, result.document())


def report_lines(result: PairsResult, to: Path) -> list[str]:
    """Return what was made, as lines to read."""
    lines = [
        ngettext(
            "Asked about {count:,} of {passages:,} passage.",
            "Asked about {count:,} of {passages:,} passages.",
            result.asked,
            passages=result.passages,
        ),
        ngettext(
            "{count:,} pair passed the check.", "{count:,} pairs passed the check.", result.passed
        ),
        *(f"  {count}: {_(text)}" for code, text in SAID.items()
          if (count := result.faults.get(code, 0))),
        _("Look through {file} before you train with it.", file=str(to)),
    ]  # fmt: skip
    return [str(line) for line in lines]

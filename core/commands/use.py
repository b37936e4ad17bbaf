"""The terminal command about the record of use: its figures, and learning from it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.commands.options import add_command, add_project, show, show_document
from core.language import _, ngettext
from core.project import Project
from core.storage.ordinary import is_ordinary_file

if TYPE_CHECKING:
    from core.serving.use.corrections import Learned
    from core.serving.use.record import Counts


def add_commands(commands: Any) -> None:
    """Add ``use``."""
    use = add_command(commands, "use", _use, _("show what was asked of your fine-tunes"))
    add_project(use)
    use.add_argument(
        "--learn", action="store_true", help=_("make reviewed answers examples to train on")
    )


def _use(options: argparse.Namespace) -> None:
    from core.actions.serving import learn
    from core.actions.state import owned
    from core.serving.use.record import UseRecord

    project = Project.open(options.project)
    if not is_ordinary_file(project.use_file):
        show(options, [_("Nothing is recorded yet.")])
        show_document(options, {"requests": 0})
        return
    document: dict[str, object] = {}
    if options.learn:
        with owned(project):
            learned = learn(project)
        show(options, _learned(learned))
        document["learned"] = {
            "added": learned.added,
            "held_out": learned.held_out,
            "known": learned.known,
            "dropped": learned.dropped,
            "dataset_version": learned.version.content_hash,
        }
    with UseRecord(project) as record:
        counts = record.counts()
    show(options, count_lines(counts))
    show_document(options, {**document, **asdict(counts), "models": dict(counts.models)})


def count_lines(counts: Counts) -> list[str]:
    """Return the figures of the record as lines to read."""
    lines = [ngettext("{count:,} answer recorded", "{count:,} answers recorded", counts.requests)]
    lines += [_("  {model}: {count:,}", model=model, count=count) for model, count in counts.models]
    if counts.median_seconds is not None:
        lines.append(_("Usual time: {seconds:.1f} s", seconds=counts.median_seconds))
    lines.append(
        _(
            "Judged: {right:,} right, {wrong:,} wrong, {edited:,} corrected",
            right=counts.right,
            wrong=counts.wrong,
            edited=counts.edited,
        )
    )
    lines.append(
        ngettext(
            "{count:,} answer can become an example (--learn).",
            "{count:,} answers can become examples (--learn).",
            counts.usable,
        )
    )
    return list(map(str, lines))


def _learned(learned: Learned) -> list[str]:
    lines = [
        ngettext(
            "{count:,} example was added. Train again to learn from it.",
            "{count:,} examples were added. Train again to learn from them.",
            learned.added,
        )
        if learned.added
        else _("No example was added.")
    ]
    if learned.held_out:
        lines.append(
            ngettext(
                "{count:,} resembles a held-out example and was left out.",
                "{count:,} resemble held-out examples and were left out.",
                learned.held_out,
            )
        )
    if learned.known:
        lines.append(
            ngettext("{count:,} was known already.", "{count:,} were known already.", learned.known)
        )
    return list(map(str, lines))

"""The terminal command about the base models on this computer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.commands.options import add_command
from core.commands.terminal import say, write_document, write_lines
from core.contract import plain
from core.errors import UserFacingError
from core.language import _
from core.library.inventory import (
    Holding,
    Unfinished,
    delete,
    delete_unfinished,
    inventory,
    unfinished,
)
from core.settings import load_settings
from core.wording import gigabytes


def add_commands(commands: Any) -> None:
    """Add ``models``."""
    models = add_command(commands, "models", _models, _("list the base models on this computer"))
    models.add_argument("--delete", default="", metavar="NAME", help=_("delete one of them"))
    models.add_argument(
        "--force", action="store_true", help=_("delete it even if fine-tunes need it")
    )


def _models(options: argparse.Namespace) -> None:
    projects = [Path(path) for path in load_settings().recent]
    if options.delete:
        _delete(options.delete, projects, force=options.force)
    holdings, downloads = inventory(projects), unfinished()
    if options.json:
        write_document({
            "models": [_holding_json(holding) for holding in holdings],
            "unfinished": [_unfinished_json(download) for download in downloads],
        })  # fmt: skip
        return
    lines = [*map(_holding_line, holdings), *map(_unfinished_line, downloads)]
    none = _("No base model is on this computer yet. Get one with: homelab-tuner download MODEL")
    write_lines(lines or [none])


def _delete(name: str, projects: list[Path], *, force: bool) -> None:
    for download in unfinished():
        if download.repo.casefold() == name.casefold():
            delete_unfinished(download)
            say(_("Deleted the unfinished download of {model}.", model=download.repo))
            return
    for holding in inventory(projects):
        if name.casefold() in (holding.model.name.casefold(), str(holding.model.folder).casefold()):
            delete(holding, projects, although_needed=force)
            size = gigabytes(holding.model.size)
            say(_("Deleted {model}. This freed {size}.", model=holding.model.name, size=size))
            return
    raise UserFacingError(
        "inventory.unknown",
        _("There is no model “{name}” on this computer.", name=name),
        _("See the names with: homelab-tuner models"),
    )


def _holding_json(holding: Holding) -> dict[str, object]:
    model = holding.model
    return {"name": model.name, "folder": str(model.folder), "source": model.source,
            "bytes": model.size, "why_not": plain(model.why_not),
            "needed_by": list(holding.needed_by), "deletable": holding.is_own}  # fmt: skip


def _unfinished_json(download: Unfinished) -> dict[str, object]:
    return {"name": download.repo, "revision": download.revision, "bytes": download.done,
            "of_bytes": download.total, "running": download.is_running}  # fmt: skip


def _holding_line(holding: Holding) -> str:
    model = holding.model
    first = _(
        "{model}  {size}, in {program}: {folder}",
        model=model.name,
        size=gigabytes(model.size),
        program=model.source,
        folder=str(model.folder),
    )
    lines = [str(first)]
    if model.why_not:
        lines.append(_("  cannot be trained: {reason}", reason=model.why_not))
    if holding.needed_by:
        lines.append(_("  needed by {names}", names=", ".join(holding.needed_by)))
    return "\n".join(lines)


def _unfinished_line(download: Unfinished) -> str:
    known = {
        "model": download.repo,
        "done": gigabytes(download.done),
        "total": gigabytes(download.total),
    }
    if download.is_running:
        return _("{model}  {done} of {total} downloaded; in progress", **known)
    return _("{model}  {done} of {total} downloaded; can be continued", **known)

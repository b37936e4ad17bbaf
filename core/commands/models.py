"""The terminal command about the base models on this computer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.commands.options import add_command
from core.errors import UserFacingError
from core.library.inventory import (
    Holding,
    Unfinished,
    delete,
    delete_unfinished,
    inventory,
    unfinished,
)
from core.settings import load_settings
from core.terminal import say, write_document, write_lines


def add_commands(commands: Any) -> None:
    """Add ``models``."""
    models = add_command(commands, "models", _models, "list the base models on this computer")
    models.add_argument("--delete", default="", metavar="NAME", help="delete one of them")
    models.add_argument("--force", action="store_true", help="also if fine-tunes need it")


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
    none = "No base model is on this computer yet. Get one with: homelab-tuner download MODEL"
    write_lines(lines or [none])


def _delete(name: str, projects: list[Path], *, force: bool) -> None:
    for download in unfinished():
        if download.repo.casefold() == name.casefold():
            delete_unfinished(download)
            say(f"Deleted the unfinished download of {download.repo}.")
            return
    for holding in inventory(projects):
        if name.casefold() in (holding.model.name.casefold(), str(holding.model.folder).casefold()):
            delete(holding, projects, although_needed=force)
            say(f"Deleted {holding.model.name}: {gigabytes(holding.model.size)} are free again.")
            return
    raise UserFacingError(
        "inventory.unknown",
        f"There is no model “{name}” on this computer.",
        "See the names with: homelab-tuner models",
    )


def _holding_json(holding: Holding) -> dict[str, Any]:
    model = holding.model
    return {"name": model.name, "folder": str(model.folder), "source": model.source,
            "bytes": model.size, "why_not": model.why_not, "needed_by": list(holding.needed_by),
            "deletable": holding.is_own}  # fmt: skip


def _unfinished_json(download: Unfinished) -> dict[str, Any]:
    return {"name": download.repo, "revision": download.revision, "bytes": download.done,
            "of_bytes": download.total, "running": download.is_running}  # fmt: skip


def _holding_line(holding: Holding) -> str:
    model = holding.model
    lines = [f"{model.name}  {gigabytes(model.size)}, in {model.source}: {model.folder}"]
    if model.why_not:
        lines.append(f"  cannot be trained: {model.why_not}")
    if holding.needed_by:
        lines.append(f"  needed by {', '.join(holding.needed_by)}")
    return "\n".join(lines)


def _unfinished_line(download: Unfinished) -> str:
    state = "is running" if download.is_running else "can go on"
    done, total = gigabytes(download.done), gigabytes(download.total)
    return f"{download.repo}  {done} of {total} downloaded; {state}"


def gigabytes(count: float) -> str:
    """Return bytes in the unit that suits them."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"

"""What the library shows of each fine-tune: its verdict, where it was saved, the room it takes."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.bin import folder_size
from core.errors import UserFacingError
from core.evaluation.rating.ratings import Ratings
from core.evaluation.stored import read_evaluation
from core.evaluation.summary import headline
from core.export.saves.listing import SavedForm, saved_forms
from core.language import _
from core.library.about import LONGEST_NAME, About, called, read_about, write_about
from core.library.fine_tunes import FineTune, list_fine_tunes
from core.project import Project, RunFolder
from core.storage.files import explained_io
from core.storage.ordinary import is_ordinary_file

_NOT_COPIED = frozenset({"checkpoints", "tokens", "alive.lock", "pid", "control.json", "log.txt"})


@dataclass(frozen=True, slots=True)
class Kept:
    """One fine-tune on the shelf.

    Attributes:
        name: what it is called.
        finished: when its run ended, ``None`` where that cannot be told.
        verdict: what its comparison found, ``""`` before there is one.
        rated: what its latest finished blind rating found, ``""`` before there is one.
        saved: where it lies as it was proved on this computer, the newest first.
        size: bytes of its run in the project.
    """

    tune: FineTune
    about: About
    finished: datetime.datetime | None
    verdict: str
    rated: str
    saved: tuple[SavedForm, ...]
    size: int
    name: str


def read_shelf(projects: Iterable[Path]) -> list[Kept]:
    """Return all fine-tunes of the projects, the newest run of each first."""
    saved: dict[Project, list[SavedForm]] = {}
    found = []
    for tune in list_fine_tunes(projects):
        if tune.project not in saved:
            saved[tune.project] = saved_forms(tune.project)
        found.append(_kept(tune, saved[tune.project]))
    return found


def _kept(tune: FineTune, saved: Iterable[SavedForm]) -> Kept:
    finished, size = None, 0
    with suppress(OSError):
        finished = datetime.datetime.fromtimestamp(tune.run.facts_file.stat().st_mtime)
        size = folder_size(tune.run.root)
    here = (one for one in saved if one.run == tune.run.name and one.state == "unchanged")
    about = read_about(tune.run)
    name = called(tune.run, about)
    return Kept(tune, about, finished, _verdict(tune.run), _rated(tune), tuple(here), size, name)


def _rated(tune: FineTune) -> str:
    file = tune.project.ratings_file
    if not is_ordinary_file(file):
        return ""
    with suppress(UserFacingError), Ratings(file) as ratings:
        for session in ratings.sessions(tune.run.name):
            if session.finished:
                return session.totals().verdict.sentence
    return ""


def _verdict(run: RunFolder) -> str:
    try:
        return headline(read_evaluation(run))
    except (UserFacingError, KeyError):
        return ""


def duplicate(kept: Kept) -> RunFolder:
    """Make a second fine-tune of the same weights, without what only a run needs to resume.

    Raises:
        UserFacingError: the disk refuses; nothing of the copy is left then.
    """
    source, copy = kept.tune.run, kept.tune.project.new_run("train")
    parts = [part for part in source.root.iterdir() if part.name not in _NOT_COPIED]
    parts.sort(key=lambda part: part == source.facts_file)  # it counts as finished at the end
    try:
        with explained_io(copy.root):
            for part in parts:
                _copy(part, copy.root / part.name)
        name = _("{name} (copy)", name=kept.name)
        write_about(copy, About(name=name[:LONGEST_NAME], notes=kept.about.notes))
    except BaseException:
        shutil.rmtree(copy.root, ignore_errors=True)
        raise
    return copy


def _copy(part: Path, to: Path) -> None:
    if part.is_symlink():
        return
    if part.is_dir():
        shutil.copytree(part, to, ignore=_links)
    elif part.is_file():
        shutil.copy2(part, to)


def _links(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_symlink()]

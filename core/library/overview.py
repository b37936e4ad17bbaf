"""A project at a glance: where it was left, what it has brought, the curve of its last run."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserFacingError
from core.events import TrainStep, from_line
from core.language import Sentence, _
from core.project import Project, RunFolder
from core.queue.entries import live_training
from core.storage.ordinary import open_to_read
from core.wizard import Step, load_state, where_left

_POINTS = 60
_LINE = 1 << 16  # bytes; a step is a few hundred


@dataclass(frozen=True, slots=True)
class Overview:
    """What a tile shows.

    Attributes:
        step: where it was left.
        changed: when something was last written in it.
        result: what the newest fine-tune is worth, ``None`` before there is one.
        curve: losses over the newest run, evenly spread; empty before the first step.
        is_training: a run is in progress.
    """

    root: Path
    name: str
    step: Step
    changed: datetime.datetime
    result: Sentence | None = None
    curve: tuple[float, ...] = ()
    is_training: bool = False


def read_overview(root: Path) -> Overview | None:
    """Return a project at a glance, ``None`` if it is not there or cannot be read."""
    try:
        project = Project.open(root)
        step = where_left(load_state(project))
        run = project.latest_run("train")
        changed = max(_written(project.wizard_file), _written(run.events_file) if run else 0.0)
        return Overview(
            root=root,
            name=project.name,
            step=step,
            changed=datetime.datetime.fromtimestamp(changed or _written(project.info_file)),
            result=_result(root),
            curve=read_curve(run) if run else (),
            is_training=live_training(project) is not None,
        )
    except (UserFacingError, OSError):
        return None


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _result(root: Path) -> Sentence | None:
    from core.library.fine_tunes import list_fine_tunes  # not loaded where there is no project

    tune = next(iter(list_fine_tunes([root])), None)
    if tune is None:
        return None
    if tune.perplexity is not None:
        base, tuned = tune.perplexity
        return _("Perplexity {base:.1f} → {tuned:.1f}", base=base, tuned=tuned)
    return _("Best loss {loss:.3f}", loss=tune.best_loss)


def read_curve(run: RunFolder) -> tuple[float, ...]:
    """Return the run's losses, a few dozen of them; a long file is read in places only."""
    try:
        size = run.events_file.stat().st_size
        with open_to_read(run.events_file) as file:
            found: dict[int, float] = {}
            for part in range(_POINTS):
                file.seek(size * part // _POINTS)
                if part:
                    file.readline(_LINE)  # the rest of a line
                for _look in range(4):  # other events lie between the steps
                    event = from_line(file.readline(_LINE).decode("utf-8", "replace"), "train")
                    if isinstance(event, TrainStep):
                        found[event.step] = event.loss
                        break
    except (UserFacingError, OSError):
        return ()
    return tuple(found[step] for step in sorted(found))

"""What the training's judge suggests, as one button: stop, train anew, look at some examples."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.errors import UserFacingError
from core.files import write_json
from core.jobs.events import Failed
from core.jobs.spec import training_params
from core.project import Project, RunFolder
from core.training.config import TrainingConfig, load_config, save_config
from gui.training_story import TrainingStory

_SHARES = {0.5: "half", 0.25: "a quarter of"}
# The best version is saved already: there is nothing to mend, only time to save.
_ENOUGH = frozenset({"training.memorising", "training.overfitting", "training.plateau"})
_ABOUT_EXAMPLES = frozenset({"training.odd_rows", "training.spike"})


@dataclass(frozen=True, slots=True)
class Remedy:
    """One button.

    Attributes:
        label: what the button says.
        settings: values of a new training; without any, none is started.
        stops: the training that runs is stopped first, and its best version kept.
        rows: indices of training examples to show instead; nothing else is done.
    """

    label: str
    settings: dict[str, float] = field(default_factory=dict)
    stops: bool = False
    rows: tuple[int, ...] = ()


def remedy_for(story: TrainingStory, run: RunFolder) -> Remedy | None:
    """Return what the verdict suggests now, ``None`` if it suggests nothing."""
    health = story.health
    if health is None or health.level == "green" or story.state in ("waiting", "queued", "ready"):
        return None
    if health.code in _ABOUT_EXAMPLES and health.rows:
        count = len(health.rows)
        label = f"Show these {count} examples" if count > 1 else "Show this example"
        return Remedy(label, rows=health.rows)
    runs = story.ending is None
    if runs and health.code in _ENOUGH:
        return Remedy("Stop and keep the best now", stops=True)
    rate = health.settings.get("learning_rate")
    if rate is None or not (runs or isinstance(story.ending, Failed)):
        return None
    try:
        config = load_config(run.config_file)
    except UserFacingError:
        return None
    return Remedy(_label(config, rate, runs=runs), {"learning_rate": rate}, stops=runs)


def _label(config: TrainingConfig, rate: float, *, runs: bool) -> str:
    share = _SHARES.get(round(rate / config.learning_rate, 2))
    how = f"at {share} the learning rate ({rate:g})" if share else f"at a learning rate of {rate:g}"
    return f"Stop and retry {how}" if runs else f"Retry {how}"


def retried(project: Project, run: RunFolder, settings: dict[str, float]) -> RunFolder:
    """Make a new training ready that is like ``run`` but for these settings.

    Raises:
        UserFacingError: the settings cannot be used, or the disk refuses.
    """
    config, params = load_config(run.config_file).with_values(settings), training_params(run)
    made = project.new_run("train")
    save_config(config, made.config_file)
    write_json(made.job_file, {"kind": "train", "params": params})
    return made

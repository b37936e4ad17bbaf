"""What the health check suggests, as one button: stop, train again, look at some examples."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.actions.training import ready_run
from core.config.training import TrainingConfig, load_config
from core.errors import UserFacingError
from core.events import Failed
from core.jobs.spec import training_params
from core.language import N_, Sentence, _, ngettext
from core.project import Project, RunFolder
from core.training.preferences.judgement import copy_judgements
from gui.training.view_model import TrainingViewModel

_RETRY = {  # by the new learning rate's share of the present one, 0 for any other
    0.5: N_("Retry at half the learning rate ({rate:g})"),
    0.25: N_("Retry at a quarter of the learning rate ({rate:g})"),
    0.0: N_("Retry at a learning rate of {rate:g}"),
}
_STOP_AND_RETRY = {
    0.5: N_("Stop and retry at half the learning rate ({rate:g})"),
    0.25: N_("Stop and retry at a quarter of the learning rate ({rate:g})"),
    0.0: N_("Stop and retry at a learning rate of {rate:g}"),
}
# The best version is saved already: there is nothing to fix, only time to save.
_ENOUGH = frozenset({"training.memorising", "training.overfitting", "training.plateau"})
_ABOUT_EXAMPLES = frozenset({"training.odd_rows", "training.spike"})


@dataclass(frozen=True, slots=True)
class SuggestedAction:
    """One button.

    Attributes:
        label: what the button says.
        settings: values of a new run; without any, none is started.
        stops: the present run is stopped first, and its best version kept.
        rows: indices of training examples to show instead; nothing else is done.
    """

    label: Sentence
    settings: dict[str, float] = field(default_factory=dict)
    stops: bool = False
    rows: tuple[int, ...] = ()


def suggested_action_for(view_model: TrainingViewModel, run: RunFolder) -> SuggestedAction | None:
    """Return what the verdict suggests now, ``None`` if it suggests nothing."""
    health = view_model.health
    if (
        health is None
        or health.level == "green"
        or view_model.state in ("waiting", "queued", "ready")
    ):
        return None
    if health.code in _ABOUT_EXAMPLES and health.rows:
        label = ngettext("Show this example", "Show these {count:,} examples", len(health.rows))
        return SuggestedAction(label, rows=health.rows)
    runs = view_model.ending is None
    if runs and health.code in _ENOUGH:
        return SuggestedAction(_("Stop now and keep the best"), stops=True)
    rate = health.settings.get("learning_rate")
    if rate is None or not (runs or isinstance(view_model.ending, Failed)):
        return None
    try:
        config = load_config(run.config_file)
    except UserFacingError:
        return None
    return SuggestedAction(_label(config, rate, runs=runs), {"learning_rate": rate}, stops=runs)


def _label(config: TrainingConfig, rate: float, *, runs: bool) -> Sentence:
    share = round(rate / config.learning_rate, 2)
    labels = _STOP_AND_RETRY if runs else _RETRY
    return _(labels.get(share, labels[0.0]), rate=rate)


def retried(project: Project, run: RunFolder, settings: dict[str, float]) -> RunFolder:
    """Prepare a new run that is like ``run`` except for these settings.

    Raises:
        UserFacingError: the settings cannot be used, or the disk refuses.
    """
    config, params = load_config(run.config_file).with_values(settings), training_params(run)
    again = ready_run(project, config, params)
    if params.preferences is not None:
        copy_judgements(run, again, params.preferences.judgements)
    return again

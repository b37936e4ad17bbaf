"""What each training value means: a title, plain text and the unit."""

from __future__ import annotations

from dataclasses import dataclass

from core.config.training import TrainingConfig
from core.language import N_, _


@dataclass(frozen=True, slots=True)
class Explanation:
    """The help for one value of :class:`~core.config.training.TrainingConfig`.

    Attributes:
        english: title, text and unit in English; read them through the properties.
        common: always shown; the others are under *Advanced*.
    """

    field: str
    english: tuple[str, str, str]
    common: bool = False

    @property
    def title(self) -> str:
        """What the value is called."""
        return _(self.english[0])

    @property
    def text(self) -> str:
        """What it means, in one or two sentences."""
        return _(self.english[1])

    @property
    def unit(self) -> str:
        """What stands behind the number, ``""`` for nothing."""
        return _(self.english[2]) if self.english[2] else ""

    @property
    def default(self) -> object:
        """The value that is used unless another one is chosen."""
        return TrainingConfig.model_fields[self.field].get_default(call_default_factory=True)


def _explained(
    field: str, title: str, text: str, unit: str = "", *, common: bool = False
) -> Explanation:
    return Explanation(field, (title, text, unit), common)


_ALL = (
    _explained(
        "learning_rate",
        N_("Learning rate"),
        N_(
            "How big each correction is. If it is too high, the model falls apart; if it is too "
            "low, nothing happens."
        ),
        common=True,
    ),
    _explained(
        "epochs",
        N_("Passes through the examples (epochs)"),
        N_(
            "How often the model sees every example. More epochs teach more, until the model "
            "starts to memorise."
        ),
        N_("epochs"),
        common=True,
    ),
    _explained(
        "max_length",
        N_("Length limit"),
        N_(
            "Longer examples are cut at this many tokens (a token is about three quarters of a "
            "word). A higher limit needs more memory."
        ),
        N_("tokens"),
        common=True,
    ),
    _explained(
        "rank",
        N_("Adapter size (rank)"),
        N_(
            "How much room the adapter has for new things. 16 is enough for most tasks; larger "
            "values need more memory."
        ),
    ),
    _explained(
        "alpha",
        N_("Adapter strength (alpha)"),
        N_("How strongly the adapter changes the base model. Twice the rank is usual."),
    ),
    _explained(
        "dropout",
        N_("Dropout"),
        N_(
            "Leaves out a random part of the adapter during training, against memorising. 0.1 "
            "can help with few examples."
        ),
    ),
    _explained(
        "targets",
        N_("Layers with an adapter"),
        N_("Which layers of the model get an adapter. Using all of them is usual and learns best."),
    ),
    _explained(
        "effective_batch",
        N_("Examples per step"),
        N_(
            "How many examples are used for each correction. More make it steadier; fewer make "
            "more steps."
        ),
        N_("examples"),
    ),
    _explained(
        "micro_batch_tokens",
        N_("Tokens at once"),
        N_("How much is computed at the same time. Changes memory and speed, never the result."),
        N_("tokens"),
    ),
    _explained(
        "clip_norm",
        N_("Largest correction (clipping)"),
        N_("Limits single corrections that are much larger than usual."),
    ),
    _explained(
        "warmup_fraction",
        N_("Warm-up"),
        N_("The part of the run in which the learning rate rises from zero."),
    ),
    _explained(
        "schedule",
        N_("How the learning rate falls"),
        N_("A falling learning rate lets the model settle at the end."),
    ),
    _explained(
        "weight_decay",
        N_("Weight decay"),
        N_("Pulls the adapter gently towards zero. Rarely needed."),
    ),
    _explained(
        "validations_per_epoch",
        N_("Checks per epoch"),
        N_(
            "How often the unseen examples are measured. More checks find the best moment more "
            "precisely and take more time."
        ),
        N_("checks"),
    ),
    _explained(
        "patience_epochs",
        N_("Patience"),
        N_(
            "The run stops when the unseen examples have not improved for this many epochs; 0 "
            "never stops early."
        ),
        N_("epochs"),
    ),
    _explained(
        "seed",
        N_("Seed"),
        N_("The starting point of everything random. The same seed gives the same order again."),
    ),
    _explained(
        "quantisation",
        N_("Compression of the base model"),
        N_("4 bits (nf4) need a quarter of the memory at almost the same quality."),
    ),
    _explained(
        "checkpoint_minutes",
        N_("Save at least every"),
        N_("The most work that a power cut can cost."),
        N_("minutes"),
    ),
    _explained(
        "max_steps",
        N_("Stop after"),
        N_("Ends the run after this many steps; 0 means all epochs."),
        N_("steps"),
    ),
    _explained(
        "engine",
        N_("Fast path"),
        N_(
            "Trains with this application's own faster layers for models that they support. The "
            "result is an adapter like any other."
        ),
    ),
    _explained(
        "precision",
        N_("Precision of the arithmetic"),
        N_(
            "8 bits (fp8) can be faster on new cards. They are compared with 16 bits on your "
            "examples first and used only if the same is learned."
        ),
    ),
    _explained(
        "sample_answers",
        N_("Sample answers"),
        N_("Writes a short answer at every check, so that you can read the progress."),
    ),
)

EXPLANATIONS: dict[str, Explanation] = {entry.field: entry for entry in _ALL}

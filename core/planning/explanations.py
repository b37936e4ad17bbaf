"""What each training value means, for people: a title, plain text and the unit."""

from __future__ import annotations

from dataclasses import dataclass

from core.training.config import TrainingConfig


@dataclass(frozen=True, slots=True)
class Explanation:
    """The help for one value of :class:`~core.training.config.TrainingConfig`.

    Attributes:
        common: shown to everybody; the others stand under *Advanced*.
    """

    field: str
    title: str
    text: str
    unit: str = ""
    common: bool = False

    @property
    def default(self) -> object:
        """The value that is used when nobody chooses."""
        return TrainingConfig.model_fields[self.field].get_default(call_default_factory=True)


_ALL = (
    Explanation(
        "learning_rate",
        "Learning rate",
        "How big each correction is. Too high, and the model falls apart; too low, and nothing "
        "happens.",
        common=True,
    ),
    Explanation(
        "epochs",
        "Rounds through the examples",
        "How often the model sees every example (epochs). More rounds learn more, until it begins "
        "to memorise.",
        "rounds",
        common=True,
    ),
    Explanation(
        "max_length",
        "Longest example",
        "Longer examples are cut at this many tokens (a token is about three quarters of a word). "
        "Longer needs more memory.",
        "tokens",
        common=True,
    ),
    Explanation(
        "rank",
        "Size of the addition (rank)",
        "How much room the adapter has for what is new. 16 is enough for most tasks; larger needs "
        "more memory.",
    ),
    Explanation(
        "alpha",
        "Strength of the addition (alpha)",
        "How strongly the adapter changes the base model. Twice the rank is usual.",
    ),
    Explanation(
        "dropout",
        "Dropout",
        "Leaves out a random part of the adapter while it learns, against memorising. 0.1 can help "
        "with few examples.",
    ),
    Explanation(
        "targets",
        "Layers with an addition",
        "Which layers of the model get an adapter. All of them is usual and learns best.",
    ),
    Explanation(
        "effective_batch",
        "Examples per step",
        "How many examples are looked at before each correction. More is steadier, fewer makes "
        "more steps.",
        "examples",
    ),
    Explanation(
        "micro_batch_tokens",
        "Tokens at once",
        "How much is computed at the same time. Changes memory and speed, never the result.",
        "tokens",
    ),
    Explanation(
        "clip_norm",
        "Largest correction (clipping)",
        "Holds back single corrections that are much larger than usual.",
    ),
    Explanation(
        "warmup_fraction",
        "Gentle start (warm-up)",
        "Share of the training in which the learning rate rises from zero.",
    ),
    Explanation(
        "schedule",
        "How the learning rate falls",
        "A falling learning rate lets the model settle at the end.",
    ),
    Explanation(
        "weight_decay",
        "Weight decay",
        "Pulls the adapter gently towards zero. Rarely needed.",
    ),
    Explanation(
        "validations_per_epoch",
        "Checks per round",
        "How often the unseen examples are measured. More checks find the best moment better and "
        "take more time.",
        "checks",
    ),
    Explanation(
        "patience_epochs",
        "Patience",
        "Training stops when the unseen examples have not improved for this many rounds; 0 never "
        "stops early.",
        "rounds",
    ),
    Explanation(
        "seed",
        "Seed",
        "The starting point of everything random. The same seed gives the same order again.",
    ),
    Explanation(
        "quantisation",
        "Compression of the base model",
        "4 bits (nf4) needs a quarter of the memory at almost the same quality.",
    ),
    Explanation(
        "checkpoint_minutes",
        "Save at least every",
        "The most work that can be lost when the power fails.",
        "minutes",
    ),
    Explanation(
        "max_steps",
        "Stop after",
        "Ends the training early after so many steps; 0 means all rounds.",
        "steps",
    ),
    Explanation(
        "engine",
        "Fast path",
        "Trains with this application's own faster layers where they know the model. The result is "
        "an adapter like any other.",
    ),
    Explanation(
        "precision",
        "Precision of the arithmetic",
        "8 bits (fp8) can be faster on new cards. It is compared with 16 bits on your examples "
        "first and used only if the same is learned.",
    ),
    Explanation(
        "sample_answers",
        "Sample answers",
        "Writes a short answer at every check, so that progress can be read.",
    ),
)

EXPLANATIONS: dict[str, Explanation] = {entry.field: entry for entry in _ALL}

"""Every value of one training run, validated; stored as ``config.yaml`` in its run folder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from core.errors import UserFacingError
from core.language import N_, Sentence, _, one_after_another
from core.storage.files import explained_io, write_text
from core.storage.ordinary import read_ordinary

_LIMIT = 1 << 16  # bytes; a config has some five hundred
_DEEPEST = 4
ALL_LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

_LIMITS = frozenset({"gt", "ge", "lt", "le"})
_WHOLE, _NUMBER = N_("{name} must be a whole number."), N_("{name} must be a number.")
_FAULTS = {
    "extra_forbidden": N_("{name} is not the name of a setting."),
    "greater_than": N_("{name} must be greater than {gt:g}."),
    "greater_than_equal": N_("{name} must be {ge:g} or more."),
    "less_than": N_("{name} must be less than {lt:g}."),
    "less_than_equal": N_("{name} must be {le:g} or less."),
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "bool_parsing": N_("{name} must be true or false."),
    "literal_error": N_("{name} must be one of: {choices}."),
    "too_short": N_("{name} must not be empty."),
}
_OTHER_FAULT = N_("{name} cannot have this value.")

_WITHOUT_COST = {
    "learning_rate",
    "alpha",
    "epochs",
    "clip_norm",
    "warmup_fraction",
    "schedule",
    "weight_decay",
    "validations_per_epoch",
    "patience_epochs",
    "seed",
    "checkpoint_minutes",
    "max_steps",
    "sample_answers",
}


class TrainingConfig(BaseModel):
    """The settings of one run.

    Attributes:
        learning_rate: peak of the schedule.
        rank: inner width of each LoRA pair.
        alpha: LoRA scale; the update is multiplied by ``alpha / rank``.
        dropout: share of the LoRA inputs set to zero while training.
        targets: names of the linear layers that get an adapter.
        epochs: passes over the training part (may be fractional).
        effective_batch: examples per optimizer step.
        micro_batch_tokens: most tokens computed at once; does not change the result, only memory.
        max_length: examples longer than this many tokens are cut (and counted).
        clip_norm: largest norm of the whole gradient.
        warmup_fraction: share of the steps in which the learning rate rises.
        schedule: how the learning rate falls afterwards.
        weight_decay: AdamW's decay of the LoRA weights.
        validations_per_epoch: checks on the validation part in each epoch.
        patience_epochs: stop when the best validation loss is older than this; 0 never stops early.
        seed: order of the examples, initial LoRA weights, dropout.
        quantisation: ``nf4`` keeps the base in 4 bits (QLoRA), ``none`` in 16 bits (LoRA).
        checkpoint_minutes: most work that a crash may cost.
        max_steps: end after this many optimizer steps; 0 means all epochs.
        engine: ``auto`` takes the fused layers where they know the model, ``peft`` never.
        precision: of the products with base weights; ``fp8`` is used only where the card has it
            and a comparison at the start finds the same losses and gradients.
        sample_answers: whether each validation also writes one short answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    learning_rate: float = Field(default=5e-5, gt=0, le=1)
    rank: int = Field(default=16, ge=1, le=512)
    alpha: int = Field(default=32, ge=1, le=2048)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    targets: tuple[str, ...] = Field(default=ALL_LINEARS, min_length=1)
    epochs: float = Field(default=3.0, gt=0, le=100)
    effective_batch: int = Field(default=32, ge=1, le=4096)
    micro_batch_tokens: int = Field(default=4096, ge=16)
    max_length: int = Field(default=2048, ge=16)
    clip_norm: float = Field(default=1.0, gt=0)
    warmup_fraction: float = Field(default=0.05, ge=0, lt=1)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    weight_decay: float = Field(default=0.0, ge=0, lt=1)
    validations_per_epoch: int = Field(default=4, ge=1, le=100)
    patience_epochs: float = Field(default=0.5, ge=0)
    seed: int = Field(default=0, ge=0, lt=2**31)
    quantisation: Literal["nf4", "none"] = "nf4"
    checkpoint_minutes: float = Field(default=10.0, gt=0)
    max_steps: int = Field(default=0, ge=0)
    engine: Literal["auto", "peft"] = "auto"
    precision: Literal["bf16", "fp8"] = "bf16"
    sample_answers: bool = True

    def costs_like(self, other: TrainingConfig) -> bool:
        """Return whether a step and a check take as long and as much memory as with ``other``.

        How many steps there are, and how large each change is, makes no difference to that.
        """
        return self.model_dump(exclude=_WITHOUT_COST) == other.model_dump(exclude=_WITHOUT_COST)

    def with_values(self, values: Mapping[str, object]) -> TrainingConfig:
        """Return a copy with some values replaced and everything validated again.

        Raises:
            UserFacingError: an unknown name, or a value that cannot be used.
        """
        return parse_config({**self.model_dump(), **values})


def parse_config(values: Mapping[str, object]) -> TrainingConfig:
    """Validate values from outside.

    Raises:
        UserFacingError: names every value that is unknown or out of range.
    """
    try:
        return TrainingConfig.model_validate(values)
    except ValidationError as error:
        faults = [_fault(fault) for fault in error.errors()]
        raise UserFacingError(
            "config.invalid",
            _("These training settings cannot be used: {faults}", faults=one_after_another(faults)),
            _("Correct them, or go back to the preset's own values."),
            str(error),
        ) from error


def _fault(fault: ErrorDetails) -> Sentence:
    """Return what is wrong with one value, by pydantic's code."""
    name = ".".join(str(part) for part in fault["loc"])
    limits = {key: value for key, value in fault.get("ctx", {}).items() if key in _LIMITS}
    if fault["type"] == "literal_error":
        limits["choices"] = str(fault["ctx"]["expected"]).replace(" or ", ", ")
    return _(_FAULTS.get(fault["type"], _OTHER_FAULT), name=name, **limits)


def to_yaml(values: Mapping[str, object]) -> str:
    """Return plain values as YAML text."""
    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(values, stream)
    return stream.getvalue()


def save_config(config: TrainingConfig, path: Path) -> None:
    """Write ``config`` as YAML."""
    write_text(path, to_yaml(config.model_dump(mode="json")))


def load_config(path: Path) -> TrainingConfig:
    """Read a YAML config.

    Raises:
        UserFacingError: missing, no YAML, or invalid values.
    """
    with explained_io(path):
        content = read_ordinary(path, _LIMIT)
    try:
        text = content.decode("utf-8")
        _require_plain(text)
        values = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError) as error:
        raise UserFacingError(
            "config.invalid",
            _("The settings file “{file}” cannot be read.", file=path.name),
            _("Restore it, or start a new run."),
            str(error),
        ) from error
    return parse_config(values if isinstance(values, dict) else {})


def _require_plain(text: str) -> None:
    """Refuse what makes a short text grow without end: aliases, and values nested in values.

    Raises:
        ValueError: it holds some.
    """
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise ValueError("anchors and aliases are not read")
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise ValueError("nested too deep")

"""Values and data that will probably spoil a training, each with what to use instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.planning.estimate import memory_settings
from core.planning.memory import gigabytes, memory_need
from core.planning.planner import host_memory_wanted
from core.planning.presets import Situation, usual_learning_rate
from core.planning.workload import workload
from core.training.config import TrainingConfig

_FEW_EXAMPLES = 100
_VERY_FEW_EXAMPLES = 10
_FEW_STEPS = 15
_FRACTIONS = {10: "a tenth of", 50: "one fiftieth of", 100: "a hundredth of"}


@dataclass(frozen=True, slots=True)
class Advice:
    """One warning where the value stands.

    Attributes:
        field: name of the value in the config, ``""`` when it is about the examples.
        level: ``hint`` (worth knowing), ``warning`` (probably bad), ``problem`` (will fail).
        suggestion: a better value, ``None`` where no single value mends it.
        question: the end of the sentence, ``"Use 0.00005?"``.
    """

    field: str
    level: Literal["hint", "warning", "problem"]
    text: str
    suggestion: Any = None
    question: str = ""


def advise(situation: Situation, config: TrainingConfig) -> list[Advice]:
    """Return everything worth saying about ``config``, the worst first."""
    rules = (
        _learning_rate,
        _rank,
        _strength,
        _length,
        _rounds,
        _steps,
        _checks,
        _others,
        _memory,
        _examples,
    )
    found = [advice for rule in rules for advice in rule(situation, config)]
    order = ("problem", "warning", "hint")
    return sorted(found, key=lambda advice: order.index(advice.level))


def _memory(situation: Situation, config: TrainingConfig) -> Iterator[Advice]:
    """Name the one value that makes it fit, or say that only a smaller model does."""
    free = situation.free_memory
    if free is None or _fits(situation, config):
        return
    where = "on the graphics card" if situation.device == "gpu" else "of the computer's memory"
    numbers = (
        f"{gigabytes(_need(situation, config))} of {gigabytes(free, down=True)} GB free {where}"
    )
    text = f"This needs about {numbers}; the training would stop for lack of memory."
    for field, value in _savings(situation, config):
        values = {field: value}
        if field == "max_length":  # the next advice will be to compute no more than that at once
            values["micro_batch_tokens"] = value
        if _fits(situation, config.with_values(values)):
            yield Advice(field, "problem", text, value, f"Use {value}?")
            return
    yield Advice("", "problem", f"{text} {_last_way_out(situation, config)}")


def _last_way_out(situation: Situation, config: TrainingConfig) -> str:
    """A model that does not fit could wait in the computer's memory, if that had more room."""
    if situation.cards > 1 and _fits(replace(situation, cards=1), config):
        return (
            "With one card alone it would fit, since every card's process needs its own part of "
            "the computer's memory."
        )
    shape, room = situation.shape, situation.room
    wanted = host_memory_wanted(shape, config, room, situation.model_type)
    if room.host_free is None or not wanted:
        return "Choose a smaller base model."
    return (
        f"Choose a smaller base model, or have {gigabytes(wanted)} GB of the computer's own memory "
        "free, so that the rest of the model can wait there."
    )


def _savings(situation: Situation, config: TrainingConfig) -> Iterator[tuple[str, Any]]:
    """Values to try, those first that change the result least."""
    if config.micro_batch_tokens > config.max_length:
        yield "micro_batch_tokens", config.max_length
    if config.quantisation == "none":
        yield "quantisation", "nf4"
    if config.micro_batch_tokens <= config.max_length:  # one example is always computed at once
        for length in (1536, 1024, 768, 512, 384, 256):
            if situation.data.mean_tokens <= length < config.max_length:
                yield "max_length", length
    for rank in (16, 8):
        if rank < config.rank:
            yield "rank", rank


def _fits(situation: Situation, config: TrainingConfig) -> bool:
    return _need(situation, config) <= (situation.free_memory or 0)


def _need(situation: Situation, config: TrainingConfig) -> int:
    return memory_need(situation.shape, memory_settings(situation, config)).total


def _learning_rate(situation: Situation, config: TrainingConfig) -> Iterator[Advice]:
    usual = usual_learning_rate(situation.shape, config.quantisation)
    factor = config.learning_rate / usual
    start = f"Learning rate {plain(config.learning_rate)} is about {_times(factor)} the usual."
    ask = f"Use {plain(usual)}?"
    if factor >= 10:
        text = f"{start} Training will probably fail."
        yield Advice("learning_rate", "problem", text, usual, ask)
    elif factor >= 4:
        text = f"{start} Training may become unsteady."
        yield Advice("learning_rate", "warning", text, usual, ask)
    elif factor <= 1 / 10:
        text = f"{start} Training would hardly learn anything."
        yield Advice("learning_rate", "warning", text, usual, ask)


def _rank(situation: Situation, config: TrainingConfig) -> Iterator[Advice]:
    if config.rank > situation.shape.hidden_size:
        text = f"Rank {config.rank} is larger than the model's own layers."
        yield Advice("rank", "problem", text, 16, "Use 16?")
    elif config.rank > 64:
        text = f"Rank {config.rank} needs much memory and rarely learns more than 16 or 32."
        yield Advice("rank", "warning", text, 32, "Use 32?")


def _strength(_situation: Situation, config: TrainingConfig) -> Iterator[Advice]:
    strength, usual = config.alpha / config.rank, 2 * config.rank
    if strength > 4:
        text = f"Alpha {config.alpha} is {strength:.3g}× the rank; training may become unsteady."
        yield Advice("alpha", "warning", text, usual, f"Use {usual}?")
    elif strength < 0.5:
        text = f"Alpha {config.alpha} is small for rank {config.rank}; it will learn slowly."
        yield Advice("alpha", "hint", text, usual, f"Use {usual}?")


def _length(situation: Situation, config: TrainingConfig) -> Iterator[Advice]:
    limit, longest = situation.shape.context_length, situation.data.longest_tokens
    if config.max_length > limit:
        text = f"This model reads at most {limit} tokens at once."
        yield Advice("max_length", "problem", text, limit, f"Use {limit}?")
    elif config.max_length < situation.data.mean_tokens:
        text = f"Most examples are longer than {config.max_length} tokens and would lose their end."
        better = min(limit, -(-longest // 64) * 64)
        yield Advice("max_length", "problem", text, better, f"Use {better}?")
    elif config.max_length < longest:
        text = f"The longest example has about {longest} tokens; longer ones are cut."
        yield Advice("max_length", "hint", text)


def _rounds(situation: Situation, config: TrainingConfig) -> Iterator[Advice]:
    few = situation.data.train_examples < 500
    if config.epochs > (5 if few else 8):
        text = f"{config.epochs:g} rounds make the model memorise"
        text += " so few examples." if few else " the examples."
        yield Advice("epochs", "warning", text, 3.0, "Use 3?")
    elif config.epochs < 1 and not config.max_steps:
        text = f"In {config.epochs:g} rounds the model does not see every example."
        yield Advice("epochs", "hint", text, 1.0, "Use 1?")


def _steps(situation: Situation, config: TrainingConfig) -> Iterator[Advice]:
    steps = workload(situation.data, config).steps
    if config.effective_batch > max(1, situation.data.train_examples):
        better = max(1, situation.data.train_examples // 4)
        text = f"One step would need {config.effective_batch} examples; there are only "
        text += f"{situation.data.train_examples}."
        yield Advice("effective_batch", "warning", text, better, f"Use {better}?")
    elif steps < _FEW_STEPS and config.effective_batch > 4 and not config.max_steps:
        text = f"That makes only {steps} steps, too few to learn much."
        yield Advice("effective_batch", "warning", text, 4, "Use 4 examples per step?")


def _checks(situation: Situation, config: TrainingConfig) -> Iterator[Advice]:
    if situation.data.validation_examples == 0:
        text = "Without unseen examples nobody notices when the model begins to memorise."
        yield Advice("", "warning", text)
    elif config.patience_epochs == 0 and config.epochs > 3:
        text = "Without patience the training goes on even when it only memorises."
        yield Advice("patience_epochs", "hint", text, 0.5, "Use 0.5?")
    elif 0 < config.patience_epochs * config.validations_per_epoch < 2:
        better = 2 / config.validations_per_epoch
        text = "A single weak check would end the training."
        yield Advice("patience_epochs", "warning", text, better, f"Use {better:g}?")


def _others(_situation: Situation, config: TrainingConfig) -> Iterator[Advice]:
    if config.dropout > 0.3:
        text = f"Dropout {config.dropout:g} leaves out so much that little is learned."
        yield Advice("dropout", "warning", text, 0.1, "Use 0.1?")
    if config.clip_norm > 10:
        text = f"Clipping at {config.clip_norm:g} holds nothing back any more."
        yield Advice("clip_norm", "warning", text, 1.0, "Use 1?")
    if config.clip_norm < 0.05:
        text = f"Clipping at {config.clip_norm:g} holds back almost everything."
        yield Advice("clip_norm", "warning", text, 1.0, "Use 1?")
    if config.warmup_fraction > 0.3:
        text = "Most of the training would be the gentle start."
        yield Advice("warmup_fraction", "warning", text, 0.05, "Use 0.05?")
    if config.weight_decay > 0.2:
        text = f"Weight decay {config.weight_decay:g} undoes what is learned."
        yield Advice("weight_decay", "warning", text, 0.0, "Use 0?")
    if config.checkpoint_minutes > 60:
        text = f"A power cut could cost {config.checkpoint_minutes:g} minutes of work."
        yield Advice("checkpoint_minutes", "hint", text, 10.0, "Use 10?")


def _examples(situation: Situation, _config: TrainingConfig) -> Iterator[Advice]:
    count = situation.data.train_examples
    if count < _VERY_FEW_EXAMPLES:
        text = (
            f"Only {count} examples to learn from. The model can learn almost nothing from so few."
        )
        yield Advice("", "problem", text)
    elif count < _FEW_EXAMPLES:
        text = f"Only {count} examples to learn from. "
        text += "Fine for changing style; too few to teach new knowledge."
        yield Advice("", "warning", text)


def plain(number: float) -> str:
    """Return a small number without an exponent: ``0.00005``."""
    text = f"{number:.12f}".rstrip("0").rstrip(".")
    return text if float(text) or not number else f"{number:g}"


def _times(factor: float) -> str:
    """Return "40×" or "one fiftieth of"."""
    if factor >= 1:
        return f"{factor:.2g}×" if factor < 10 else f"{round(factor)}×"
    return _FRACTIONS.get(round(1 / factor), f"1/{round(1 / factor)} of")

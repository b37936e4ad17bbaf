"""Values and data that will probably spoil a run, each with what to use instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.config.training import TrainingConfig
from core.language import Sentence, _, ngettext, number
from core.planning.estimate import memory_settings
from core.planning.memory import gigabytes, memory_need
from core.planning.planner import host_memory_wanted
from core.planning.presets import PlanInput, usual_learning_rate
from core.planning.workload import workload

_FEW_EXAMPLES = 100
_VERY_FEW_EXAMPLES = 10
_FEW_STEPS = 15


@dataclass(frozen=True, slots=True)
class Advice:
    """One warning where the value stands.

    Attributes:
        field: name of the value in the config, ``""`` when it is about the examples.
        level: ``hint`` (worth knowing), ``warning`` (probably bad), ``problem`` (will fail).
        suggestion: a better value, ``None`` where no single value helps.
        question: the end of the sentence, ``"Use 0.00005?"``.
    """

    field: str
    level: Literal["hint", "warning", "problem"]
    text: str
    suggestion: Any = None
    question: str = ""


def advise(plan_input: PlanInput, config: TrainingConfig) -> list[Advice]:
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
    found = [advice for rule in rules for advice in rule(plan_input, config)]
    order = ("problem", "warning", "hint")
    return sorted(found, key=lambda advice: order.index(advice.level))


def _memory(plan_input: PlanInput, config: TrainingConfig) -> Iterator[Advice]:
    """Name the one value that makes it fit, or say that only a smaller model does."""
    free = plan_input.free_memory
    if free is None or _fits(plan_input, config):
        return
    text = _too_large(plan_input, config, free)
    for field, value in _savings(plan_input, config):
        values = {field: value}
        if field == "max_length":  # the next advice will be to compute no more than that at once
            values["micro_batch_tokens"] = value
        if _fits(plan_input, config.with_values(values)):
            yield Advice(field, "problem", text, value, _use(value))
            return
    way_out = _last_way_out(plan_input, config)
    yield Advice("", "problem", _("{problem} {advice}", problem=text, advice=way_out))


def _too_large(plan_input: PlanInput, config: TrainingConfig, free: int) -> Sentence:
    numbers = {
        "need": gigabytes(_need(plan_input, config)),
        "free": gigabytes(free, down=True),
    }
    if plan_input.device == "gpu":
        return _(
            "This needs about {need} of {free} GB free on the graphics card; the run would stop "
            "for lack of memory.",
            **numbers,
        )
    return _(
        "This needs about {need} of {free} GB free in the computer's memory; the run would stop "
        "for lack of memory.",
        **numbers,
    )


def _last_way_out(plan_input: PlanInput, config: TrainingConfig) -> Sentence:
    """A model that does not fit could wait in the computer's memory, if that had more room."""
    if plan_input.cards > 1 and _fits(replace(plan_input, cards=1), config):
        return _(
            "Use only one card. Then it fits, because each further card needs its own share of "
            "the computer's memory."
        )
    shape, room = plan_input.shape, plan_input.room
    wanted = host_memory_wanted(shape, config, room, plan_input.model_type)
    if room.host_free is None or not wanted:
        return _("Choose a smaller base model.")
    return _(
        "Choose a smaller base model, or free {size} GB of the computer's own memory to hold the "
        "rest of the model.",
        size=gigabytes(wanted),
    )


def _savings(plan_input: PlanInput, config: TrainingConfig) -> Iterator[tuple[str, Any]]:
    """Values to try, those first that change the result least."""
    if config.micro_batch_tokens > config.max_length:
        yield "micro_batch_tokens", config.max_length
    if config.quantisation == "none":
        yield "quantisation", "nf4"
    if config.micro_batch_tokens <= config.max_length:  # one example is always computed at once
        for length in (1536, 1024, 768, 512, 384, 256):
            if plan_input.data.mean_tokens <= length < config.max_length:
                yield "max_length", length
    for rank in (16, 8):
        if rank < config.rank:
            yield "rank", rank


def _fits(plan_input: PlanInput, config: TrainingConfig) -> bool:
    return _need(plan_input, config) <= (plan_input.free_memory or 0)


def _need(plan_input: PlanInput, config: TrainingConfig) -> int:
    return memory_need(plan_input.shape, memory_settings(plan_input, config)).total


def _use(value: float | str) -> Sentence:
    """Return the question that offers a value, which is written as it would be typed."""
    shown = plain(value) if isinstance(value, float) else str(value)
    return _("Use {value}?", value=shown)


def _learning_rate(plan_input: PlanInput, config: TrainingConfig) -> Iterator[Advice]:
    usual = usual_learning_rate(plan_input.shape, config.quantisation)
    factor = config.learning_rate / usual
    rate, ask = plain(config.learning_rate), _use(usual)
    if factor >= 4:
        times = number(factor, ".2g" if factor < 10 else ".0f")
        if factor >= 10:
            text = _(
                "Learning rate {rate} is about {times}× the usual. Training will probably fail.",
                rate=rate,
                times=times,
            )
        else:
            text = _(
                "Learning rate {rate} is about {times}× the usual. Training may become unstable.",
                rate=rate,
                times=times,
            )
        yield Advice("learning_rate", "problem" if factor >= 10 else "warning", text, usual, ask)
    elif factor <= 1 / 10:
        text = _(
            "Learning rate {rate} is about 1/{part} of the usual. The model would hardly learn "
            "anything.",
            rate=rate,
            part=round(1 / factor),
        )
        yield Advice("learning_rate", "warning", text, usual, ask)


def _rank(plan_input: PlanInput, config: TrainingConfig) -> Iterator[Advice]:
    if config.rank > plan_input.shape.hidden_size:
        text = _("Rank {rank} is larger than the model's own layers.", rank=config.rank)
        yield Advice("rank", "problem", text, 16, _use(16))
    elif config.rank > 64:
        text = _(
            "Rank {rank} needs a lot of memory and rarely learns more than 16 or 32.",
            rank=config.rank,
        )
        yield Advice("rank", "warning", text, 32, _use(32))


def _strength(_plan_input: PlanInput, config: TrainingConfig) -> Iterator[Advice]:
    strength, usual = config.alpha / config.rank, 2 * config.rank
    if strength > 4:
        text = _(
            "Alpha {alpha} is {times:.3g}× the rank; training may become unstable.",
            alpha=config.alpha,
            times=strength,
        )
        yield Advice("alpha", "warning", text, usual, _use(usual))
    elif strength < 0.5:
        text = _(
            "Alpha {alpha} is small for rank {rank}; the model will learn slowly.",
            alpha=config.alpha,
            rank=config.rank,
        )
        yield Advice("alpha", "hint", text, usual, _use(usual))


def _length(plan_input: PlanInput, config: TrainingConfig) -> Iterator[Advice]:
    limit, longest = plan_input.shape.context_length, plan_input.data.longest_tokens
    if config.max_length > limit:
        text = _("This model reads at most {limit} tokens at once.", limit=limit)
        yield Advice("max_length", "problem", text, limit, _use(limit))
    elif config.max_length < plan_input.data.mean_tokens:
        text = _(
            "Most examples are longer than {limit} tokens and would be cut off.",
            limit=config.max_length,
        )
        better = min(limit, -(-longest // 64) * 64)
        yield Advice("max_length", "problem", text, better, _use(better))
    elif config.max_length < longest:
        text = _(
            "The longest example has about {longest} tokens and would be cut.", longest=longest
        )
        yield Advice("max_length", "hint", text)


def _rounds(plan_input: PlanInput, config: TrainingConfig) -> Iterator[Advice]:
    few = plan_input.data.train_examples < 500
    if config.epochs > (5 if few else 8):
        if few:
            text = _(
                "With so few examples, {epochs:g} epochs make the model memorise them.",
                epochs=config.epochs,
            )
        else:
            text = _(
                "{epochs:g} epochs make the model memorise the examples.", epochs=config.epochs
            )
        yield Advice("epochs", "warning", text, 3.0, _use(3))
    elif config.epochs < 1 and not config.max_steps:
        text = _(
            "With less than one epoch ({epochs:g}), the model does not see every example.",
            epochs=config.epochs,
        )
        yield Advice("epochs", "hint", text, 1.0, _use(1))


def _steps(plan_input: PlanInput, config: TrainingConfig) -> Iterator[Advice]:
    steps, count = workload(plan_input.data, config).steps, plan_input.data.train_examples
    if config.effective_batch > max(1, count):
        better = max(1, count // 4)
        text = ngettext(
            "One step would need {batch} examples; there is only {count}.",
            "One step would need {batch} examples; there are only {count}.",
            count,
            batch=config.effective_batch,
        )
        yield Advice("effective_batch", "warning", text, better, _use(better))
    elif steps < _FEW_STEPS and config.effective_batch > 4 and not config.max_steps:
        text = ngettext(
            "That makes only {count} step, too few to learn much.",
            "That makes only {count} steps, too few to learn much.",
            steps,
        )
        yield Advice("effective_batch", "warning", text, 4, _("Use 4 examples per step?"))


def _checks(plan_input: PlanInput, config: TrainingConfig) -> Iterator[Advice]:
    if plan_input.data.validation_examples == 0:
        text = _("Without unseen examples, nothing shows when the model starts to memorise.")
        yield Advice("", "warning", text)
    elif config.patience_epochs == 0 and config.epochs > 3:
        text = _("With a patience of 0, the run continues even when the model only memorises.")
        yield Advice("patience_epochs", "hint", text, 0.5, _use(0.5))
    elif 0 < config.patience_epochs * config.validations_per_epoch < 2:
        better = 2 / config.validations_per_epoch
        text = _("A single weak check would end the run.")
        yield Advice("patience_epochs", "warning", text, better, _use(better))


def _others(_plan_input: PlanInput, config: TrainingConfig) -> Iterator[Advice]:
    yield from _stability(config)
    if config.warmup_fraction > 0.3:
        text = _("Most of the run would be warm-up.")
        yield Advice("warmup_fraction", "warning", text, 0.05, _use(0.05))
    if config.weight_decay > 0.2:
        text = _("Weight decay {decay:g} undoes what is learned.", decay=config.weight_decay)
        yield Advice("weight_decay", "warning", text, 0.0, _use(0))
    if config.checkpoint_minutes > 60:
        text = _(
            "A power cut could cost {minutes:g} minutes of work.", minutes=config.checkpoint_minutes
        )
        yield Advice("checkpoint_minutes", "hint", text, 10.0, _use(10))


def _stability(config: TrainingConfig) -> Iterator[Advice]:
    if config.dropout > 0.3:
        text = _(
            "Dropout {dropout:g} leaves out so much that the model learns little.",
            dropout=config.dropout,
        )
        yield Advice("dropout", "warning", text, 0.1, _use(0.1))
    if config.clip_norm > 10:
        text = _("Clipping at {norm:g} no longer limits anything.", norm=config.clip_norm)
        yield Advice("clip_norm", "warning", text, 1.0, _use(1))
    if config.clip_norm < 0.05:
        text = _("Clipping at {norm:g} suppresses almost everything.", norm=config.clip_norm)
        yield Advice("clip_norm", "warning", text, 1.0, _use(1))


def _examples(plan_input: PlanInput, _config: TrainingConfig) -> Iterator[Advice]:
    count = plan_input.data.train_examples
    if count < _VERY_FEW_EXAMPLES:
        text = ngettext(
            "Only {count} example to learn from. The model can learn almost nothing from so few.",
            "Only {count} examples to learn from. The model can learn almost nothing from so few.",
            count,
        )
        yield Advice("", "problem", text)
    elif count < _FEW_EXAMPLES:
        text = ngettext(
            "Only {count} example to learn from. Fine for changing style; too few to teach new "
            "knowledge.",
            "Only {count} examples to learn from. Fine for changing style; too few to teach new "
            "knowledge.",
            count,
        )
        yield Advice("", "warning", text)


def plain(value: float) -> str:
    """Return a small number as it is typed, without an exponent: ``0.00005``."""
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return text if float(text) or not value else f"{value:g}"

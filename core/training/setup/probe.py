"""A look at a loaded model before its first step: would it learn what the examples say?

Every family that transformers knows may be trained, also those that nobody has tried here, and
kernels of a card or another version of a library may compute something else than was tested. So
every model is asked, with some hundred tokens of the examples: whether packed examples are kept
apart, whether our loss is that of the model's own logits, whether every layer that should learn has
an adapter and every adapter a gradient, and whether the base is as before with the adapter off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.chat.packing import Row, collate
from core.chat.tokens import TokenTable
from core.config.training import ALL_LINEARS, TrainingConfig
from core.errors import UserFacingError, is_out_of_memory
from core.events import Notice
from core.hardware.cards.loss import is_card_error
from core.language import Sentence, _
from core.training.loss import TrainingLoss, token_losses
from core.training.run import Run
from core.training.targets import decoder_of

if TYPE_CHECKING:
    import torch

_LENGTHS = (40, 56)  # tokens of the two examples
_FEW = 8  # tokens of a question
_NOISE = 4.0  # so many times the difference that only rounding makes may be rounding
_ROUNDING = 0.01  # nats of one token; 16 bits give no better
_ALL, _LEAST_SHARE = 0.99, 0.6  # of the weights, where not all layers can have an adapter
_A_STEP = 1e-2
_GRADIENTS_APART = 0.3  # of their length


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found.

    Attributes:
        share: of the decoder's linear weights, those with an adapter.
        keeps_apart: whether packed examples do not see each other.
        reason: why the model cannot be trained; ``""`` where it can.
    """

    share: float
    keeps_apart: bool = True
    reason: Sentence | str = ""

    @property
    def as_it_should_be(self) -> bool:
        """Whether nothing at all is unusual."""
        return self.keeps_apart and not self.reason


def probe_run(run: Run) -> None:
    """Probe the model of a run that is about to begin, with its untrained adapter.

    Raises:
        UserFacingError: the model cannot be trained; it says why.
    """
    loss = run.fallback.loss
    base: Any = run.model.get_base_model()
    if not isinstance(loss, TrainingLoss):
        return
    texts = two_texts(run.train)
    found = _probed(run, loss, texts)
    if loss.engine is not None and not run.ranks.least(int(found.as_it_should_be)):
        _leave_the_fast_path(run, loss)
        found = _probed(run, loss, texts)
    if found.reason:
        raise UserFacingError(
            "training.probe_failed",
            found.reason,
            _("Choose another base model."),
            f"{base.config.model_type}: {found}",  # not shown: technical details
        )
    if found.share < _ALL and set(run.config.targets) >= set(ALL_LINEARS):
        text = _("Only {share:.0%} of this model’s layers could learn.", share=found.share)
        run.link.emit(Notice(level="info", code="training.partly", text=text, todo=""))
    loss.one_by_one = not run.ranks.least(int(found.keeps_apart))
    if loss.one_by_one:
        text = _("This model mixes up examples that are computed together.")
        todo = _("So each example is computed alone, which takes longer.")
        run.link.emit(Notice(level="info", code="training.one_by_one", text=text, todo=todo))


def _leave_the_fast_path(run: Run, loss: TrainingLoss) -> None:
    """Train by the model's own forward pass from here on, and say so.

    Raises:
        UserFacingError: layers wait in the computer's memory, and only the engine could fetch them.
    """
    why_not = _("The fast path computes something else here.")
    if run.fallback.plan.stream_layers:
        raise UserFacingError(
            "training.needs_fast_path",
            _("The model is larger than the card, and only the fast path can train such a model."),
            _("Choose a smaller base model. {reason}", reason=why_not),
        )
    if loss.engine is not None:
        loss.engine.release()
    loss.engine, loss.why_not = None, why_not
    text = _("This run trains without the fast path.")
    run.link.emit(Notice(level="info", code="training.no_fast_path", text=text, todo=why_not))
    loss.follow(run.fallback.plan)
    run.fallback.layers, run.fallback.can_move = 1, False


def _probed(run: Run, loss: TrainingLoss, texts: list[Row]) -> Probed:
    """Probe; a model whose own code fails cannot be trained either."""
    try:
        return probe(run.model, run.config, loss, texts, run.device)
    except Exception as error:  # of any kind, from code that is not ours
        if is_out_of_memory(error) or is_card_error(error):
            raise
        raise UserFacingError(
            "training.probe_failed",
            _("This model’s own program part fails while it is computed."),
            _("Choose another base model."),
            repr(error),
        ) from error


def two_texts(table: TokenTable) -> list[Row]:
    """Return two short texts made of the first examples' tokens, of which all are learned."""
    ids: list[int] = []
    for row in range(len(table)):
        ids.extend(int(token) for token in table.row(row).ids)
        if len(ids) >= sum(_LENGTHS):
            break
    ids = (ids * -(-sum(_LENGTHS) // len(ids)))[: sum(_LENGTHS)]
    pieces = ids[: _LENGTHS[0]], ids[_LENGTHS[0] :]
    return [Row(piece, piece) for piece in pieces]


def probe(
    model: Any, config: TrainingConfig, loss: TrainingLoss, texts: list[Row], device: str
) -> Probed:
    """Return what a model with an untrained adapter does with two texts; it stays as it was."""
    decoder = decoder_of(model.get_base_model())
    share = decoder.share(decoder.adapted())
    if share < _LEAST_SHARE and set(config.targets) >= set(ALL_LINEARS):
        reason = _("Only {share:.0%} of this model’s layers could learn.", share=share)
        return Probed(share, reason=reason)
    with _quiet(model):
        own = [_own_losses(model, row, device) for row in texts]
        alone = [_losses(loss, [row], one_by_one=True) for row in texts]
        if _apart(alone, own) > _ROUNDING + _NOISE * _rounding(alone, own):
            return Probed(share, reason=_("The loss computed here is not the one of this model."))
        _try_to_answer(model, texts[0], device)
        apart = _keeps_apart(loss, texts, alone) or _keeps_apart_when_told(loss, texts, alone)
        return Probed(share, apart, _adapters_at_fault(model, loss, texts, alone, apart))


@contextmanager
def _quiet(model: Any) -> Iterator[None]:
    """Untrained, without dropout, and without a trace: all is as before afterwards."""
    import torch

    was_training, halves = model.training, _last_halves(model)
    kept = [half.detach().clone() for half in halves.values()]
    model.eval()
    with torch.random.fork_rng():
        try:
            _fill(halves, [torch.zeros_like(half) for half in kept])
            yield
        finally:
            _fill(halves, kept)
            model.zero_grad(set_to_none=True)
            model.train(was_training)


def _last_halves(model: Any) -> dict[str, torch.Tensor]:
    """The adapter's matrices that begin at zero, so that it changes nothing."""
    return {name: p for name, p in model.named_parameters() if "lora_B" in name}


def _fill(halves: dict[str, torch.Tensor], values: list[torch.Tensor]) -> None:
    import torch

    with torch.no_grad():
        for half, value in zip(halves.values(), values, strict=True):
            half.copy_(value)


def _losses(loss: TrainingLoss, rows: list[Row], *, one_by_one: bool) -> torch.Tensor:
    import torch

    before, loss.one_by_one = loss.one_by_one, one_by_one
    try:
        with torch.no_grad():
            return loss(collate(rows))[1].float().cpu()
    finally:
        loss.one_by_one = before


def _own_losses(model: Any, row: Row, device: str) -> torch.Tensor:
    """Return the losses of a text by the logits that the model gives for it, as anyone calls it."""
    import torch
    from torch.nn import functional

    ids = torch.tensor([list(row.ids)], device=device)
    with torch.no_grad(), torch.autocast(device.partition(":")[0], torch.bfloat16):
        logits = model(input_ids=ids, use_cache=False).logits[0, :-1].float()
    return functional.cross_entropy(logits, ids[0, 1:], reduction="none").cpu()


def _try_to_answer(model: Any, row: Row, device: str) -> None:
    """Let the model write two tokens; what fails there would fail when its answers are judged.

    Raises:
        Exception: of any kind, from code that is not ours.
    """
    import torch

    ids = torch.tensor([list(row.ids)[:_FEW]], device=device)
    with torch.no_grad(), torch.autocast(device.partition(":")[0], torch.bfloat16):
        model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=2, do_sample=False
        )


def _apart(these: list[torch.Tensor], those: list[torch.Tensor]) -> float:
    pairs = zip(these, those, strict=True)
    return max(abs(float(one.mean() - other.mean())) for one, other in pairs)


def _rounding(these: list[torch.Tensor], those: list[torch.Tensor]) -> float:
    """What rounding makes of a mean: single tokens differ in both directions."""
    pairs = zip(these, those, strict=True)
    return max(float((one - other).std()) / float(len(one) ** 0.5) for one, other in pairs)


def _keeps_apart(loss: TrainingLoss, texts: list[Row], alone: list[torch.Tensor]) -> bool:
    """Whether the second of two texts is computed as if the first did not stand before it.

    The first one shows how much only rounding changes; both are asked in either place.
    """
    rounding = seen = 0.0
    for order in ((0, 1), (1, 0)):
        packed = _losses(loss, [texts[i] for i in order], one_by_one=False)
        parts = packed.split([len(alone[i]) for i in order])  # type: ignore[no-untyped-call]
        first, second = (
            float((p - alone[i]).abs().max()) for p, i in zip(parts, order, strict=True)
        )
        rounding, seen = max(rounding, first), max(seen, second)
    return seen <= _ROUNDING + _NOISE * rounding


def _keeps_apart_when_told(loss: TrainingLoss, texts: list[Row], alone: list[torch.Tensor]) -> bool:
    """Whether masks keep the texts apart, which positions do not; if so, they are used."""
    if loss.engine is not None:
        return False
    loss.masked = True
    try:
        loss.masked = _keeps_apart(loss, texts, alone)
    except Exception as error:  # of any kind: the family takes no such masks
        if is_out_of_memory(error) or is_card_error(error):
            raise
        loss.masked = False
    return loss.masked


def _adapters_at_fault(
    model: Any, loss: TrainingLoss, texts: list[Row], alone: list[torch.Tensor], apart: bool
) -> Sentence | str:
    """Say which adapter would not learn, or what it changes that it must not; else ``""``."""
    import torch

    before, loss.one_by_one = loss.one_by_one, not apart
    model.train()
    try:
        loss(collate(texts))[0].backward()  # type: ignore[no-untyped-call]
    finally:
        model.eval()
        loss.one_by_one = before
    grads = {name: half.grad for name, half in _last_halves(model).items()}
    if still := [name for name, grad in grads.items() if grad is None or not grad.any()]:
        name = still[0].partition(".lora_")[0].removeprefix("base_model.model.")
        return _("The layer “{name}” of this model would learn nothing.", name=name)
    if not all(bool(torch.isfinite(grad).all()) for grad in grads.values() if grad is not None):
        return _("The gradients of this model are not finite numbers.")
    streams = loss.engine is None or loss.engine.plan.stream_layers  # no one else fetches those
    if not streams and _gradients_differ(model, loss, texts[0]):
        return _("The gradients computed here are not those of this model.")
    return _adapter_changes(model, loss, texts[:1], alone[0])


def _gradients_differ(model: Any, loss: TrainingLoss, row: Row) -> bool:
    """Whether the engine's gradients are others than those of the model's own forward pass.

    Rounding makes some hundredths of them; a wrong kernel makes them as large as they are.
    """
    import torch

    batch = collate([row])
    losses = (
        lambda: loss(batch)[0],
        lambda: token_losses(model, batch, loss.device, one_by_one=True, masked=False).sum(),
    )
    found = []
    for summed in losses:
        model.zero_grad(set_to_none=True)
        summed().backward()  # type: ignore[no-untyped-call]
        halves = _last_halves(model).values()
        found.append([half.grad.float() for half in halves if half.grad is not None])
    ours, own = found
    apart = torch.stack([(a - b).norm() for a, b in zip(ours, own, strict=True)]).norm()
    return not bool(apart <= _GRADIENTS_APART * torch.stack([g.norm() for g in own]).norm())


def _adapter_changes(
    model: Any, loss: TrainingLoss, texts: list[Row], alone: torch.Tensor
) -> Sentence | str:
    """Say what is wrong with a moved adapter, or with the base where it is off; else ``""``."""
    import torch

    halves = _last_halves(model)
    moved = [half.grad.sign() * _A_STEP for half in halves.values() if half.grad is not None]
    _fill(halves, moved)
    changed = _losses(loss, texts, one_by_one=True)
    with model.disable_adapter():
        off = _losses(loss, texts, one_by_one=True)
    if not torch.equal(off, alone):
        return _("This model does not stay as it was without the adapter.")
    if torch.equal(changed, alone):
        return _("What the adapter learns would change nothing in this model.")
    return ""

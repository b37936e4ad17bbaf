"""Loss of one packed micro-batch, computed only where something is learned.

Two ways to the same number: the engine's fused layers, and peft's own forward pass for models and
settings that the engine does not know. Either gives the summed negative log-likelihood (nats) of
the trained tokens: the caller divides by the trained tokens of the whole effective batch, so that a
token weighs the same in whichever micro-batch it lies. Where a micro-batch weighs its examples, the
sum is weighted; the losses of the single tokens never are.

Source: the capped logits, cap * tanh(logits / cap), are from Gemma Team, 2024, *Gemma 2*.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Protocol

from core.chat.packing import IGNORED, Floats, PackedBatch
from core.config.engine import EnginePlan
from core.config.training import TrainingConfig
from core.language import _
from core.models.config import SUPPORTED

if TYPE_CHECKING:
    import torch

    from core.training.engine.engine import Engine
    from core.training.engine.offload.experts_stream import ExpertsStream


class Loss(Protocol):
    """What the loop computes with."""

    def __call__(self, batch: PackedBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the summed loss (scalar) of a micro-batch, and that of each trained token [R].

        Gradients flow from the sum alone.
        """

    def follow(self, plan: EnginePlan) -> None:
        """Spend memory as ``plan`` says from the next micro-batch on."""


class TrainingLoss:
    """The losses of a run, by the engine where it can, else by peft.

    Attributes:
        engine: ``None`` where peft computes.
        why_not: why the engine does not: one sentence, ``""`` where it does.
        one_by_one: whether peft computes each example of a micro-batch for itself.
        device: where it is computed.
        masked: whether it is told which tokens of a micro-batch belong together; by their positions
            it does not see that.
    """

    one_by_one = False
    masked = False

    def __init__(
        self, model: Any, config: TrainingConfig, device: str, plan: EnginePlan | None = None
    ) -> None:
        self._model, self.device = model, device
        self.engine: Engine | None = None
        self._experts: ExpertsStream | None = None
        self._embedding_away = False
        self.engine, self.why_not = _engine(model, config)
        self.follow(plan or EnginePlan())

    def __call__(self, batch: PackedBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the summed loss (scalar) of a micro-batch, and that of each trained token [R]."""
        if self.engine is not None:
            return self.engine.forward_loss(batch)
        losses = token_losses(
            self._model, batch, self.device, one_by_one=self.one_by_one, masked=self.masked
        )
        weights = batch.token_weights()
        if weights is None:
            return losses.sum(), losses.detach()
        return (losses * _as_tensor(weights, losses)).sum(), losses.detach()

    def follow(self, plan: EnginePlan) -> None:
        """Spend memory as ``plan`` says; peft only knows to keep everything or nothing.

        A mixture's experts and the token embedding can wait in the host's memory there, too.
        """
        if self.engine is not None:
            self.engine.follow(plan)
            return
        if plan.keep_layers is not None:
            _enable_recomputation(self._model)
        self._place_embedding(plan)
        self._stream_experts(plan)

    def _place_embedding(self, plan: EnginePlan) -> None:
        if not plan.host_embedding and not self._embedding_away:
            return
        import torch

        from core.training.engine.offload.host_embedding import move_back, move_to_host

        self._embedding_away = plan.host_embedding
        base = self._model.get_base_model()
        embedding, head = base.get_input_embeddings(), base.get_output_embeddings()
        if plan.host_embedding and (head is None or head.weight is not embedding.weight):
            move_to_host(embedding, torch.device(self.device))
        else:
            move_back(embedding, torch.device(self.device))

    def _stream_experts(self, plan: EnginePlan) -> None:
        if self._experts is None and not plan.stream_layers:
            return
        if self._experts is None:
            import torch

            from core.training.engine.offload.experts_stream import ExpertsStream

            self._experts = ExpertsStream(self._model, torch.device(self.device))
        self._experts.follow(plan)


def _as_tensor(weights: Floats, like: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.from_numpy(weights).to(like.device, like.dtype)


def _engine(model: Any, config: TrainingConfig) -> tuple[Engine | None, str]:
    from core.training.engine.choice import choose_engine

    if config.engine == "peft":
        return None, _("It is switched off in the settings.")
    if config.dropout:
        return None, _("It does not support dropout.")
    return choose_engine(model)


def _enable_recomputation(model: Any) -> None:
    base = model.get_base_model()
    if not getattr(base, "supports_gradient_checkpointing", True):
        return
    # transformers renamed it in the course of version 5
    names = ("activation_checkpointing_enable", "gradient_checkpointing_enable")
    enable = next(getattr(base, name) for name in names if hasattr(base, name))
    enable({"use_reentrant": False})


def token_losses(
    model: Any,
    batch: PackedBatch,
    device: str,
    *,
    one_by_one: bool | None = None,
    masked: bool = False,
) -> torch.Tensor:
    """Return the losses of the trained tokens [R] by the model's own forward pass, in bf16.

    Masked positions never reach the output layer, the largest matrix of a small model.

    Args:
        model: a causal language model, with or without a peft adapter.
        batch: one row of T tokens; positions restart at each example, from which transformers
            builds attention that stays inside each example.
        device: where the model is.
        one_by_one: compute each example for itself; by default only the families do not that are
            known to keep packed examples apart.
        masked: hand over masks that keep the examples apart.
    """
    import torch

    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    known = type(base).__name__ in SUPPORTED
    with torch.autocast(device.partition(":")[0], torch.bfloat16):
        if known and not one_by_one:
            return _by_token(base, batch, device)
        if one_by_one is False:
            return _by_own_head(base, batch, device, masked=masked)
        return torch.cat([_by_own_head(base, part, device) for part in batch.apart()])


def _by_own_head(
    base: Any, batch: PackedBatch, device: str, *, masked: bool = False
) -> torch.Tensor:
    """Return the losses of the trained tokens [R] in fp32, by the logits that the model gives.

    So whatever scales or caps a family has are those of its own class.
    """
    import torch
    from torch.nn import functional

    targets = torch.from_numpy(batch.labels[0, 1:]).to(device)
    learned = (targets != IGNORED).nonzero()[:, 0]
    takes = inspect.signature(base.forward).parameters
    values = {"input_ids": torch.from_numpy(batch.ids).to(device), "logits_to_keep": learned}
    if len(batch.cu_seqlens) > 2 and "position_ids" in takes:
        values["position_ids"] = torch.from_numpy(batch.position_ids).to(device)
        if masked:
            values["attention_mask"] = _masks(base, values["position_ids"])
    if hasattr(base.config, "vision_config"):  # all of it is text
        kinds = ("token_type_ids", "mm_token_type_ids")
        values |= {name: torch.zeros_like(values["input_ids"]) for name in kinds if name in takes}
    logits = base(**values, use_cache=False).logits[0].float()  # [n, V]
    if len(logits) != len(learned):  # a class that gives those of all positions
        logits = logits[learned]
    return functional.cross_entropy(logits, targets[learned], reduction="none")


def _masks(base: Any, positions: torch.Tensor) -> Any:
    """Return who may look at whom [1, 1, T, T], by kind of layer where there are several.

    Raises:
        ValueError: the family has layers of a kind that is not known here.
    """
    import torch
    from transformers.masking_utils import create_causal_mask, create_sliding_window_causal_mask

    config = base.config.get_text_config()
    known = {
        "full_attention": create_causal_mask,
        "sliding_attention": create_sliding_window_causal_mask,
    }
    kinds = set(getattr(config, "layer_types", None) or ())
    windows = any(getattr(config, n, None) for n in ("sliding_window", "attention_chunk_size"))
    if not kinds <= known.keys() or (windows and not kinds):
        raise ValueError(f"layers of the kinds {sorted(kinds)}")
    states = torch.empty(*positions.shape, 1, dtype=base.dtype, device=positions.device)
    values = {"config": config, "inputs_embeds": states, "attention_mask": None,
              "past_key_values": None, "position_ids": positions}  # fmt: skip
    if not kinds:
        return create_causal_mask(**values)
    return {kind: known[kind](**values) for kind in kinds}


def _by_token(base: Any, batch: PackedBatch, device: str) -> torch.Tensor:
    """Return the losses of the trained tokens [R] in fp32; logits [R, V] exist for those only."""
    import torch

    hidden = base.model(  # [1, T, h]
        input_ids=torch.from_numpy(batch.ids).to(device),
        position_ids=torch.from_numpy(batch.position_ids).to(device),
        use_cache=False,
    ).last_hidden_state
    targets = torch.from_numpy(batch.labels[0, 1:]).to(device)  # position i predicts token i + 1
    learned = targets != IGNORED
    return head_losses(base, hidden[0, :-1][learned], targets[learned])


def head_losses(base: Any, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the losses [n] in fp32 of tokens [n] that follow the last hidden states [n, h].

    Args:
        base: a model of a family in :data:`core.models.config.SUPPORTED`.
    """
    import torch
    from torch.nn import functional

    logits = base.lm_head(hidden).float()  # [n, V]
    cap = getattr(base.config, "final_logit_softcapping", None)
    if cap:
        logits = cap * torch.tanh(logits / cap)
    return functional.cross_entropy(logits, targets, reduction="none")

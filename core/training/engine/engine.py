"""The engine's outside: attach it to a peft model, hand it packed micro-batches, get losses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from core.chat.packing import IGNORED, Floats, Ints, PackedBatch
from core.config.engine import EnginePlan
from core.training.engine.attention import Positions, Segments
from core.training.engine.fused.dispatch import use_kernels
from core.training.engine.fused.fp8 import has_fp8
from core.training.engine.fused.head_loss import Head, head_loss
from core.training.engine.fused.nf4 import keep_plain_layout
from core.training.engine.layer import Visit, run_layer
from core.training.engine.offload.host_embedding import move_back, move_to_host
from core.training.engine.offload.host_store import Parked
from core.training.engine.offload.weight_stream import WeightStream, linear_weights
from core.training.engine.projection import Projection, refresh
from core.training.engine.reading import Model, read


def attach(model: nn.Module, plan: EnginePlan | None = None) -> Engine:
    """Return an engine that trains the adapter of ``model``, a loaded peft model.

    The model stays usable: it generates, is evaluated and saved as before, and the adapter's
    parameters stay the ones that peft made. :meth:`Engine.release` undoes what a plan moved.

    Raises:
        reading.Unsupported: the engine cannot run this model; see :func:`reading.supports`.
    """
    keep_plain_layout(model)
    return Engine(read(model), plan or EnginePlan())


@dataclass(eq=False)
class Engine:
    """Runs the forward and backward pass of one model under a plan."""

    model: Model
    plan: EnginePlan
    weights: WeightStream = field(init=False)
    _projections: list[Projection] = field(init=False)
    _stream: torch.cuda.Stream | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._projections = [p for layer in self.model.layers for p in layer.projections()]
        self.weights = WeightStream(self.device)
        self.follow(self.plan)

    def follow(self, plan: EnginePlan) -> None:
        """Work by ``plan`` from the next micro-batch on; move what it wants elsewhere."""
        self.plan = plan
        use_kernels(plan.kernels)
        for projection in self._projections:
            projection.fp8 = plan.precision == "fp8" and has_fp8(self.device)
            projection.scratch.forget()  # its rows may now have another length
        self._stream = None
        if plan.offload_inputs and self.device.type == "cuda":
            self._stream = torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]
        embedding = self.model.inner.embed_tokens
        move = move_to_host if plan.host_embedding else move_back
        if embedding.weight is not self.model.head:
            move(embedding, self.device)
        if self.model.inputs is not None:
            move(self.model.inputs.table, self.device)
        layers = self.model.inner.layers
        streamed = [i for i in range(len(layers)) if plan.streams(i, len(layers))]
        self.weights.hold({i: linear_weights(layers[i]) for i in streamed}, layers)

    @property
    def device(self) -> torch.device:
        """Where the layers are."""
        return self.model.norm.weight.device

    def forward_loss(self, batch: PackedBatch) -> tuple[Tensor, Tensor]:
        """Return the summed loss (scalar) of a micro-batch, and that of each trained token [R].

        Divide the sum by the trained tokens of the whole effective batch before ``backward()``.
        Under ``torch.no_grad()`` nothing is kept, for evaluation; a switched-off adapter is
        respected there.

        Raises:
            RuntimeError: the adapter is switched off while gradients are asked for.
        """
        with torch.autocast(self.device.type, enabled=False):  # the engine chooses types itself
            self._refresh_adapters()
            h = self._embed(batch)
            h = self._run_layers(h, self._positions(batch, h))
            return self._loss(h, batch.labels[0, 1:], batch.token_weights())

    def _loss(
        self, h: Tensor, targets: Ints, weights: Floats | None = None
    ) -> tuple[Tensor, Tensor]:
        """Position i of ``h`` predicts token i + 1, whose label is ``targets[i]``."""
        rows = (targets != IGNORED).nonzero()[0]
        model = self.model
        head = Head(model.norm, model.head, self.plan.loss_chunk_mib << 20, model.logit_cap)
        weighing = None if weights is None else self._send(weights.astype(np.float32))
        return head_loss(h, head, self._send(rows), self._send(targets[rows]), weighing)

    def release(self) -> None:
        """Put back what the plan had moved; the engine must not be used afterwards."""
        move_back(self.model.inner.embed_tokens, self.device)
        if self.model.inputs is not None:
            move_back(self.model.inputs.table, self.device)
        self.weights.release()

    def _run_layers(self, h: Tensor, positions: dict[tuple[str, bool], Positions]) -> Tensor:
        """Return the hidden states [T, K] after the last layer, in the type of ``h`` [T, K]."""
        count, before = len(self.model.layers), None
        for index, layer in enumerate(self.model.layers):
            keep, training = self.plan.keeps(index, count), torch.is_grad_enabled()
            parking = self._stream if training and not keep else None
            held = Parked(h.detach(), parking, before)
            before = held if training else None
            visit = Visit(keep, held, self._fetch(index))
            h = run_layer(h, layer, positions[layer.kind, layer.turned], visit)
        return h

    def _fetch(self, index: int) -> Callable[[bool], None]:
        return lambda back: self.weights.need(index, back=back)

    def _embed(self, batch: PackedBatch) -> Tensor:
        """Return the embedded tokens [T, K] in the compute type, on the device."""
        embedding = self.model.inner.embed_tokens
        weight = embedding.weight
        ids = torch.from_numpy(batch.ids[0]).to(weight.device, non_blocking=True)
        rows = nn.functional.embedding(ids, weight).detach().to(self.model.dtype)
        h = rows.to(self.device, non_blocking=True)
        scale = self.model.embedding_scale
        return h if scale == 1.0 else h * torch.tensor(scale, dtype=h.dtype, device=h.device)

    def _positions(self, batch: PackedBatch, h: Tensor) -> dict[tuple[str, bool], Positions]:
        """What the layers of each kind must know of a micro-batch with the states ``h`` [T, K].

        The rotary tables are [T, P / 2], in the type of ``h``.
        """
        starts = self._send(batch.cu_seqlens)
        lengths = tuple((batch.cu_seqlens[1:] - batch.cu_seqlens[:-1]).tolist())
        segments, ids = Segments(starts, lengths), self._send(batch.position_ids)
        found, given = {}, self.model.inputs
        inputs = None if given is None else given.of(batch.ids[0], h)
        for kind, turned in {(layer.kind, layer.turned) for layer in self.model.layers}:
            which = (kind,) if self.model.tables_by_kind else ()
            cos, sin = self.model.inner.rotary_emb(h[None], self._places(ids), *which)
            if not turned:
                cos, sin = torch.ones_like(cos), torch.zeros_like(sin)
            half = cos.shape[-1] // 2
            cos, sin = (table[0, :, :half].contiguous() for table in (cos, sin))
            scale = self._query_scale(batch, h)
            found[kind, turned] = Positions(
                segments, cos, sin, scale, inputs, states_room=self.plan.states_mib << 20
            )
        return found

    def _places(self, ids: Tensor) -> Tensor:
        """Return positions [1, T], three times [3, 1, T] where pictures have three of their own.

        Some versions of transformers repeat them, others do not.
        """
        pictured = hasattr(self.model.inner.rotary_emb, "mrope_section")
        return ids.expand(3, *ids.shape) if pictured else ids

    def _query_scale(self, batch: PackedBatch, h: Tensor) -> Tensor | None:
        """Return what queries are multiplied with [T, 1, 1]; ``None`` where it is 1 everywhere.

        Source: Meta, *Llama 4*, 2025, for tokens far from the beginning of their text.
        """
        beta, begin = self.model.query_growth
        if not beta or batch.position_ids.max() < begin:
            return None
        ids = self._send(batch.position_ids)[0]
        scale = 1 + beta * torch.log(1 + torch.floor(ids / begin))
        return scale.to(h.dtype)[:, None, None]

    def _send(self, array: object) -> Tensor:
        """Return an array [any shape] as a tensor of the same type on the device."""
        tensor = torch.as_tensor(array)
        if self.device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self.device, non_blocking=True)

    def _refresh_adapters(self) -> None:
        """Copy the adapters into the compute type, or make the copies zero where switched off.

        This is done for every micro-batch: optimizers may write to parameters behind torch's back.
        """
        off = any(adapter.disable_adapters for adapter in self.model.adapters)
        if off and torch.is_grad_enabled():
            raise RuntimeError("the adapter is switched off, so there is nothing to train")
        refresh(self._projections, off=off)

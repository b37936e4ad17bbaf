"""One decoder layer with its backward pass written out, so that nothing is kept twice.

Shapes: T tokens, K hidden width, H query heads, G key heads of D, F feed-forward width. Hidden
states are [T, K]: the examples of a micro-batch lie end to end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.training.engine.attention import Positions
from core.training.engine.delta import DeltaNet
from core.training.engine.fused.norm import NoNorm, Norm
from core.training.engine.gated import Activation, gate, gate_backward
from core.training.engine.heads import GatedHeads, Heads, WayBack
from core.training.engine.layer_inputs import KeptOfTail, Tail
from core.training.engine.lending import LendingHeads
from core.training.engine.offload.host_store import Parked
from core.training.engine.projection import Projection

Normed = tuple[Tensor, Tensor]
"""What a norm behind a projection was given [T, K], and its 1 / rms [T]."""


@dataclass(slots=True)
class Kept:
    """What a layer's backward pass needs besides its input.

    ``attention_out`` and ``mlp_out`` are there in the families that norm what these blocks give.
    """

    rstd_in: Tensor
    qkv_reduced: Tensor
    attended: Tensor
    way_back: WayBack
    o_reduced: Tensor
    h_mid: Tensor
    rstd_mid: Tensor
    gate_up: Tensor
    gate_up_reduced: Tensor
    attention_out: Normed | None
    mlp_out: Normed | None = None
    tail: KeptOfTail | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A decoder layer: norm, attention, norm, gated feed-forward block, each with a way around.

    The projections behind a norm have its scale as ``input_scale``, so that the backward pass
    needs the norm's input only: x = h * rstd * scale.

    Attributes:
        heads: let tokens see those before them, by attention or otherwise.
        kind: of its attention, in transformers' words; layers of a kind share rotary tables.
        post_attention: norms what the attention block gives, in some families.
        post_mlp: the same for the feed-forward block.
        turned: whether positions reach this layer, by turning its queries and keys.
        residual_scale: multiplied to what either block gives.
        tail: what comes behind both blocks, in some families.
    """

    norm_in: Norm | NoNorm
    qkv: Projection
    heads: Heads | GatedHeads | DeltaNet | LendingHeads
    o: Projection
    norm_mid: Norm | NoNorm
    gate_up: Projection
    activation: Activation
    down: Projection
    kind: str = "full_attention"
    post_attention: Norm | None = None
    post_mlp: Norm | None = None
    turned: bool = True
    residual_scale: float = 1.0
    tail: Tail | None = None

    def projections(self) -> list[Projection]:
        """The layer's projections in the order of its parameters."""
        own = [self.qkv, self.o, self.gate_up, self.down]
        return own if self.tail is None else own + self.tail.projections()

    def parameters(self) -> list[nn.Parameter]:
        """The trained parameters, in the order of the gradients that ``backward`` returns."""
        return [p for projection in self.projections() for p in projection.parameters()]

    def forward(self, h: Tensor, positions: Positions) -> tuple[Tensor, Kept, Tensor]:
        """Return the output [T, K], what to keep, and the down projection's reduced input."""
        kept = self._until_gate(h, positions)
        out, reduced = self._from_gate(kept, positions)
        return out, kept, reduced

    def again(self, h: Tensor, positions: Positions) -> Kept:
        """Compute all that a backward pass needs from ``h`` [T, K], and no more."""
        kept = self._until_gate(h, positions)
        if self.post_mlp is not None or self.tail is not None:
            self._from_gate(kept, positions)
        return kept

    def _from_gate(self, kept: Kept, positions: Positions) -> tuple[Tensor, Tensor]:
        """Return the output [T, K] and the down projection's reduced input [T, R]."""
        gated = gate(kept.gate_up, self.activation, self.down.room(len(kept.gate_up)))
        out, reduced, kept.mlp_out = self._around(self.down, gated, kept.h_mid, self.post_mlp)
        if self.tail is not None:
            out, kept.tail = self.tail.forward(out, positions.inputs)
        return out, reduced

    def _until_gate(self, h: Tensor, positions: Positions) -> Kept:
        """Return everything up to gate and up [T, 2F] for ``h`` [T, K]."""
        x, rstd_in = self.norm_in.forward(h, self.qkv.room(len(h)))
        qkv, qkv_reduced = self.qkv.forward(x)
        attended, way_back = self.heads.mixed(qkv, positions)
        x = self.o.room(len(h)).copy_(attended)
        h_mid, o_reduced, attention_out = self._around(self.o, x, h, self.post_attention)
        x, rstd_mid = self.norm_mid.forward(h_mid, self.gate_up.room(len(h)))
        gate_up, gate_up_reduced = self.gate_up.forward(x)
        return Kept(
            rstd_in, qkv_reduced, attended, way_back, o_reduced, h_mid, rstd_mid, gate_up,
            gate_up_reduced, attention_out,
        )  # fmt: skip

    def backward(
        self,
        dy: Tensor,
        h: Tensor,
        kept: Kept,
        down_reduced: Tensor,
        *,
        needs_input: bool = True,
    ) -> tuple[Tensor | None, list[Tensor]]:
        """Return d loss / d h [T, K] and the gradients of :meth:`parameters`.

        ``kept`` is used up: some of it is overwritten.
        """
        tail: list[Tensor] = []
        if self.tail is not None:
            dy, tail = self.tail.backward(dy, kept.tail)
            kept.tail = None
        d_mid, mlp = self._backward_mlp(dy, kept, down_reduced)
        d_qkv, o = self._backward_attention(d_mid, kept)
        g = self.qkv.reduce_gradient(d_qkv)
        qkv = self.qkv.parameter_gradients(d_qkv, _scaled(g, kept.rstd_in), kept.qkv_reduced, h)
        gradients = [*qkv, *o, *mlp, *tail]
        if not needs_input:
            return None, gradients
        dx = self.qkv.input_gradient(d_qkv, g)
        return self.norm_in.backward(dx, h, kept.rstd_in, d_mid), gradients

    def _backward_mlp(self, dy: Tensor, kept: Kept, reduced: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return d h_mid [T, K] and the gradients of gate-up and down for ``dy`` [T, K]."""
        d_out = self._before_norm(dy, self.post_mlp, kept.mlp_out)
        g = self.down.reduce_gradient(d_out)
        d_gated = self.down.input_gradient(d_out, g)
        gate_backward(kept.gate_up, d_gated, self.activation)
        down = self.down.parameter_gradients(d_out, g, reduced, d_gated)
        del d_gated, d_out
        d_gate_up = kept.gate_up
        g = self.gate_up.reduce_gradient(d_gate_up)
        dx = self.gate_up.input_gradient(d_gate_up, g)
        rows = _scaled(g, kept.rstd_mid)
        gate_up = self.gate_up.parameter_gradients(
            d_gate_up, rows, kept.gate_up_reduced, kept.h_mid
        )
        del d_gate_up
        kept.gate_up = kept.gate_up.new_empty(0)
        return self.norm_mid.backward(dx, kept.h_mid, kept.rstd_mid, dy), [*gate_up, *down]

    def _backward_attention(self, d_mid: Tensor, kept: Kept) -> tuple[Tensor, list[Tensor]]:
        """Return d qkv [T, (H + 2 G) D] and the gradients of o for ``d_mid`` [T, K]."""
        d_out = self._before_norm(d_mid, self.post_attention, kept.attention_out)
        g = self.o.reduce_gradient(d_out)
        d_attended = self.o.input_gradient(d_out, g)
        o = self.o.parameter_gradients(d_out, g, kept.o_reduced, kept.attended)
        return kept.way_back(d_attended), o

    def _around(
        self, projection: Projection, x: Tensor, h: Tensor, norm: Norm | None
    ) -> tuple[Tensor, Tensor, Normed | None]:
        """Return h + norm(projection(x)) [T, K], the reduced input, and what there was to norm."""
        if norm is None and self.residual_scale == 1.0:
            return *projection.forward(x, h), None
        product, reduced = projection.forward(x)
        if norm is None:
            return product.mul_(self.residual_scale).add_(h), reduced, None
        normed, rstd = norm.forward(product)
        return normed.add_(h), reduced, (product, rstd)

    def _before_norm(self, d: Tensor, norm: Norm | None, normed: Normed | None) -> Tensor:
        """Return the gradient [T, K] of what a block gave; ``d`` stays as it is."""
        if norm is None or normed is None:
            return d if self.residual_scale == 1.0 else d * self.residual_scale
        return norm.backward(d.clone(), *normed, None)


def _scaled(g: Tensor, rows: Tensor) -> Tensor:
    """Return ``g`` [T, R] with its rows scaled, in its own type."""
    return torch.mul(g, rows[:, None], out=torch.empty_like(g))


@dataclass(frozen=True, slots=True)
class Visit:
    """How one layer is passed through, forward and back.

    Attributes:
        keep: whether activations stay for the backward pass, or are computed again there.
        held: where the input waits for the backward pass.
        fetch: has the base weights brought where they do not stay; told whether it is the way back.
    """

    keep: bool
    held: Parked
    fetch: Callable[[bool], None] | None = None

    def bring(self, *, back: bool) -> None:
        """Have the weights where the layer computes."""
        if self.fetch is not None:
            self.fetch(back)


class LayerFunction(torch.autograd.Function):
    """Puts a layer into autograd's graph; its parameters are inputs so that they get gradients."""

    @staticmethod
    def forward(
        ctx: Any,
        h: Tensor,
        layer: Layer,
        positions: Positions,
        visit: Visit,
        *_: nn.Parameter,
    ) -> Tensor:
        """Run the layer on ``h`` [T, K]; the visit says whether its activations are kept."""
        visit.bring(back=False)
        out, kept, reduced = layer.forward(h, positions)
        ctx.layer, ctx.positions = layer, positions
        ctx.held = (visit, kept if visit.keep else None, reduced)
        return out

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Any, ...]:
        """Run the layer's own backward pass for ``dy`` [T, K], after its forward one if need be."""
        if ctx.held is None:
            raise RuntimeError("a layer's backward pass can run only once: it uses up its memory")
        (visit, kept, reduced), ctx.held = ctx.held, None
        visit.bring(back=True)
        h = visit.held.take()
        if kept is None:
            kept = ctx.layer.again(h, ctx.positions)
        dh, gradients = ctx.layer.backward(
            dy.contiguous(), h, kept, reduced, needs_input=ctx.needs_input_grad[0]
        )
        return (dh, None, None, None, *gradients)


def run_layer(h: Tensor, layer: Layer, positions: Positions, visit: Visit) -> Tensor:
    """Return the layer's output [T, K]; differentiable in ``h`` and the adapters.

    Args:
        h: [T, K].
        layer: what to run.
        positions: of the micro-batch.
        visit: what to keep, and whom to ask for the weights.
    """
    if not torch.is_grad_enabled():
        visit.bring(back=False)
        return layer.forward(h, positions)[0]
    out: Tensor = LayerFunction.apply(  # type: ignore[no-untyped-call]
        h, layer, positions, visit, *layer.parameters()
    )
    return out

"""What some families give to each layer besides the states: a few numbers of every token.

They come from a table with a row for each token, so large that it may wait in the host's memory,
and from the token embedding. A block behind the layer's other two lets the states choose from them.

Source: the forms are those of Google, 2025 and 2026, *Gemma 3n* and *Gemma 4*. Shapes: T tokens, K
hidden width, L layers, P numbers of a token for one layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.chat.packing import Ints
from core.training.engine.fused.norm import Norm, at_least_float
from core.training.engine.gated import Activation, activate, slope
from core.training.engine.projection import Projection


@dataclass(frozen=True, slots=True)
class LayerInputs:
    """Where they come from; all of it is frozen.

    Attributes:
        inner: transformers' text model, which joins table and embedding.
        table: a row [L P] for each token.
        scale: multiplied to these rows.
        layers: L.
    """

    inner: Any
    table: nn.Embedding
    scale: float
    layers: int

    def of(self, ids: Ints, h: Tensor) -> Tensor:
        """Return what the layers are given [T, L, P] of tokens [T] whose embeddings are ``h``."""
        weight = self.table.weight
        chosen = torch.from_numpy(ids).to(weight.device, non_blocking=True)
        with torch.no_grad():
            rows = nn.functional.embedding(chosen, weight).to(h.dtype)
            rows = rows.to(h.device, non_blocking=True)
            rows = rows * torch.tensor(self.scale, device=h.device).to(h.dtype)
            rows = rows.view(1, len(h), self.layers, -1)
            joined: Tensor = self.inner.project_per_layer_inputs(h[None], rows)[0]
        return joined


@dataclass(slots=True)
class KeptOfTail:
    """What the way back needs: states [T, K], the gate's product [T, P], and so on."""

    h: Tensor
    opened: Tensor
    opened_reduced: Tensor
    inputs: Tensor
    reduced: Tensor
    product: Tensor
    rstd: Tensor


@dataclass(frozen=True, slots=True)
class Choice:
    """h + norm(W2 (activation(W1 h) * inputs)): the block that reads a layer's inputs.

    Attributes:
        index: of the layer.
        opening: W1 [P, K].
        closing: W2 [K, P].
        norm: behind it.
    """

    index: int
    opening: Projection
    closing: Projection
    norm: Norm
    activation: Activation

    def forward(self, h: Tensor, inputs: Tensor) -> tuple[Tensor, KeptOfTail]:
        """Return the states [T, K] behind the block; ``inputs`` are those of all layers."""
        mine = inputs[:, self.index]
        opened, opened_reduced = self.opening.forward(self.opening.room(len(h)).copy_(h))
        chosen = self.closing.room(len(h)).copy_(self._chosen(opened, mine))
        product, reduced = self.closing.forward(chosen)
        out, rstd = self.norm.forward(product)
        return out.add_(h), KeptOfTail(h, opened, opened_reduced, mine, reduced, product, rstd)

    def backward(self, dy: Tensor, kept: KeptOfTail) -> tuple[Tensor, list[Tensor]]:
        """Return d loss / d h [T, K] and the gradients of both projections, for ``dy`` [T, K]."""
        d = self.norm.backward(dy.clone(), kept.product, kept.rstd, None)
        g = self.closing.reduce_gradient(d)
        d_chosen = self.closing.input_gradient(d, g)
        chosen = self._chosen(kept.opened, kept.inputs)
        closing = self.closing.parameter_gradients(d, g, kept.reduced, chosen)
        wide = at_least_float(kept.opened)
        steep = slope(wide, self.activation) * kept.inputs * d_chosen
        d_opened = steep.to(kept.opened.dtype)
        g = self.opening.reduce_gradient(d_opened)
        opening = self.opening.parameter_gradients(d_opened, g, kept.opened_reduced, kept.h)
        return self.opening.input_gradient(d_opened, g).add_(dy), [*opening, *closing]

    def _chosen(self, opened: Tensor, mine: Tensor) -> Tensor:
        """Return what is let through [T, P] of ``mine`` [T, P], in the type of ``opened``."""
        return (activate(at_least_float(opened), self.activation) * mine).to(opened.dtype)


@dataclass(frozen=True, slots=True)
class Tail:
    """What comes behind a layer's two blocks: the choice among its inputs, then a number.

    Attributes:
        scale: multiplied to the states.
        choice: ``None`` where the layer has no inputs of its own.
    """

    scale: float
    choice: Choice | None = None

    def projections(self) -> list[Projection]:
        """Those with adapters, in the order of the gradients that ``backward`` returns."""
        return [] if self.choice is None else [self.choice.opening, self.choice.closing]

    def forward(self, h: Tensor, inputs: Tensor | None) -> tuple[Tensor, KeptOfTail | None]:
        """Return the layer's output [T, K] for ``h`` [T, K], which may be overwritten."""
        if self.choice is None:
            return h.mul_(self.scale), None
        assert inputs is not None, "a layer's inputs are missing"  # not shown
        out, kept = self.choice.forward(h, inputs)
        return out.mul_(self.scale), kept

    def backward(self, dy: Tensor, kept: KeptOfTail | None) -> tuple[Tensor, list[Tensor]]:
        """Return the gradient [T, K] of what came in, and those of the projections."""
        d = dy * self.scale
        if self.choice is None or kept is None:
            return d, []
        return self.choice.backward(d, kept)

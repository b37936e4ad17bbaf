"""The numbers about a model that decide how much memory and time a run takes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Self

from core.models.experts.sizes import expert_rank


@dataclass(frozen=True, slots=True)
class Experts:
    """Sizes of the experts in a mixture's layers; a token is sent to a few of them.

    Attributes:
        count: experts of one layer.
        per_token: to how many of them a token is sent.
        parameters: weights of all experts of all layers.
        widths: Σ (inputs + outputs) over the matrices of all experts; see ``linear_widths``.
        largest: weights of the largest matrix of one expert.
        largest_stack: weights of the largest matrix of all experts of a layer.
        width: of the inner layer of one expert.
    """

    count: int
    per_token: int
    parameters: int
    widths: int
    largest: int
    largest_stack: int
    width: int

    def largest_layer(self, layers: int) -> float:
        """Return the weights of the experts of one of ``layers``; some of these may have none."""
        return max(self.parameters / layers, 1.5 * self.largest_stack)  # up and down: half as many

    @classmethod
    def of(cls, layers: int, hidden: int, width: int, *, count: int, per_token: int) -> Self:
        """Work out the sizes of gated experts in every layer, without biases."""
        each = layers * count
        return cls(
            count=count,
            per_token=per_token,
            parameters=each * 3 * hidden * width,
            widths=each * (3 * width + 2 * hidden),
            largest=2 * hidden * width,
            largest_stack=2 * hidden * width * count,
            width=width,
        )


@dataclass(frozen=True, slots=True)
class DeltaLayers:
    """Sizes of gated delta-net layers, which take the place of attention in some of the layers.

    Attributes:
        count: how many there are.
        width: columns of the product before their states.
        out: columns of what the states give.
    """

    count: int
    width: int
    out: int


@dataclass(frozen=True, slots=True)
class Uneven:
    """Sizes of layers that are not alike.

    Attributes:
        query: width of all query heads, mean over the layers.
        keys: mean of half the width of keys and values that a layer computes itself.
        ffn: mean width of the feed-forward blocks.
        widest: of these blocks.
        inputs: numbers that a layer is given of each token, besides the states; 0 for none.
        table: weights of the table of these numbers.
        lent: width of the keys and values of layers that later ones use; 0 where none does.
        linears: weights of all linear layers inside the blocks.
        widths: Σ (inputs + outputs) of these.
        largest: weights of the largest of these.
        largest_layer: weights of all linears of the largest layer.
    """

    query: int
    keys: int
    ffn: int
    widest: int
    inputs: int
    table: int
    lent: int
    linears: int
    widths: int
    largest: int
    largest_layer: int

    @classmethod
    def of(cls, layers: list[list[tuple[str, int, int]]], inputs: int, table: int) -> Self:
        """Work out the sizes of layers with these linears: name, outputs, inputs."""
        every = [one for layer in layers for one in layer]
        keys = [rows for name, rows, _ in every if name == "k"]

        def mean(*names: str) -> int:
            return sum(rows for name, rows, _ in every if name in names) // len(layers)

        return cls(
            query=mean("q"),
            keys=mean("k", "v") // 2,
            ffn=mean("gate"),
            widest=max(rows for name, rows, _ in every if name == "gate"),
            inputs=inputs,
            table=table,
            lent=4 * max(keys) if len(keys) < len(layers) else 0,
            linears=sum(rows * columns for _, rows, columns in every),
            widths=sum(rows + columns for _, rows, columns in every),
            largest=max(rows * columns for _, rows, columns in every),
            largest_layer=max(sum(rows * columns for _, rows, columns in x) for x in layers),
        )


@dataclass(frozen=True, slots=True)
class ModelShape:
    """Sizes of a decoder-only transformer; parameter counts are numbers of values, not bytes.

    Attributes:
        linear_parameters: weights of all linear layers inside the blocks (what NF4 packs).
        embedding_parameters: the input embedding, vocab × hidden.
        head_parameters: the output head; 0 when it shares the embedding's weights.
        norm_parameters: everything else: norms and biases.
        ffn_size: width of the feed-forward layer (``intermediate_size``).
        linear_widths: Σ (inputs + outputs) over all linears in the blocks; times the rank gives
            the number of trainable LoRA parameters.
        largest_linear: inputs × outputs of the largest linear in the blocks.
        head_norms: query and key heads are normed before they are turned.
        post_norms: what attention and feed-forward block give is normed too.
        from_layout: counted from the tensors of a family that is not known in detail.
        all_scores: attention holds the scores of all pairs of tokens at once.
        experts: of a mixture. They are part of ``linear_parameters``, but not of ``linear_widths``
            and ``largest_linear``.
        delta: of layers without attention, where there are some.
        uneven: of layers that are not alike; sizes of heads are then those of the smallest.
        capped: logits are capped, so a second block of them exists.
        largest_layer: weights of the linears of the largest layer; 0 where all are alike.
    """

    hidden_size: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn_size: int
    vocab_size: int
    context_length: int
    linear_parameters: int
    embedding_parameters: int
    head_parameters: int
    norm_parameters: int
    linear_widths: int
    largest_linear: int
    head_norms: bool = False
    post_norms: bool = False
    from_layout: bool = False
    all_scores: bool = False
    experts: Experts | None = None
    delta: DeltaLayers | None = None
    uneven: Uneven | None = None
    capped: bool = False
    largest_layer: int = 0

    @classmethod
    def from_dimensions(
        cls,
        *,
        hidden_size: int,
        layers: int,
        heads: int,
        kv_heads: int,
        ffn_size: int,
        vocab_size: int,
        context_length: int,
        tied_embeddings: bool,
        head_dim: int = 0,
        head_norms: bool = False,
        post_norms: bool = False,
        all_scores: bool = False,
    ) -> Self:
        """Work out the counts of a Llama-like model (gated feed-forward, no biases)."""
        head_dim = head_dim or hidden_size // heads
        linears = block_linears(hidden_size, heads, kv_heads, head_dim, ffn_size)
        embedding = vocab_size * hidden_size
        return cls(
            hidden_size=hidden_size,
            layers=layers,
            heads=heads,
            kv_heads=kv_heads,
            head_dim=head_dim,
            ffn_size=ffn_size,
            vocab_size=vocab_size,
            context_length=context_length,
            linear_parameters=layers * sum(rows * columns for rows, columns in linears),
            embedding_parameters=embedding,
            head_parameters=0 if tied_embeddings else embedding,
            norm_parameters=(2 * layers + 1) * hidden_size,
            linear_widths=layers * sum(rows + columns for rows, columns in linears),
            largest_linear=max(rows * columns for rows, columns in linears),
            head_norms=head_norms,
            post_norms=post_norms,
            all_scores=all_scores,
        )

    def with_experts(self, *, count: int, per_token: int) -> Self:
        """Return the same with experts of ``ffn_size`` in place of each feed-forward block."""
        experts = Experts.of(
            self.layers, self.hidden_size, self.ffn_size, count=count, per_token=per_token
        )
        block = 3 * self.hidden_size * self.ffn_size
        return dataclasses.replace(
            self,
            linear_parameters=self.linear_parameters - self.layers * block + experts.parameters,
            linear_widths=self.linear_widths - self.layers * 3 * (self.hidden_size + self.ffn_size),
            largest_linear=self.hidden_size * self.heads * self.head_dim,
            experts=experts,
            from_layout=True,
        )

    def with_delta(self, *, count: int, width: int, out: int) -> Self:
        """Return the same with delta-net layers for some of its own, gated heads in the rest."""
        hidden, query = self.hidden_size, self.heads * self.head_dim
        here = hidden * (2 * query + 2 * self.kv_width)  # of attention
        block = 3 * hidden * self.ffn_size
        more = count * (hidden * (width + out) - here) + (self.layers - count) * hidden * query
        return dataclasses.replace(
            self,
            linear_parameters=self.linear_parameters + more,
            linear_widths=self.linear_widths
            + count * (width + out + hidden - 2 * query - 2 * self.kv_width)
            + (self.layers - count) * query,
            delta=DeltaLayers(count, width, out),
            from_layout=True,
            largest_layer=block + max(hidden * (width + out), here + hidden * query),
        )

    def with_uneven(self, uneven: Uneven) -> Self:
        """Return the same with layers that are not alike."""
        return dataclasses.replace(
            self,
            linear_parameters=uneven.linears,
            linear_widths=uneven.widths,
            largest_linear=uneven.largest,
            largest_layer=uneven.largest_layer,
            ffn_size=uneven.widest,
            head_norms=True,
            post_norms=True,
            from_layout=True,
            uneven=uneven,
        )

    @property
    def total_parameters(self) -> int:
        """All weights; a shared head counts once."""
        return (
            self.linear_parameters
            + self.embedding_parameters
            + self.head_parameters
            + self.norm_parameters
            + (0 if self.uneven is None else self.uneven.table)
        )

    @property
    def met_parameters(self) -> int:
        """The weights of linear layers that one token meets: of experts, a few only."""
        if self.experts is None:
            return self.linear_parameters
        away = 1 - min(1.0, self.experts.per_token / self.experts.count)
        return self.linear_parameters - round(away * self.experts.parameters)

    @property
    def movable_parameters(self) -> int:
        """The weights that can wait in the computer's memory: linears, of mixtures the experts."""
        return self.linear_parameters if self.experts is None else self.experts.parameters

    @property
    def streamed_at_most(self) -> float:
        """The weights of the largest layer that can wait in the computer's memory."""
        if self.experts is not None:
            return self.experts.largest_layer(self.layers)
        return self.largest_layer or self.linear_parameters / self.layers

    @property
    def tied_embeddings(self) -> bool:
        """Whether the output head shares the embedding's weights."""
        return self.head_parameters == 0

    @property
    def kv_width(self) -> int:
        """Values of one key (or value) vector over all its heads."""
        return self.kv_heads * self.head_dim

    def lora_parameters(self, rank: int) -> int:
        """Trainable parameters of an adapter of this rank on every linear in the blocks.

        LoRA adds rank × (inputs + outputs) values to a linear (Hu et al., *LoRA: Low-Rank
        Adaptation of Large Language Models*, 2021). Experts get a lower rank.
        """
        dense = rank * self.linear_widths
        if self.experts is None:
            return dense
        return dense + expert_rank(rank, self.experts.per_token) * self.experts.widths


def block_linears(
    hidden_size: int, heads: int, kv_heads: int, head_dim: int, ffn_size: int
) -> tuple[tuple[int, int], ...]:
    """Return (outputs, inputs) of the seven linears of one Llama-like block."""
    query, key = heads * head_dim, kv_heads * head_dim
    return (
        (query, hidden_size),
        (key, hidden_size),
        (key, hidden_size),
        (hidden_size, query),
        (ffn_size, hidden_size),
        (ffn_size, hidden_size),
        (hidden_size, ffn_size),
    )

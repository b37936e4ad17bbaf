"""Reads a loaded peft model into the engine's layers, or says why it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bitsandbytes as bnb
import torch
from peft.tuners.lora import LoraLayer
from torch import nn

from core.language import _
from core.training.engine.delta import DeltaNet
from core.training.engine.families import (
    ACTIVATIONS,
    DELTA,
    GATED,
    GEMMA_4,
    GROWING_QUERIES,
    INTERLEAVED,
    ONE_LESS,
    SCALED_EMBEDDINGS,
    TABLES_BY_KIND,
    Unsupported,
    activation,
    check_config,
    kinds,
    text_config,
)
from core.training.engine.fused.nf4 import Scratch, is_plain
from core.training.engine.fused.norm import NoNorm, Norm
from core.training.engine.heads import GatedHeads, Heads
from core.training.engine.layer import Layer
from core.training.engine.layer_inputs import Choice, LayerInputs, Tail
from core.training.engine.lending import LendingHeads
from core.training.engine.projection import Part, Projection

_NORM_NAMES = (  # the most first
    ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm",
     "post_feedforward_layernorm"),
    ("input_layernorm", "post_self_attn_layernorm", "post_attention_layernorm",
     "post_mlp_layernorm"),
    ("", "post_attention_layernorm", "", "post_feedforward_layernorm"),
    ("input_layernorm", "", "post_attention_layernorm", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """A model as the engine sees it.

    Attributes:
        inner: the transformers model below peft, with embedding, rotary tables and layers.
        layers: the decoder layers.
        norm: the final norm.
        head: weight of the output head [V, K].
        dtype: the type of activations and products.
        embedding_scale: multiplied to the token embeddings.
        tables_by_kind: whether each kind of attention has rotary tables of its own.
        adapters: peft's modules, asked whether they are switched off.
        query_growth: factor, and number of tokens after which queries begin to grow.
        logit_cap: what logits come near to, but never reach; 0 for no such limit.
        inputs: what each layer is given besides the states.
    """

    inner: Any
    layers: list[Layer]
    norm: Norm
    head: torch.Tensor
    dtype: torch.dtype
    embedding_scale: float
    tables_by_kind: bool
    adapters: list[LoraLayer]
    query_growth: tuple[float, int] = (0.0, 1)
    logit_cap: float = 0.0
    inputs: LayerInputs | None = None


def supports(model: nn.Module) -> tuple[bool, str]:
    """Return whether the engine can train ``model``, and if not, why in one sentence."""
    try:
        read(model)
    except Unsupported as answer:
        return False, answer.sentence
    return True, ""


def read(model: nn.Module) -> Model:
    """Read a peft model.

    Raises:
        Unsupported: its architecture, quantisation or adapter has a form the engine lacks.
    """
    causal = getattr(getattr(model, "base_model", None), "model", None)
    if causal is None or not hasattr(causal, "config"):
        raise Unsupported(_("The model has no LoRA adapter."))
    config = text_config(causal.config)
    check_config(config)
    inner: Any = getattr(causal, "model", None)
    inner = getattr(inner, "language_model", inner)  # beside the towers of a composite model
    if not hasattr(inner, "layers"):
        raise Unsupported(_("The fast path does not support this model yet."))
    dtype = _compute_dtype(inner.layers[0])
    scratch = Scratch()
    layers = [
        _layer(module, config, kind, scratch, dtype)
        for module, kind in zip(inner.layers, kinds(config), strict=True)
    ]
    head = causal.lm_head
    if type(head) is not nn.Linear or head.bias is not None:
        raise Unsupported(_("The output head is not a plain frozen layer."))
    adapters = [m for m in causal.modules() if isinstance(m, LoraLayer)]
    found = Model(
        inner, layers, _last_norm(inner.norm, config), head.weight, dtype,
        _embedding_scale(config), config.model_type in TABLES_BY_KIND, adapters,
        _query_growth(config), float(getattr(config, "final_logit_softcapping", None) or 0.0),
        _inputs(inner, config),
    )  # fmt: skip
    _check_everything_trained_is_known(causal, layers)
    return found


def _last_norm(module: nn.Module, config: Any) -> Norm:
    """Return the final norm; it takes over the scale of the logits that some families have."""
    norm = _norm(module, config)
    scale = float(getattr(config, "logits_scaling", None) or 1.0)
    return norm if scale == 1.0 else Norm(norm.scale / scale, norm.eps)


def _query_growth(config: Any) -> tuple[float, int]:
    given = getattr(config, "rope_parameters", None) or {}
    if config.model_type not in GROWING_QUERIES or not given.get("llama_4_scaling_beta"):
        return 0.0, 1
    return float(given["llama_4_scaling_beta"]), int(given["original_max_position_embeddings"])


def _inputs(inner: Any, config: Any) -> LayerInputs | None:
    if config.model_type not in GEMMA_4 or not getattr(config, "hidden_size_per_layer_input", 0):
        return None
    table = inner.embed_tokens_per_layer
    return LayerInputs(inner, table, float(table.scalar_embed_scale), config.num_hidden_layers)


def _embedding_scale(config: Any) -> float:
    if config.model_type in SCALED_EMBEDDINGS:
        return float(config.hidden_size**0.5)
    return float(getattr(config, "embedding_multiplier", None) or 1.0)


def _check_everything_trained_is_known(causal: nn.Module, layers: list[Layer]) -> None:
    known = {id(p) for layer in layers for p in layer.parameters()}
    for name, parameter in causal.named_parameters():
        if parameter.requires_grad != (id(parameter) in known):
            raise Unsupported(_("The fast path cannot train “{name}” in this way.", name=name))


def _compute_dtype(layer: nn.Module) -> torch.dtype:
    for module in layer.modules():
        if isinstance(module, bnb.nn.Linear4bit) and module.compute_dtype is not None:
            dtype: torch.dtype = module.compute_dtype
            return dtype
    return next(p.dtype for p in layer.parameters() if p.is_floating_point())


def _layer(module: Any, config: Any, kind: str, scratch: Scratch, dtype: torch.dtype) -> Layer:
    mlp = module.mlp

    def projection(
        slot: str, modules: list[nn.Module], norm: Norm | NoNorm | None = None
    ) -> Projection:
        parts = [_part(m) for m in modules]
        joined = any(part.rank for part in parts)
        scale = None if norm is None else norm.scale
        device = module.post_attention_layernorm.weight.device  # base weights may wait on the host
        return Projection(parts, slot, scratch, dtype, joined, scale, device)

    def tail() -> Tail | None:
        if config.model_type not in GEMMA_4:
            return None
        scale, choice = float(module.layer_scalar), None
        if getattr(config, "hidden_size_per_layer_input", 0):
            choice = Choice(
                index=module.layer_idx,
                opening=projection("narrow", [module.per_layer_input_gate]),
                closing=projection("narrow", [module.per_layer_projection]),
                norm=_norm(module.post_per_layer_input_norm, config),
                activation=ACTIVATIONS[activation(config)],
            )
        return None if choice is None and scale == 1.0 else Tail(scale, choice)

    before, heads, behind = _mixing(module, config, kind)
    joint_mlp = hasattr(mlp, "gate_up_proj")
    gate_up = [mlp.gate_up_proj] if joint_mlp else [mlp.gate_proj, mlp.up_proj]
    norm_in, post_attention, norm_mid, post_mlp = _norms(module, config)
    return Layer(
        norm_in=norm_in,
        qkv=projection("narrow", before, norm_in),
        heads=heads,
        o=projection("narrow", [behind]),
        norm_mid=norm_mid,
        gate_up=projection("wide", gate_up, norm_mid),
        activation=ACTIVATIONS[activation(config)],
        down=projection("narrow", [mlp.down_proj]),
        kind=kind,
        post_attention=post_attention,
        post_mlp=post_mlp,
        turned=bool(getattr(getattr(module, "self_attn", None), "use_rope", True)),
        residual_scale=float(getattr(module, "residual_multiplier", 1.0)),
        tail=tail(),
    )


def _mixing(
    module: Any, config: Any, kind: str
) -> tuple[list[nn.Module], Heads | GatedHeads | DeltaNet | LendingHeads, nn.Module]:
    """Return the linear layers before a layer's heads, the heads, and the linear layer behind."""
    if kind == DELTA:
        delta = module.linear_attn
        before = [getattr(delta, f"in_proj_{name}") for name in ("qkv", "z", "b", "a")]
        return before, _delta(delta), delta.out_proj
    attention = module.self_attn
    if config.model_type in GEMMA_4:
        names = ("q_proj", "k_proj", "v_proj")
        before = [p for name in names if (p := getattr(attention, name, None)) is not None]
        return before, _lending_heads(attention, config, kind), attention.o_proj
    parts = ["qkv_proj"] if hasattr(attention, "qkv_proj") else [f"{name}_proj" for name in "qkv"]
    heads = _heads(attention, config, kind)
    gated = config.model_type in GATED
    before = [getattr(attention, name) for name in parts]
    return before, GatedHeads(heads) if gated else heads, attention.o_proj


def _delta(module: Any) -> DeltaNet:
    if module.conv1d.bias is not None:
        raise Unsupported(_("The fast path does not support this model yet."))
    return DeltaNet(
        taps=module.conv1d.weight.detach()[:, 0],
        forget=module.A_log.detach(),
        forget_bias=module.dt_bias.detach(),
        norm=(module.norm.weight.detach(), module.norm.variance_epsilon),
        value_heads=module.num_v_heads,
        key_heads=module.num_k_heads,
        key_dim=module.head_k_dim,
        value_dim=module.head_v_dim,
    )


def _norms(
    module: Any, config: Any
) -> tuple[Norm | NoNorm, Norm | None, Norm | NoNorm, Norm | None]:
    """Return the norms before and behind attention, before and behind the feed-forward block.

    Where nothing is normed behind a block, the norm before the second one has the misleading name.
    """
    before, behind, before_mlp, behind_mlp = next(
        names for names in _NORM_NAMES if all(not n or hasattr(module, n) for n in names)
    )

    def norm(name: str) -> Norm | None:
        return _norm(getattr(module, name), config) if name else None

    first, second = norm(before) or NoNorm(), norm(before_mlp) or NoNorm()
    return first, norm(behind), second, norm(behind_mlp)


def _heads(attention: Any, config: Any, kind: str) -> Heads:
    """Return the attention heads of a layer, with norms [D] where the family has them."""

    def norm(name: str) -> Norm | None:
        module = getattr(attention, name, None)
        return None if module is None else _norm(module, config)

    return Heads(
        query=config.num_attention_heads,
        key=config.num_key_value_heads,
        dim=attention.head_dim,
        scale=attention.scaling,
        query_norm=norm("q_norm"),
        key_norm=norm("k_norm"),
        window=config.sliding_window if kind == "sliding_attention" else None,
        interleaved=config.model_type in INTERLEAVED,
    )


def _lending_heads(attention: Any, config: Any, kind: str) -> LendingHeads:
    """Return heads that norm values too; a last layer of its kind may lend keys and values."""
    borrows = bool(attention.is_kv_shared_layer)
    query_norm = _norm(attention.q_norm, config)
    like = query_norm.weight
    value_norm = None if borrows else Norm(torch.ones_like(like), attention.v_norm.eps)
    return LendingHeads(
        query=config.num_attention_heads,
        key=config.num_attention_heads // attention.num_key_value_groups,
        dim=attention.head_dim,
        scale=attention.scaling,
        query_norm=query_norm,
        key_norm=None if borrows else _norm(attention.k_norm, config),
        value_norm=value_norm,
        window=config.sliding_window if kind == "sliding_attention" else None,
        role="borrows" if borrows else "lends" if attention.store_full_length_kv else "own",
        joint=not borrows and attention.v_proj is None,
    )


def _norm(module: Any, config: Any) -> Norm:
    eps = getattr(module, "variance_epsilon", None)
    offset = 1.0 if config.model_type in ONE_LESS else 0.0
    return Norm(module.weight.detach(), module.eps if eps is None else eps, offset)


def _part(module: nn.Module) -> Part:
    base = module.get_base_layer() if isinstance(module, LoraLayer) else module
    if not isinstance(base, bnb.nn.Linear4bit) and type(base) is not nn.Linear:
        raise Unsupported(
            _("The fast path cannot read layers of type “{kind}”.", kind=type(base).__name__)
        )
    if not is_plain(base.weight):
        raise Unsupported(_("The base weights have a layout that cannot be trained through."))
    bias = None if base.bias is None else base.bias.detach()
    if not isinstance(module, LoraLayer):
        return Part(base.weight, bias)
    name = _adapter_name(module)
    if name is None:
        return Part(base.weight, bias)
    return Part(
        base.weight, bias, module.lora_A[name].weight, module.lora_B[name].weight,
        float(module.scaling[name]),
    )  # fmt: skip


def _adapter_name(module: LoraLayer) -> str | None:
    names = [name for name in module.active_adapters if name in module.lora_A]
    if len(names) > 1:
        raise Unsupported(_("The fast path trains one adapter at a time."))
    if module.merged:
        raise Unsupported(_("The adapter is merged into the base model."))
    if not names:
        return None
    name = str(names[0])
    if getattr(module.lora_dropout[name], "p", 0.0):
        raise Unsupported(_("The fast path trains without LoRA dropout."))
    if name in module.lora_variant or module.lora_bias.get(name):
        raise Unsupported(_("The fast path only trains plain LoRA, without DoRA or LoRA bias."))
    return name

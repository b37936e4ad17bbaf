"""Which configurations the engine takes, and what distinguishes their families."""

from __future__ import annotations

from typing import Any

from core.config.engine import FUSED_FAMILIES
from core.language import Sentence, _
from core.training.engine.gated import Activation

_ONE_WINDOW = {
    "mistral",
    "ministral3",
    "phi3",
}  # for all layers; transformers ignores it in the others
_WINDOWS_BY_LAYER = {
    "qwen2",
    "qwen3",
    "gemma3_text",
    "smollm3",
    "olmo3",
    "ministral",
    "qwen3_5_text",
    "gemma4_text",
    "gemma4_unified_text",
}
GEMMA_4 = {"gemma4_text", "gemma4_unified_text"}
DELTA = "linear_attention"
GATED = {"qwen3_5_text"}
TABLES_BY_KIND = {"gemma3_text", "olmo3", *GEMMA_4}
_DROPOUT_OF_ITS_MAKERS = {"seed_oss"}  # published as it was pretrained; a run has its own setting
GROWING_QUERIES = {"ministral3"}
INTERLEAVED = {"glm", "glm4"}
SCALED_EMBEDDINGS = {"gemma", "gemma3_text", *GEMMA_4}
ONE_LESS = {"gemma", "gemma3_text", "qwen3_5_text"}
"""Families that store the weights of norms minus one."""


ACTIVATIONS: dict[str, Activation] = {
    "silu": "silu",
    "swish": "silu",
    "gelu_pytorch_tanh": "gelu_tanh",
}


class Unsupported(Exception):  # noqa: N818 - it is an answer, not a fault
    """The model cannot be run by the engine.

    Attributes:
        sentence: says why.
    """

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def text_config(config: Any) -> Any:
    """Return the part of a configuration that describes the text model, usually all of it."""
    return config.get_text_config() if hasattr(config, "get_text_config") else config


def refusal(config: Any) -> str:
    """Return why the engine trains no model of this configuration; ``""`` where it should.

    Args:
        config: transformers' configuration; nothing else need be loaded.
    """
    try:
        check_config(text_config(config))
    except Unsupported as reason:
        return reason.sentence
    return ""


def check_config(config: Any) -> None:
    """Raise :class:`Unsupported` where the engine lacks what a text configuration asks for."""
    for name in ("attn_logit_softcapping", "final_logit_softcapping"):
        if getattr(config, name, None) and not (name[0] == "f" and config.model_type in GEMMA_4):
            raise Unsupported(_("The fast path does not cap scores, as this model does."))
    if config.model_type not in FUSED_FAMILIES:
        raise Unsupported(
            _(
                "The fast path does not support the family “{family}” yet.",
                family=config.model_type,
            )
        )
    if activation(config) not in ACTIVATIONS:
        raise Unsupported(
            _(
                "The fast path does not support the activation “{activation}”.",
                activation=activation(config),
            )
        )
    if getattr(config, "enable_moe_block", False):
        raise Unsupported(_("The fast path does not support this model yet."))
    if getattr(config, "use_bidirectional_attention", None) not in {None, False, "vision"}:
        raise Unsupported(_("The fast path only trains models that read from left to right."))
    for name in ("attention_dropout", "residual_dropout", "resid_pdrop", "embd_pdrop"):
        if getattr(config, name, 0.0) and config.model_type not in _DROPOUT_OF_ITS_MAKERS:
            raise Unsupported(_("The fast path trains without dropout inside the base model."))
    known = {"full_attention", "sliding_attention"}
    if config.model_type in GATED:
        known.add(DELTA)
    unknown = set(kinds(config)) - known
    if unknown:
        raise Unsupported(
            _("The fast path does not support the attention “{kind}”.", kind=min(unknown))
        )


def activation(config: Any) -> str:
    """Return the name of the activation between the halves of the feed-forward block."""
    later = config.model_type in {"gemma3_text", *GEMMA_4}
    return str(config.hidden_activation if later else config.hidden_act)


def kinds(config: Any) -> list[str]:
    """The attention of each layer, in transformers' words."""
    if config.model_type in _WINDOWS_BY_LAYER:
        return list(config.layer_types)
    sliding = config.model_type in _ONE_WINDOW and config.sliding_window is not None
    return ["sliding_attention" if sliding else "full_attention"] * config.num_hidden_layers

"""Which tensors the weights of a supported model must hold, worked out from its config alone.

transformers fills a tensor that is missing with random numbers and drops one that it does not know;
either way another model than the chosen one would be trained. Here such a folder is refused, with
the tensor's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import UserFacingError
from core.language import _, ngettext
from core.models.config import ModelConfig
from core.models.weights import Tensor, WeightFile

_HEAD = "lm_head.weight"
_EMBEDDING = "model.embed_tokens.weight"
# What transformers takes where a config names no width of a head; else hidden size ÷ heads.
_USUAL_HEAD_DIM = {"qwen3": 128, "gemma": 256, "gemma2": 256, "gemma3_text": 256}
_GEMMA = ("gemma", "gemma2", "gemma3_text")
_HEAD_NORMS = ("qwen3", "gemma3_text")
_POST_NORMS = ("gemma2", "gemma3_text")
_BUFFER = ".rotary_emb.inv_freq"  # old checkpoints store it; it follows from the config

Shapes = dict[str, tuple[int, ...]]


def shares_embedding(config: ModelConfig) -> bool:
    """Return whether the output head is the embedding, also where the config does not say."""
    if config.tie_word_embeddings is None:
        return config.model_type in _GEMMA
    return config.tie_word_embeddings


def expected_tensors(config: ModelConfig) -> Shapes:
    """Return every tensor that the model needs, with its shape."""
    hidden = config.hidden_size
    shapes: Shapes = {
        _EMBEDDING: (config.vocab_size, hidden),
        "model.norm.weight": (hidden,),
    }
    if not shares_embedding(config):
        shapes[_HEAD] = (config.vocab_size, hidden)
    block = {**_linears(config), **_norms(config)}
    for layer in range(config.num_hidden_layers):
        shapes |= {f"model.layers.{layer}.{name}": shape for name, shape in block.items()}
    return shapes


def _linears(config: ModelConfig) -> Shapes:
    family, hidden, ffn = config.model_type, config.hidden_size, config.intermediate_size
    heads = config.num_attention_heads
    width = config.head_dim or _USUAL_HEAD_DIM.get(family, hidden // heads)
    query, key = heads * width, (config.num_key_value_heads or heads) * width
    if family == "phi3":
        attention = {"qkv_proj": (query + 2 * key, hidden), "o_proj": (hidden, query)}
        feed_forward = {"gate_up_proj": (2 * ffn, hidden), "down_proj": (hidden, ffn)}
    else:
        attention = {"q_proj": (query, hidden), "k_proj": (key, hidden), "v_proj": (key, hidden)}
        attention["o_proj"] = (hidden, query)
        feed_forward = {"gate_proj": (ffn, hidden), "up_proj": (ffn, hidden)}
        feed_forward["down_proj"] = (hidden, ffn)
    linears = {f"self_attn.{name}": shape for name, shape in attention.items()}
    linears |= {f"mlp.{name}": shape for name, shape in feed_forward.items()}
    biased = _biased(config)
    shapes: Shapes = {f"{name}.weight": shape for name, shape in linears.items()}
    return shapes | {f"{name}.bias": linears[name][:1] for name in linears if name in biased}


def _biased(config: ModelConfig) -> set[str]:
    """The linears that have a bias."""
    attention = {f"self_attn.{name}_proj" for name in ("q", "k", "v")}
    if config.model_type == "qwen2":
        return attention
    found = set[str]()
    if config.attention_bias and config.model_type not in ("mistral", "phi3"):
        found |= attention | {"self_attn.o_proj"}
    if config.mlp_bias and config.model_type == "llama":
        found |= {f"mlp.{name}_proj" for name in ("gate", "up", "down")}
    return found


def _norms(config: ModelConfig) -> Shapes:
    family, hidden = config.model_type, config.hidden_size
    shapes: Shapes = {"input_layernorm.weight": (hidden,)}
    shapes["post_attention_layernorm.weight"] = (hidden,)
    if family in _POST_NORMS:
        shapes["pre_feedforward_layernorm.weight"] = (hidden,)
        shapes["post_feedforward_layernorm.weight"] = (hidden,)
    if family in _HEAD_NORMS:
        width = config.head_dim or _USUAL_HEAD_DIM[family]
        shapes |= {f"self_attn.{name}_norm.weight": (width,) for name in ("q", "k")}
    return shapes


def refuse_other_tensors(
    folder: str, config: ModelConfig, files: list[WeightFile], *, packed: bool
) -> None:
    """Refuse weights that are not exactly those of the model that the config describes.

    Args:
        folder: the model's name, for the sentence.
        packed: the linears are stored in 4 bits, in shapes of their own and with their scales.

    Raises:
        UserFacingError: ``model.mismatch``; names the tensor.
    """
    refuse_twice(folder, files)
    stored = {name: tensor for file in files for name, tensor in file.tensors.items()}
    expected = expected_tensors(config)
    missing = [name for name in expected if name not in stored]
    if missing:
        raise _mismatch(_missing(folder, missing), missing)
    unknown = [name for name in stored if name not in expected]
    surplus = [name for name in unknown if not is_harmless(name, packed=packed)]
    if surplus:
        raise _mismatch(_surplus(folder, surplus), surplus)
    _refuse_other_shapes(folder, expected, stored, packed=packed)


def is_harmless(name: str, *, packed: bool) -> bool:
    """Return whether nothing is lost where a stored tensor of this name is not used.

    A head that is stored beside a shared embedding is compared with it elsewhere.

    Args:
        packed: the linears are stored in 4 bits, their scales beside them.
    """
    return name == _HEAD or name.endswith(_BUFFER) or (packed and ".weight." in name)


def _refuse_other_shapes(
    folder: str, expected: Shapes, stored: Mapping[str, Tensor], *, packed: bool
) -> None:
    for name, shape in expected.items():
        if packed and name.endswith("_proj.weight"):
            continue
        if stored[name].shape != shape:
            what = _(
                "“{tensor}” has the shape {found} in “{model}”, but “config.json” asks for "
                "{expected}.",
                tensor=name,
                found=str(stored[name].shape),
                model=folder,
                expected=str(shape),
            )
            raise _mismatch(what, [name])


def refuse_twice(folder: str, files: list[WeightFile]) -> None:
    """Refuse weights of which a tensor stands in two files (``model.mismatch``)."""
    seen = set[str]()
    for file in files:
        if twice := seen & file.tensors.keys():
            raise _mismatch(_stored_twice(folder, sorted(twice)), sorted(twice))
        seen |= file.tensors.keys()


def _missing(folder: str, names: list[str]) -> str:
    if len(names) == 1:
        return _(
            "“{tensor}” is missing from the weights of “{model}”.", tensor=names[0], model=folder
        )
    return ngettext(
        "“{tensor}” and {count:,} other tensor are missing from the weights of “{model}”.",
        "“{tensor}” and {count:,} other tensors are missing from the weights of “{model}”.",
        len(names) - 1,
        tensor=names[0],
        model=folder,
    )


def _surplus(folder: str, names: list[str]) -> str:
    if len(names) == 1:
        return _(
            "“{tensor}” is stored in “{model}”, but its “config.json” knows no such tensor.",
            tensor=names[0],
            model=folder,
        )
    return ngettext(
        "“{tensor}” and {count:,} other tensor are stored in “{model}”, but its “config.json” "
        "does not know them.",
        "“{tensor}” and {count:,} other tensors are stored in “{model}”, but its “config.json” "
        "does not know them.",
        len(names) - 1,
        tensor=names[0],
        model=folder,
    )


def _stored_twice(folder: str, names: list[str]) -> str:
    if len(names) == 1:
        return _("“{tensor}” is stored twice in “{model}”.", tensor=names[0], model=folder)
    return ngettext(
        "“{tensor}” and {count:,} other tensor are stored twice in “{model}”.",
        "“{tensor}” and {count:,} other tensors are stored twice in “{model}”.",
        len(names) - 1,
        tensor=names[0],
        model=folder,
    )


def _mismatch(what: str, names: list[Any]) -> UserFacingError:
    return UserFacingError(
        "model.mismatch",
        what,
        _("Download the model again, or choose another one."),
        ", ".join(names[:20]),
    )

"""Which linear layers of a model get an adapter: those of its text decoder, and nothing else.

Families name their layers differently, and composite models have towers whose layers have the same
names. Output heads, embeddings and the routers of experts never get one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.config.training import ALL_LINEARS

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_NEVER = frozenset({"router", "indexer"})  # they choose, and no gradient passes a choice
_ROUTERS = frozenset({"gate", "router", "shared_expert_gate"})  # beside experts
_MAMBA = frozenset({"falcon_h1", "falcon_mamba", "mamba", "mamba2", "nemotron_h"})
_SMALL = 1 << 12  # values; a smaller matrix is a table of the layer, not a product


@dataclass(frozen=True, slots=True)
class Decoder:
    """The stack of layers in which a text model computes.

    Attributes:
        name: of the stack among the model's modules.
        linears: last part of each linear's name in it, whole name to module.
        experts: whole name of each matrix of a layer's experts, to their module.
    """

    name: str
    linears: dict[str, torch.nn.Module]
    stack: torch.nn.Module
    experts: dict[str, torch.nn.Module] = field(default_factory=dict)

    def share(self, adapted: Iterable[str]) -> float:
        """Return the part of the stack's weights that ``adapted`` modules hold, by their names."""
        from core.models.experts.matrix import shape_of

        chosen = set(adapted)
        known = {name: weights_of(module) for name, module in self.linears.items()}
        for name, module in self.experts.items():
            known[name] = shape_of(matrix(module, name)).numel()
        mine = sum(count for name, count in known.items() if name in chosen)
        other = sum(parameter.numel() for parameter in self._other_matrices())
        return mine / max(1, sum(known.values()) + other)

    def adapted(self) -> list[str]:
        """Return the names of linears and of experts' matrices that have an adapter."""
        from peft.tuners.lora import LoraLayer

        layers = {n: m for n, m in self.stack.named_modules() if isinstance(m, LoraLayer)}
        found = {f"{self.name}.{name}" for name in layers}
        linears = [name for name in self.linears if name in found]
        wrapped = {
            id(matrix(layer.get_base_layer(), layer.parameter_name))
            for layer in layers.values()
            if hasattr(layer, "parameter_name")
        }
        return linears + [n for n, m in self.experts.items() if id(matrix(m, n)) in wrapped]

    def _other_matrices(self) -> Iterator[torch.Tensor]:
        """Weights of products that are no linear layers: experts in one block, for example."""
        import torch

        held = {id(p) for module in self.linears.values() for p in module.parameters()}
        held |= {id(matrix(module, name)) for name, module in self.experts.items()}
        held |= {
            id(parameter)
            for name, module in self.stack.named_modules()
            if isinstance(module, torch.nn.Conv1d | torch.nn.Embedding)
            or (self.experts and name.rpartition(".")[-1] in _ROUTERS)
            or _NEVER & set(name.split("."))
            for parameter in module.parameters()
        }
        for name, parameter in self.stack.named_parameters():
            known = id(parameter) in held or "lora_" in name
            if not known and parameter.dim() > 1 and parameter.numel() > _SMALL:
                yield parameter


def decoder_of(base: PreTrainedModel) -> Decoder:
    """Find the text decoder's layers in a loaded model, with or without an adapter."""
    import torch

    from core.models.experts.modules import experts_of, matrices

    text: Any = base.get_decoder() if hasattr(base, "get_decoder") else base
    text = base if _is_linear(text) else text  # some call their head a decoder
    lists = [m for m in text.modules() if isinstance(m, torch.nn.ModuleList)]
    stacks = lists or [text]
    stack = max(stacks, key=lambda m: sum(weights_of(one) for _, one in _linears(m)))
    name = next(name for name, module in base.named_modules() if module is stack)
    linears = {f"{name}.{inner}": module for inner, module in _linears(stack)}
    experts = {
        f"{name}.{inner.replace('.base_layer', '')}.{matrix_name}": module
        for inner, module in experts_of(stack)
        for matrix_name in matrices(module)
    }
    return Decoder(name, linears, stack, experts)


def _linears(stack: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Module]]:
    from core.models.experts.modules import experts_of

    never = _NEVER | (_ROUTERS if any(True for _ in experts_of(stack)) else frozenset())
    for name, module in stack.named_modules():
        if _is_linear(module) and not never & set(name.split(".")) and "lora_" not in name:
            yield name.removesuffix(".base_layer"), module


def matrix(module: torch.nn.Module, name: str) -> torch.Tensor:
    """Return the experts' weights of this name, of which the last part counts."""
    found: torch.Tensor = getattr(module, name.rpartition(".")[-1])
    return found


def expert_targets(base: PreTrainedModel, wanted: tuple[str, ...]) -> list[str]:
    """Return the experts' matrices to adapt, as peft takes them: the last two parts of names."""
    every = set(wanted) >= set(ALL_LINEARS)
    parts = {"gate_up_proj": {"gate_proj", "up_proj", "gate_up_proj"}}
    found = set[str]()
    for name in decoder_of(base).experts:
        *_, holder, last = name.split(".")
        if every or parts.get(last, {last}) & set(wanted):
            found.add(f"{holder}.{last}")
    return sorted(found)


def _is_linear(module: torch.nn.Module) -> bool:
    import torch
    from transformers.pytorch_utils import Conv1D

    return isinstance(module, torch.nn.Linear | Conv1D)


def weights_of(module: Any) -> int:
    """Return the weights of a linear layer, also of a packed one."""
    if hasattr(module, "in_features"):
        return int(module.in_features * module.out_features)
    return int(module.weight.numel())


def _out_of_reach(base: PreTrainedModel, kinds: set[str]) -> set[str]:
    """Kinds of layers that peft refuses to adapt.

    Mamba's kernels read their weights past it. In some mixtures, it takes the names of the layers
    beside the experts for names that the experts' matrices once had.
    """
    from peft import LoraConfig
    from peft.utils.transformers_weight_conversion import convert_peft_config_for_transformers

    out = {"out_proj"} if base.config.model_type in _MAMBA else set()
    if expert_targets(base, ALL_LINEARS):
        asked = LoraConfig(target_modules=sorted(kinds | {"gate_proj", "up_proj", "w1", "w3"}))
        convert_peft_config_for_transformers(asked, base, None)
        out |= kinds - set(asked.target_modules or ())
    return out


def targets_of(base: PreTrainedModel, wanted: tuple[str, ...]) -> list[str] | str:
    """Return the layers to adapt as peft takes them: last parts of names, or one pattern.

    Args:
        base: a loaded model without an adapter.
        wanted: last parts of names. Where all are wanted, or the model has none of these, every
            linear of the decoder is taken.
    """
    decoder = decoder_of(base)
    kinds = {name.rsplit(".", 1)[-1] for name in decoder.linears}
    kinds -= _out_of_reach(base, kinds)
    chosen = kinds & set(wanted)
    if not chosen or set(wanted) >= set(ALL_LINEARS):
        chosen = kinds
    names = [name for name in decoder.linears if name.rsplit(".", 1)[-1] in chosen]
    if any(kind.isdigit() for kind in chosen):  # in a list, where layers are called like that, too
        return sorted(names)
    alike = [
        name
        for name, module in base.named_modules()
        if _is_linear(module) and name.rsplit(".", 1)[-1] in chosen
    ]
    if set(alike) == set(names):
        return sorted(chosen)
    return rf"{re.escape(decoder.name)}\..*\.({'|'.join(map(re.escape, sorted(chosen)))})"

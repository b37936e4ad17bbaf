"""Lets transformers pack experts while it loads a model in 4 bits, a layer's weights at a time.

WORKAROUND: its bitsandbytes loader only packs linear layers. It is replaced, in this process, by
one that also packs the experts' parameters, as soon as transformers has put one together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.models.experts.modules import experts_of, is_experts, matrices
from core.models.experts.packing import BlockExperts, ExpertsOfBytes, PackedExperts
from core.models.stored.reading import Blocks

Waits = Callable[[int, int], bool]
"""Whether the experts of a layer wait in the host's memory: of its number, and of how many.

Only layers with experts count.
"""
_METHOD = "bitsandbytes_4bit"


def pack_experts_when_loading(waits: Waits | None = None) -> None:
    """Let every model that is loaded in 4 bits from now on have its experts in 4 bits too.

    Args:
        waits: which of them go on to the host's memory as soon as they are packed, so that neither
            the card nor the host ever holds more of them in 16 bits than one matrix of a layer.
    """
    from transformers.quantizers.auto import AUTO_QUANTIZER_MAPPING

    AUTO_QUANTIZER_MAPPING[_METHOD] = _quantizer(waits)


def _quantizer(waits: Waits | None) -> Any:
    from transformers.integrations.bitsandbytes import Bnb4bitQuantize
    from transformers.quantizers.quantizer_bnb_4bit import Bnb4BitHfQuantizer

    def is_away(model: Any, parameter: str) -> bool:
        return waits is not None and _waits(model, parameter, waits)

    class Quantize(Bnb4bitQuantize):  # type: ignore[misc]
        """Packs experts one by one, and linear layers as before."""

        def convert(self, input_dict: Any, *args: Any, model: Any = None, **kwargs: Any) -> Any:
            done: dict[str, Any] = {}
            rest: dict[str, Any] = {}
            for name, value in input_dict.items():
                holder = _holder(model, name)
                if holder is None:
                    rest[name] = value
                else:
                    packed = _packed(value[0] if isinstance(value, list) else value, holder)
                    done[name] = packed.let_wait() if is_away(model, name) else packed
            if rest:
                done |= super().convert(rest, *args, model=model, **kwargs)
            return done

    class Quantizer(Bnb4BitHfQuantizer):  # type: ignore[misc]
        """Asks for experts to be packed, too; not where a model is stored in 4 bits."""

        def param_needs_quantization(self, model: Any, param_name: str, **kwargs: Any) -> bool:
            if super().param_needs_quantization(model, param_name, **kwargs):
                return True
            return not self.pre_quantized and _holder(model, param_name) is not None

        def param_element_size(self, model: Any, param_name: str, param: Any) -> float:
            """Return bytes a weight on the card; that much is set aside before anything loads."""
            if is_away(model, param_name):
                return 0.0
            return float(super().param_element_size(model, param_name, param))

        def get_quantize_ops(self) -> Any:
            return Quantize(self)

    return Quantizer


def _packed(weights: Any, holder: Any) -> ExpertsOfBytes:
    """Pack weights; what is stored in blocks of 4 bits stays as it is."""
    if not isinstance(weights, Blocks):
        return PackedExperts.of(weights)
    if not holder.is_transposed:
        return PackedExperts.of(weights.unpacked().transpose(1, 2))
    return BlockExperts.of(weights)


def _waits(model: Any, parameter: str, waits: Waits) -> bool:
    holder = _holder(model, parameter)
    if holder is None:
        return False
    layers = [module for _, module in experts_of(model)]
    return waits(layers.index(holder), len(layers))


def _holder(model: Any, parameter: str) -> Any:
    """Return the experts module that holds a parameter among its matrices, else ``None``."""
    owner, _, name = parameter.rpartition(".")
    try:
        module = model.get_submodule(owner)
    except AttributeError:
        return None
    return module if is_experts(module) and name in matrices(module) else None

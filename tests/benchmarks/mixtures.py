"""What a mixture of experts takes on a card: loading, speed, memory planned and measured.

    python -m tests.benchmarks.mixtures --model qwen3-30b --tokens 4096
    python -m tests.benchmarks.mixtures --model gpt-oss-20b --length 2048
    python -m tests.benchmarks.mixtures --model qwen3-30b --limit 12

The weights are random, in the shape of the published model, and are packed as a real base is: each
layer's experts are put together and packed before the next ones are made. With a limit, tokens at
once and layers whose experts wait in the computer's memory are those that a card of that size is
planned with, and PyTorch gets no more than that. Prints one line of JSON; the first loss and the
length of its gradient do not depend on where experts wait.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.chat.packing import IGNORED, Row, collate
from core.config.engine import EnginePlan
from core.config.training import TrainingConfig
from core.models.families.layout import shape_of
from core.models.shape import ModelShape
from core.models.weights import Tensor
from core.planning.memory import CONTEXT, MemorySettings, memory_need
from core.planning.planner import Room, planned_settings
from tests.benchmarks.families import random_weights

if TYPE_CHECKING:
    from core.models.experts.loading import Waits

_FREE = 0.94  # of a card; the rest is taken by the desktop

QWEN = {
    "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 32, "head_dim": 128,
    "num_key_value_heads": 4, "intermediate_size": 6144, "moe_intermediate_size": 768,
    "num_experts": 128, "num_experts_per_tok": 8, "vocab_size": 151936, "norm_topk_prob": True,
    "max_position_embeddings": 40960,
}  # fmt: skip
GPT_OSS = {
    "hidden_size": 2880, "num_hidden_layers": 24, "num_attention_heads": 64, "head_dim": 64,
    "num_key_value_heads": 8, "intermediate_size": 2880, "num_local_experts": 32,
    "num_experts_per_tok": 4, "vocab_size": 201088, "max_position_embeddings": 131072,
}  # fmt: skip
TINY = {
    "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "head_dim": 16,
    "num_key_value_heads": 2, "intermediate_size": 64, "moe_intermediate_size": 32,
    "num_experts": 4, "num_experts_per_tok": 2, "vocab_size": 512,
}  # fmt: skip
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "qwen3-30b": ("Qwen3Moe", QWEN),
    "gpt-oss-20b": ("GptOss", GPT_OSS),
    "tiny": ("Qwen3Moe", TINY),
}


def main() -> int:
    """Measure one model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, default="qwen3-30b")
    parser.add_argument("--tokens", type=int, default=4096, help="of a micro-batch")
    parser.add_argument("--length", type=int, default=512, help="of an example")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--trained", type=float, default=1.0, help="share of tokens learned")
    parser.add_argument("--keep", action="store_true", help="recompute nothing")
    parser.add_argument("--stream", type=int, default=0, help="layers whose experts wait")
    parser.add_argument("--limit", type=float, help="of the card, in GiB; plans by itself")
    arguments = parser.parse_args()
    if arguments.limit is not None:
        _limit(arguments)
    found = measured(arguments)
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def measured(arguments: argparse.Namespace) -> dict[str, Any]:
    """Load, train some steps, and compare with what was planned; sizes in GB."""
    import torch

    from core.models.loading import count_parameters, training_device
    from core.training.adapter import add_adapter
    from core.training.loss import TrainingLoss

    device = training_device()
    begin = time.perf_counter()
    engine = EnginePlan(
        keep_layers=None if arguments.keep else 0,
        stream_layers=arguments.stream,
        host_embedding=arguments.stream > 0,
    )
    base = random_base(arguments.model, device, engine.streams if arguments.stream else None)
    found: dict[str, Any] = {"model": arguments.model, "device": _name(device)}
    found |= {"tokens": arguments.tokens, "streamed": arguments.stream}
    found["parameters"] = count_parameters(base)[1]
    found |= {"load_seconds": round(time.perf_counter() - begin, 1), "load_peak": _peak(device)}
    config = TrainingConfig(rank=arguments.rank, alpha=2 * arguments.rank)
    torch.manual_seed(1)
    model = add_adapter(base, config, device).train()
    loss = TrainingLoss(model, config, device, engine)
    loss.masked = MODELS[arguments.model][0] == "GptOss"  # as the probe finds
    loss.one_by_one = False
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)
    batch = _batch(arguments.tokens, arguments.length, arguments.trained)
    times = []
    for _ in range(arguments.steps + 1):
        begin = time.perf_counter()
        found["before_step"], _used = _now(device), _peak(device)
        total = loss(batch)[0] / max(1, batch.trained_tokens)
        found |= {"after_forward": _now(device), "forward_peak": _peak(device)}
        total.backward()  # type: ignore[no-untyped-call]
        found["backward_peak"] = _peak(device)
        if "first_loss" not in found:
            gradients = [p.grad.norm() for p in trained if p.grad is not None]
            found |= {"first_loss": float(total.detach())}
            found |= {"first_gradient": float(torch.stack(gradients).norm())}
        optimizer.step()
        found["update_peak"] = _peak(device)
        optimizer.zero_grad(set_to_none=True)
        found["loss"] = float(total.detach())
        times.append(time.perf_counter() - begin)
    peaks = [found[name] for name in ("forward_peak", "backward_peak", "update_peak")]
    found["tokens_per_second"] = round(arguments.tokens / float(np.median(times[1:])))
    found |= {"trained": sum(p.numel() for p in trained)}
    found |= {"peak": None if device == "cpu" else max(peaks)}
    return found | {"planned": planned(base, arguments)}


def _limit(arguments: argparse.Namespace) -> None:
    """Give PyTorch as much as a card of that size has free, and plan for it."""
    import torch

    free = int(_FREE * arguments.limit * 2**30)
    if torch.cuda.is_available():
        whole = torch.cuda.mem_get_info()[1]
        torch.cuda.set_per_process_memory_fraction((free - CONTEXT["gpu"]) / whole)
    config = TrainingConfig(
        rank=arguments.rank, micro_batch_tokens=arguments.tokens, max_length=arguments.length
    )
    shape = _shape(arguments.model)
    settings = planned_settings(shape, config, Room("gpu", free))
    arguments.tokens, arguments.stream = settings.micro_batch_tokens, settings.stream_layers
    arguments.keep = settings.recompute == 0


def _shape(name: str) -> ModelShape:
    """Return the sizes of a model without making its weights."""
    import torch
    import transformers

    family, sizes = MODELS[name]
    model_class = getattr(transformers, f"{family}ForCausalLM")
    with torch.device("meta"):
        model = model_class(model_class.config_class(**sizes))
    stored = {n: Tensor("BF16", tuple(p.shape)) for n, p in model.named_parameters()}
    config = {**model.config.to_dict(), "tie_word_embeddings": model.config.tie_word_embeddings}
    return shape_of(config, model.config.model_type, stored, packed=False)


def random_base(name: str, device: str, waits: Waits | None = None) -> Any:
    """Return a base in 4 bits with random weights, made one parameter at a time."""
    import torch
    import transformers

    from core.models.experts.loading import pack_experts_when_loading
    from core.models.experts.modules import compute_together
    from core.models.loading import attention_of, never_repack, nf4_config
    from core.models.stored.reading import Lazy

    family, sizes = MODELS[name]
    model_class = getattr(transformers, f"{family}ForCausalLM")
    config = model_class.config_class(**sizes)
    with torch.device("meta"):
        shapes = {n: p.shape for n, p in model_class(config).named_parameters()}
    weights = {n: Lazy(partial(random_weights, n, shape)) for n, shape in shapes.items()}
    never_repack()
    pack_experts_when_loading(waits)
    model = model_class.from_pretrained(
        None, config=config, state_dict=weights, dtype=torch.bfloat16, device_map={"": device},
        quantization_config=nf4_config(), attn_implementation=attention_of(config),
    )  # fmt: skip
    model.config.use_cache = False
    model.requires_grad_(False)
    compute_together(model)
    return model


def planned(base: Any, arguments: argparse.Namespace) -> dict[str, float]:
    """Return what the planner counts for this run, without the driver's own, in GB."""
    from core.models.experts.matrix import shape_of as whole
    from core.models.weights import Tensor as Stored

    stored: dict[str, Tensor] = {}
    for name, parameter in base.named_parameters():
        plain = name.replace(".base_layer", "").removeprefix("base_model.model.")
        if "lora_" in name:
            continue
        shape = getattr(getattr(parameter, "quant_state", None), "shape", None) or whole(parameter)
        stored[plain] = Stored("BF16", tuple(shape))
    config = {**base.config.to_dict(), "tie_word_embeddings": base.config.tie_word_embeddings}
    shape = shape_of(config, base.config.model_type, stored, packed=False)
    settings = MemorySettings(
        rank=arguments.rank, micro_batch_tokens=arguments.tokens, trained_share=arguments.trained,
        recompute=0.0 if arguments.keep else 1.0, stream_layers=arguments.stream,
        host_embedding=arguments.stream > 0,
    )  # fmt: skip
    need = memory_need(shape, settings)
    parts = ("weights", "adapter", "activations", "working", "scratch", "allocated")
    return {part: round(getattr(need, part) / 1e9, 2) for part in parts}


def _batch(tokens: int, length: int, trained: float) -> Any:
    dice = np.random.default_rng(1)
    rows = []
    for _ in range(tokens // length):
        ids = dice.integers(5, 500, length).tolist()
        begin = round(length * (1 - trained))
        rows.append(Row(ids, [IGNORED] * begin + ids[begin:]))
    return collate(rows)


def _now(device: str) -> float | None:
    import torch

    return None if device == "cpu" else round(torch.cuda.memory_allocated() / 1e9, 2)


def _peak(device: str) -> float | None:
    import torch

    if device == "cpu":
        return None
    torch.cuda.synchronize()
    found = round(torch.cuda.max_memory_allocated() / 1e9, 2)
    torch.cuda.reset_peak_memory_stats()
    return found


def _name(device: str) -> str:
    import torch

    return "cpu" if device == "cpu" else torch.cuda.get_device_name()


if __name__ == "__main__":
    os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
    sys.exit(main())

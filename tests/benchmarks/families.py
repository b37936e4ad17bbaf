"""Speed and memory of families on a card: this engine beside transformers and peft.

    python -m tests.benchmarks.families --models qwen3.5-9b gemma-4-e4b --limit-gib 24
    python -m tests.benchmarks.families --models tiny-qwen3.5

The weights are random, in the shape of the published model, and packed into NF4 one at a time. Each
way runs in a process of its own on the same tokens without padding:

- ``planned``: what the planner chooses for a card of ``--limit-gib``, with its predicted peak;
- ``kept``: the engine with all activations kept, with its predicted peak;
- ``peft``: transformers + peft in bf16, all activations kept; and ``peft-checkpointing``. If
  ``fla`` is installed, transformers takes its kernels for gated delta-net layers.

Prints one line of JSON for each, with the loss of the first step, which every way must share.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from core.chat.packing import PackedBatch, Row, collate
from core.config.training import TrainingConfig
from core.models.families.layout import shape_of
from core.models.shape import ModelShape
from core.models.weights import Tensor
from core.planning.memory import MemorySettings, memory_need
from core.planning.planner import Room, engine_plan, planned_settings

_WINDOWS = [*["sliding_attention"] * 5, "full_attention"]
_FEW = {"vocab_size": 512, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "qwen3.5-9b": ("Qwen3_5", {
        "vocab_size": 248320, "hidden_size": 4096, "intermediate_size": 12288,
        "num_hidden_layers": 32, "num_attention_heads": 16, "num_key_value_heads": 4,
        "head_dim": 256, "linear_num_value_heads": 32, "linear_num_key_heads": 16,
        "linear_key_head_dim": 128, "linear_value_head_dim": 128, "tie_word_embeddings": False}),
    "gemma-4-e4b": ("Gemma4", {
        "vocab_size": 262144, "hidden_size": 2560, "intermediate_size": 10240,
        "num_hidden_layers": 42, "num_attention_heads": 8, "num_key_value_heads": 2,
        "head_dim": 256, "global_head_dim": 512, "sliding_window": 512,
        "num_kv_shared_layers": 18, "hidden_size_per_layer_input": 256,
        "vocab_size_per_layer_input": 262144, "final_logit_softcapping": 30.0,
        "layer_types": _WINDOWS * 7}),
    "gemma-4-31b": ("Gemma4", {
        "vocab_size": 262144, "hidden_size": 5376, "intermediate_size": 21504,
        "num_hidden_layers": 60, "num_attention_heads": 32, "num_key_value_heads": 16,
        "num_global_key_value_heads": 4, "head_dim": 256, "global_head_dim": 512,
        "sliding_window": 1024, "num_kv_shared_layers": 0, "hidden_size_per_layer_input": 0,
        "attention_k_eq_v": True, "final_logit_softcapping": 30.0, "layer_types": _WINDOWS * 10}),
    "ministral-3-8b": ("Ministral3", {
        "vocab_size": 131072, "hidden_size": 4096, "intermediate_size": 14336,
        "num_hidden_layers": 34, "num_attention_heads": 32, "num_key_value_heads": 8,
        "head_dim": 128, "tie_word_embeddings": False}),
    "gemma-3-12b": ("Gemma3", {
        "vocab_size": 262208, "hidden_size": 3840, "intermediate_size": 15360,
        "num_hidden_layers": 48, "num_attention_heads": 16, "num_key_value_heads": 8,
        "head_dim": 256, "sliding_window": 1024, "layer_types": _WINDOWS * 8}),
    "smollm3-3b": ("SmolLM3", {
        "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 11008,
        "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 4}),
    "glm-4-9b": ("Glm4", {
        "vocab_size": 151552, "hidden_size": 4096, "intermediate_size": 13696,
        "num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 2,
        "head_dim": 128, "tie_word_embeddings": False}),
    "granite-3.3-8b": ("Granite", {
        "vocab_size": 49159, "hidden_size": 4096, "intermediate_size": 12800,
        "num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 8,
        "embedding_multiplier": 12.0, "logits_scaling": 16.0, "residual_multiplier": 0.22,
        "attention_multiplier": 0.0078125, "tie_word_embeddings": True}),
    "olmo-3-7b": ("Olmo3", {
        "vocab_size": 100278, "hidden_size": 4096, "intermediate_size": 11008,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
        "sliding_window": 4096, "tie_word_embeddings": False}),
    "seed-oss-36b": ("SeedOss", {
        "vocab_size": 155136, "hidden_size": 5120, "intermediate_size": 27648,
        "num_hidden_layers": 64, "num_attention_heads": 80, "num_key_value_heads": 8,
        "head_dim": 128, "tie_word_embeddings": False}),
    "tiny-qwen3.5": ("Qwen3_5", {
        **_FEW, "num_hidden_layers": 4, "num_key_value_heads": 2, "head_dim": 16,
        "linear_num_value_heads": 4, "linear_num_key_heads": 2, "linear_key_head_dim": 8,
        "linear_value_head_dim": 8}),
    "tiny-gemma-4": ("Gemma4", {
        **_FEW, "num_hidden_layers": 6, "num_key_value_heads": 2, "head_dim": 16,
        "global_head_dim": 32, "sliding_window": 32, "num_kv_shared_layers": 2,
        "hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": 512,
        "layer_types": _WINDOWS[-2:] * 3}),
}  # fmt: skip
"""Class and sizes of each text model, from its published config."""


def main() -> int:
    """Measure each model in every way; return 1 if one failed."""
    arguments = _arguments()
    if arguments.child:
        model, way = arguments.child.split(":")
        sys.stdout.write(json.dumps(measured(model, way, arguments)) + "\n")
        return 0
    pairs = [(model, way) for model in arguments.models for way in arguments.ways]
    return max([_in_own_process(f"{m}:{w}", arguments.seconds) for m, w in pairs])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=["tiny-qwen3.5"])
    parser.add_argument("--ways", nargs="+", default=["planned", "kept", "peft"])
    parser.add_argument("--tokens", type=int, default=4096, help="computed at once")
    parser.add_argument("--length", type=int, default=512, help="of an example")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--limit-gib", type=float, default=24, help="the card to plan for")
    parser.add_argument("--seconds", type=float, default=150, help="limit for each process")
    parser.add_argument("--profile", action="store_true", help="write the slowest kernels")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_own_process(child: str, limit: float) -> int:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    environment["PYTORCH_ALLOC_CONF"] = "expandable_segments:True"
    command = [sys.executable, "-m", "tests.benchmarks.families", *sys.argv[1:], "--child", child]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=limit
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        sys.stdout.write(done.stdout.removesuffix(lines[-1] + "\n") if lines else "")
        found = lines[-1] if lines else json.dumps({"way": child, "error": done.stderr[-700:]})
    except subprocess.TimeoutExpired:
        lines, found = [], json.dumps({"way": child, "error": f"stopped after {limit:.0f} s"})
    sys.stdout.write(found + "\n")
    sys.stdout.flush()
    return 0 if lines else 1


def measured(name: str, way: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Train some steps of one model in one way; sizes in GiB."""
    import torch

    from core.models.loading import training_device
    from core.training.adapter import add_adapter

    device = training_device()
    began = time.perf_counter()
    base = random_base(name, device)
    found: dict[str, Any] = {
        "model": name,
        "way": way,
        "made_s": round(time.perf_counter() - began),
    }
    config = TrainingConfig(
        rank=arguments.rank, alpha=2 * arguments.rank, micro_batch_tokens=arguments.tokens,
        max_length=arguments.length, engine="peft" if way.startswith("peft") else "auto",
    )  # fmt: skip
    shape = known_shape(base)
    settings = _settings(way, shape, config, base.config.model_type, arguments.limit_gib)
    model = add_adapter(base, config, device).train()
    step = _step_of(way, model, config, settings, shape, arguments)
    parameters = [p for p in model.parameters() if p.requires_grad]
    found |= _steps(step, parameters, arguments, device)
    if not way.startswith("peft"):
        planned = memory_need(shape, settings).allocated / 2**30
        kept = settings.kept(shape.layers)
        found |= {"planned_gib": round(planned, 2), "kept": f"{kept}/{shape.layers}"}
        found |= {"streamed": settings.stream_layers, "tokens": settings.micro_batch_tokens}
    found["trained"] = sum(p.numel() for p in parameters)
    torch.cuda.empty_cache()
    return found


def random_base(name: str, device: str) -> Any:
    """Return a base in 4 bits with random weights, made one parameter at a time."""
    import torch
    import transformers

    from core.models.loading import attention_of, never_repack, nf4_config
    from core.models.stored.reading import Lazy

    family, sizes = MODELS[name]
    model_class = getattr(transformers, f"{family}ForCausalLM")
    config = model_class.config_class(**sizes)
    with torch.device("meta"):
        empty = model_class(config)
    named = {**dict(empty.named_parameters()), **_stored_buffers(empty)}
    weights = {n: Lazy(partial(random_weights, n, p.shape)) for n, p in named.items()}
    never_repack()
    model = model_class.from_pretrained(
        None, config=config, state_dict=weights, dtype=torch.bfloat16, device_map={"": device},
        quantization_config=nf4_config(), attn_implementation=attention_of(config),
    )  # fmt: skip
    model.config.use_cache = False
    return model.requires_grad_(False)


def _stored_buffers(model: Any) -> dict[str, Any]:
    stored = set(model.state_dict())
    return {name: buffer for name, buffer in model.named_buffers() if name in stored}


def random_weights(name: str, shape: Any) -> Any:
    """Return the same values for a name in every process: threads load them in any order."""
    import torch

    if len(shape) < 2:
        return torch.ones(shape, dtype=torch.bfloat16)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dice = torch.Generator(device).manual_seed(zlib.crc32(name.encode()))
    wide = torch.randn(shape, dtype=torch.bfloat16, device=device, generator=dice)
    return wide.mul_(shape[-1] ** -0.5)


def known_shape(base: Any) -> ModelShape:
    """Return what an inspection of this base would have found, from its tensors."""
    stored: dict[str, Tensor] = {}
    for name, parameter in base.named_parameters():
        whole = getattr(getattr(parameter, "quant_state", None), "shape", None) or parameter.shape
        stored[name] = Tensor("BF16", tuple(whole))
    config = {**base.config.to_dict(), "tie_word_embeddings": base.config.tie_word_embeddings}
    return shape_of(config, base.config.model_type, stored, packed=False)


def _settings(
    way: str, shape: ModelShape, config: TrainingConfig, model_type: str, limit: float
) -> MemorySettings:
    import torch

    device = "gpu" if torch.cuda.is_available() else "cpu"
    free = int((limit if way == "planned" else 1000) * 2**30)
    chosen = planned_settings(shape, config, Room(device, free), model_type)
    return replace(chosen, trained_share=1.0)


def _step_of(
    way: str, model: Any, config: TrainingConfig, settings: MemorySettings, shape: ModelShape,
    arguments: argparse.Namespace,
) -> Any:  # fmt: skip
    """Return a function that computes the loss of its tokens and its gradients."""
    import torch

    from core.training.loss import TrainingLoss

    if not way.startswith("peft"):
        loss = TrainingLoss(model, config, str(model.device), engine_plan(shape, settings))
        if loss.engine is None:
            raise SystemExit(f"not on the fast path: {loss.why_not}")
        batches = list(_packed(arguments, settings.micro_batch_tokens))

        def ours() -> float:
            return sum(_back(loss(b)[0] / arguments.tokens) for b in batches)

        return ours
    if way.endswith("checkpointing"):
        model.get_base_model().gradient_checkpointing_enable({"use_reentrant": False})
    rows = torch.tensor(_tokens(arguments)).to(model.device)

    def theirs() -> float:
        with torch.autocast(model.device.type, torch.bfloat16):
            logits = model(input_ids=rows, use_cache=False).logits[:, :-1].float()
        losses = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), rows[:, 1:].flatten(), reduction="sum"
        )
        return _back(losses / arguments.tokens)

    return theirs


def _back(loss: Any) -> float:
    loss.backward()
    return float(loss.detach())


def _tokens(arguments: argparse.Namespace) -> list[list[int]]:
    dice = np.random.default_rng(1)
    count = arguments.tokens // arguments.length
    return [dice.integers(5, 500, arguments.length).tolist() for _ in range(count)]


def _packed(arguments: argparse.Namespace, size: int) -> list[PackedBatch]:
    rows, many = _tokens(arguments), max(1, size // arguments.length)
    parts = [rows[i : i + many] for i in range(0, len(rows), many)]
    return [collate([Row(ids, ids) for ids in part]) for part in parts]


def _steps(
    step: Any, parameters: list[Any], arguments: argparse.Namespace, device: str
) -> dict[str, Any]:
    import torch

    optimizer = torch.optim.AdamW(parameters, lr=1e-4, fused=device != "cpu")
    losses, times = [], []
    for i in range(arguments.steps + 2):
        if i == 1 and device != "cpu":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        began = _now(device)
        losses.append(step())
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        times.append(_now(device) - began)
    if arguments.profile:
        _profile(step)
    peak = None if device == "cpu" else round(torch.cuda.max_memory_allocated() / 2**30, 2)
    speed = round(arguments.tokens / statistics.median(times[2:]))
    return {"first_loss": round(losses[0], 5), "tokens_per_s": speed, "peak_gib": peak}


def _profile(step: Any) -> None:
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
        step()
    kinds = seen.key_averages()
    order = sorted(kinds, key=lambda kind: -kind.self_device_time_total)[:28]
    for kind in order:
        spent = kind.self_device_time_total / 1000
        sys.stdout.write(f"{spent:9.2f} ms {kind.count:6} x {kind.key[:110]}\n")


def _now(device: str) -> float:
    import torch

    if device != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter()


if __name__ == "__main__":
    sys.exit(main())

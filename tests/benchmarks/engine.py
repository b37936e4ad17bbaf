"""Training speed and memory of this engine and of its peers, side by side.

Each variant runs in a process of its own on the same model, examples and order, with the
optimizer that it uses by itself: 32-bit AdamW here, 8-bit AdamW in the peers::

    python -m tests.benchmarks.engine --shape smollm2-135m --variants peft ours
    python -m tests.benchmarks.engine --shape llama-8b --limit-gib 24 \\
        --variants peft-checkpointing unsloth ours:0 ours:50 ours:100

Variants: ``peft``, ``peft-checkpointing``, ``unsloth`` (if installed, with its own checkpointing),
``ours`` or ``ours:P`` where P per cent of the layers keep their activations; ``ours:P+lean`` also
parks layer inputs and the embedding in the host's memory. Tokens are real ones: padding counts
for nothing. Peak memory is the allocator's on a card and the process's resident set without one.

This measures bare steps. ``tests.benchmarks.applications`` compares whole applications.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.engine_shapes import SHAPES, TARGETS, examples, make, quantisation

Step = Callable[[list[list[int]]], float]


def main() -> int:
    """Run the variants one after another and write a table."""
    arguments = _arguments()
    if arguments.child:
        sys.stdout.write(json.dumps(measure(arguments)) + "\n")
        return 0
    _ensure_model(arguments)
    results = [_in_own_process(variant, arguments.seconds) for variant in arguments.variants]
    sys.stdout.write(_table(results) + "\n")
    return 0 if all("error" not in result for result in results) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--model", type=Path, help="folder of a model to use or to make")
    parser.add_argument("--variants", nargs="+", default=["peft", "ours"])
    parser.add_argument("--batch", type=int, default=8, help="examples a step")
    parser.add_argument("--length", type=int, default=512, help="tokens an example")
    parser.add_argument("--spread", action="store_true", help="log-normal lengths of that mean")
    parser.add_argument("--micro", type=int, help="tokens a packed micro-batch (default: all)")
    parser.add_argument("--peer-micro", type=int, help="examples a padded one (default: all)")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--warm", type=int, default=3)
    parser.add_argument("--limit-gib", type=float, help="pretend the card has only this memory")
    parser.add_argument("--seconds", type=float, default=300, help="limit for each variant")
    parser.add_argument("--profile", action="store_true", help="write the slowest kernels")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.model is None:
        arguments.model = Path.home() / ".cache" / "homelab-tuner-benchmark" / arguments.shape
    return arguments


def _ensure_model(arguments: argparse.Namespace) -> None:
    if not (arguments.model / "config.json").exists():
        import torch

        make(arguments.shape, arguments.model, "cuda:0" if torch.cuda.is_available() else "cpu")


def _in_own_process(variant: str, limit: float) -> dict:
    environment = {
        **os.environ, "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0", "HF_HUB_OFFLINE": "1",
        "UNSLOTH_DISABLE_STATISTICS": "1", "PYTORCH_ALLOC_CONF": "expandable_segments:True",
        "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.benchmarks.engine", *sys.argv[1:], "--child", variant]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return {"variant": variant, "error": f"stopped after {limit:.0f} s"}
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    notes = [line for line in done.stdout.splitlines() if not line.startswith("{")]
    if "--profile" in sys.argv:
        sys.stdout.write("\n".join(notes) + "\n")
    if done.returncode or not lines:
        return {"variant": variant, "error": (done.stderr.strip() or "no output")[-1500:]}
    result = json.loads(lines[-1])
    sys.stdout.write(f"{json.dumps(result)}\n")
    sys.stdout.flush()
    return result


def measure(arguments: argparse.Namespace) -> dict:
    """Train one variant for some steps and return its figures."""
    import torch

    variant, card = arguments.child, torch.cuda.is_available()
    if card and arguments.limit_gib:
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(arguments.limit_gib * 2**30 / total)
    torch.manual_seed(0)
    step, parameters, vocabulary = _prepare(variant, arguments)
    optimizer = _optimizer(parameters, card, ours=variant.startswith("ours"))
    if card:
        torch.cuda.reset_peak_memory_stats()
    data = examples(4 * arguments.batch, arguments.length, arguments.spread, vocabulary)
    batches = [data[i::4] for i in range(4)]

    def whole_step(batch: list[list[int]]) -> float:
        loss = step(batch)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss

    losses, speeds, launches = [], [], []
    for i in range(arguments.warm + arguments.steps):
        start = _now(card)
        losses.append(whole_step(batches[i % 4]))
        launches.append(time.perf_counter() - start)
        speeds.append(sum(map(len, batches[i % 4])) / (_now(card) - start))
    if arguments.profile and card:
        _profile(lambda: whole_step(batches[0]))
    return {
        "variant": variant,
        "tokens_per_s": round(statistics.median(speeds[arguments.warm :])),
        "peak_gib": round(_peak(card), 2),
        "reserved_gib": round(torch.cuda.max_memory_reserved() / 2**30, 2) if card else None,
        "launch_ms": round(1000 * statistics.median(launches[arguments.warm :])),
        "first_loss": round(float(losses[0]), 4),
        "last_loss": round(float(losses[-1]), 4),
    }


def _prepare(variant: str, arguments: argparse.Namespace) -> tuple[Step, list, int]:
    if variant == "unsloth":
        model = _unsloth(arguments)
        return _padded_step(model, arguments.peer_micro), *_trained(model)
    model = _peft(arguments, checkpointing=variant.endswith("checkpointing"))
    if variant.startswith("peft"):
        return _padded_step(model, arguments.peer_micro), *_trained(model)
    return _our_step(model, variant, arguments), *_trained(model)


def _trained(model) -> tuple[list, int]:
    return [p for p in model.parameters() if p.requires_grad], model.config.vocab_size


def _peft(arguments: argparse.Namespace, checkpointing: bool):
    import torch
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    from transformers import AutoModelForCausalLM

    stored = json.loads((arguments.model / "config.json").read_text())
    quantise = {} if "quantization_config" in stored else {"quantization_config": quantisation()}
    model = AutoModelForCausalLM.from_pretrained(
        arguments.model, dtype=torch.bfloat16, attn_implementation="sdpa",
        device_map={"": "cuda:0" if torch.cuda.is_available() else "cpu"}, **quantise,
    )  # fmt: skip
    model.config.use_cache = False
    if arguments.child.startswith("peft") and torch.cuda.is_available():
        model = prepare_model_for_kbit_training(
            model, use_gradient_checkpointing=checkpointing,
            gradient_checkpointing_kwargs={"use_reentrant": False},
        )  # fmt: skip
    if checkpointing and not torch.cuda.is_available():
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
    model = get_peft_model(model, LoraConfig(**_lora(arguments), task_type="CAUSAL_LM"))
    return model.train()


def _lora(arguments: argparse.Namespace) -> dict:
    return {
        "r": arguments.rank, "lora_alpha": 2 * arguments.rank, "lora_dropout": 0.0,
        "target_modules": TARGETS,
    }  # fmt: skip


def _unsloth(arguments: argparse.Namespace):
    import torch
    from unsloth import FastLanguageModel

    model, _ = FastLanguageModel.from_pretrained(
        model_name=str(arguments.model), max_seq_length=4096, dtype=torch.bfloat16,
        load_in_4bit=True,
    )  # fmt: skip
    model = FastLanguageModel.get_peft_model(
        model, bias="none", use_gradient_checkpointing="unsloth", random_state=0,
        **_lora(arguments),
    )  # fmt: skip
    FastLanguageModel.for_training(model)
    return model


def _padded_step(model, examples_at_once: int | None) -> Step:
    import torch

    def run(batch: list[list[int]], share: float):
        longest = max(map(len, batch))
        ids = torch.zeros(len(batch), longest, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, example in enumerate(batch):
            ids[row, : len(example)] = torch.tensor(example)
            mask[row, : len(example)] = 1
        ids, mask = ids.to(model.device), mask.to(model.device)
        labels = ids.masked_fill(mask == 0, -100)
        with torch.autocast(model.device.type, dtype=torch.bfloat16):
            loss = model(input_ids=ids, labels=labels, attention_mask=mask).loss * share
        loss.backward()
        return loss.detach()

    def step(batch: list[list[int]]) -> float:
        size = examples_at_once or len(batch)
        parts = [batch[i : i + size] for i in range(0, len(batch), size)]
        trained = [sum(len(example) - 1 for example in part) for part in parts]
        pairs = zip(parts, trained, strict=True)
        return sum(run(part, count / sum(trained)) for part, count in pairs)

    return step


def _our_step(model, variant: str, arguments: argparse.Namespace) -> Step:
    from core.chat.packing import Row, collate, pack
    from core.config.engine import EnginePlan
    from core.training.engine.engine import attach

    share, *extra = variant.removeprefix("ours").removeprefix(":").split("+")
    layers = model.config.num_hidden_layers
    lean = "lean" in extra
    plan = EnginePlan(
        keep_layers=round(layers * int(share or 100) / 100), offload_inputs=lean,
        host_embedding=lean, kernels="plain" not in extra, loss_chunk_mib=128 if lean else 512,
    )  # fmt: skip
    engine = attach(model, plan)

    def step(batch: list[list[int]]) -> float:
        lengths = [len(example) for example in batch]
        groups = pack(lengths, arguments.micro or sum(lengths))
        packed = [collate([Row(batch[i], batch[i]) for i in group]) for group in groups]
        tokens, total = sum(p.trained_tokens for p in packed), 0.0
        for micro in packed:
            loss = engine.forward_loss(micro)[0] / tokens
            loss.backward()
            total = total + loss.detach()
        return total

    return step


def _optimizer(parameters: list, card: bool, ours: bool):
    """The optimizer that each application uses by itself: here AdamW with 32-bit moments."""
    import torch

    if ours or not card:
        return torch.optim.AdamW(parameters, lr=1e-4)
    from bitsandbytes.optim import AdamW8bit

    return AdamW8bit(parameters, lr=1e-4)


def _now(card: bool) -> float:
    import torch

    if card:
        torch.cuda.synchronize()
    return time.perf_counter()


def _peak(card: bool) -> float:
    import torch

    if card:
        return torch.cuda.max_memory_allocated() / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _profile(run: Callable[[], object]) -> None:
    import torch
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA, ProfilerActivity.CPU]) as found:
        run()
        torch.cuda.synchronize()
    for order in ("self_device_time_total", "self_cpu_time_total"):
        table = found.key_averages().table(sort_by=order, row_limit=24, max_name_column_width=60)
        sys.stdout.write("\n".join(" ".join(line.split()) for line in table.splitlines()) + "\n")


def _table(results: list[dict]) -> str:
    rows = [f"{'variant':24}{'tokens/s':>10}{'peak GiB':>10}{'first loss':>12}{'last loss':>11}"]
    for result in results:
        if "error" in result:
            rows.append(f"{result['variant']:24}failed: {result['error'].splitlines()[-1][:90]}")
            continue
        rows.append(
            f"{result['variant']:24}{result['tokens_per_s']:>10,}{result['peak_gib']:>10.2f}"
            f"{result['first_loss']:>12.4f}{result['last_loss']:>11.4f}"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())

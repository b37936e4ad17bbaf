"""Speed of answers: transformers' own ``generate`` and the application's decoder, in one process.

    python -m tests.benchmarks.answers --shape llama-8b [--tokens 128] [--at-once 1 4 8]

A random model of a real shape in NF4 with a random adapter on every linear layer. Each line is one
way of writing the same number of tokens after the same prompts; the prompts' reading is timed
apart. A card needs Triton and a compiler for the kernel that several rows use.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from core.models.loading import never_repack
from tests.benchmarks.engine_shapes import SHAPES, TARGETS, in_memory

_RANK = 16


def main() -> int:
    """Measure and write a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--prompt", type=int, default=128)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--profile", type=Path, help="write what a step consists of")
    options = parser.parse_args()
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    never_repack()
    prompts = torch.randint(5, SHAPES[options.shape][0] - 5, (max(options.at_once), options.prompt))
    ours = _ours(options, device, prompts)
    theirs = _transformers(options, device, prompts)
    for name, found in (("transformers", theirs), ("ours", ours)):
        for count, speed in found.items():
            sys.stdout.write(
                f"{name:12} {count:2} at once {speed:8.1f} tokens/s, "
                f"{speed / theirs[1]:6.2f} x transformers, {speed / found[1]:5.2f} x one\n"
            )
    return 0


def _transformers(options, device, prompts) -> dict[int, float]:
    from peft import LoraConfig, get_peft_model

    model = in_memory(options.shape, device)
    model = get_peft_model(
        model, LoraConfig(task_type="CAUSAL_LM", r=_RANK, lora_alpha=32, target_modules=TARGETS)
    ).eval()

    def write(count: int, tokens: int) -> None:
        with torch.no_grad(), torch.autocast(device.partition(":")[0], torch.bfloat16):
            model.generate(
                input_ids=prompts[:count].to(device),
                attention_mask=torch.ones(count, options.prompt, device=device),
                max_new_tokens=tokens,
                min_new_tokens=tokens,
                do_sample=False,
                use_cache=True,
            )

    return {count: _speed(write, count, options.tokens) for count in options.at_once}


def _ours(options, device, prompts) -> dict[int, float]:
    from core.generation.choice import decoder_for
    from core.generation.side_by_side.linears import AdapterBank
    from core.models.lora import Update

    model = in_memory(options.shape, device)
    bank = AdapterBank(model)
    updates = {
        name: Update(
            torch.randn(_RANK, module.in_features) * 0.01,
            torch.randn(module.out_features, _RANK) * 0.01,
            2.0,
        )
        for name, module in model.named_modules()
        if name.rpartition(".")[2] in TARGETS
    }
    bank.add("tuned", updates)
    room = options.prompt + options.tokens + 8
    decoder = decoder_for(model, bank, max(options.at_once), max(room, 1024))
    sys.stdout.write(f"{type(decoder).__name__}\n")

    def write(count: int, tokens: int) -> None:
        last = {}
        for row in range(count):
            decoder.keep(row, 0)
            last[row] = int(decoder.read(row, prompts[row].tolist(), 1).argmax())
        for _ in range(tokens - 1):
            chosen = decoder.step(last, dict.fromkeys(last, 1)).argmax(-1).tolist()
            last = dict(zip(last, chosen, strict=True))

    speeds = {count: _speed(write, count, options.tokens) for count in options.at_once}
    if options.profile:
        _profile(lambda: write(1, 4), options.profile)
    return speeds


def _speed(write: Callable[[int, int], None], count: int, tokens: int) -> float:
    """Return tokens a second of writing alone: the time of the prompts is taken away."""
    write(count, tokens)  # kernels are compiled, steps are recorded
    begin = _timed(lambda: write(count, 1))
    whole = _timed(lambda: write(count, tokens))
    speed = count * (tokens - 1) / (whole - begin)
    sys.stdout.write(
        f"{count} at once: {begin * 1000:.0f} ms until all began, {speed:.1f} tokens/s\n"
    )
    sys.stdout.flush()
    return speed


def _timed(work: Callable[[], None]) -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    started = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - started


def _profile(work: Callable[[], None], path: Path) -> None:
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
        work()
    table = seen.key_averages().table(sort_by="self_cuda_time_total", row_limit=40)
    path.write_text(table, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

"""What each plan costs and gives: tokens a second, memory predicted and measured, the same loss.

    python -m tests.benchmarks.engine_plans --shape llama-8b --plans keep:32 keep:16 keep:0 lean
    python -m tests.benchmarks.engine_plans --shape llama-70b --limit-gib 24 --plans stream:80+lean
    python -m tests.benchmarks.engine_plans --memory-table

A plan is made of parts joined by ``+``: ``keep:N`` layers keep their activations (all by default),
``lean`` (inputs and embedding wait on the host), ``stream:N`` layers' weights do too, ``fp8``,
``plain`` (no Triton), ``auto`` (what the planner chooses under the limit). All rows of a shape
share one model and one micro-batch, computed twice a step, so that losses can be compared to the
last bit; ``--memory-table`` runs 25 combinations of shape, rank, length and plan, each shape in a
process of its own.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np

from tests.benchmarks.engine_shapes import SHAPES, TARGETS, in_memory, shape_of

_MICRO_BATCHES = 2  # the second one finds the first one's gradients in memory, as in a training
_LOSS_BLOCK = {False: 512, True: 128}  # MiB; lean plans have the smaller one
TABLE = [  # shape, rank, length, tokens at once, plans
    ("llama-1b", 16, 512, 4096, ["keep:16", "keep:8", "keep:0", "lean+keep:0"]),
    ("llama-1b", 64, 1024, 2048, ["keep:16", "keep:0"]),
    ("llama-3b", 8, 256, 4096, ["keep:28", "keep:14", "keep:0", "lean+keep:0"]),
    ("llama-3b", 128, 2048, 2048, ["keep:28", "keep:0"]),
    ("llama-8b", 16, 512, 4096, ["keep:32", "keep:24", "keep:16", "keep:8", "keep:0"]),
    ("llama-8b", 16, 2048, 2048, ["keep:32", "lean+keep:0", "lean+keep:0+stream:16"]),
    ("llama-8b", 64, 1024, 8192, ["keep:16", "lean+keep:0", "lean+keep:0+stream:32"]),
    ("qwen-14b", 16, 1024, 2048, ["keep:48", "lean+keep:0+stream:48"]),
]


def main() -> int:
    """Measure and print a row as each plan finishes; return 1 if any failed."""
    arguments = _arguments()
    if arguments.memory_table:
        return _memory_table(arguments)
    _limit(arguments.limit_gib)
    bench = _Bench(arguments)
    sys.stdout.write(_HEAD)
    return max([_row(bench, name) for name in arguments.plans])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--plans", nargs="+", default=["keep:99", "keep:0", "lean+keep:0"])
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--length", type=int, default=512, help="tokens an example")
    parser.add_argument("--tokens", type=int, default=4096, help="tokens at once")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--limit-gib", type=float, help="pretend the card has only this memory")
    parser.add_argument("--memory-table", action="store_true")
    parser.add_argument("--seconds", type=float, default=240, help="limit for each table process")
    return parser.parse_args()


def _limit(gib: float | None) -> None:
    import torch

    if gib and torch.cuda.is_available():
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(gib * 2**30 / total)


_HEAD = (
    f"{'plan':28}{'tokens/s':>9}{'GiB':>8}{'predicted':>10}{'error':>8}{'reserved':>9}"
    f"{'loss':>12}{'|gradient|':>12}\n"
)


def _row(bench: _Bench, name: str) -> int:
    try:
        found = bench.measure(name)
    except Exception as error:  # one plan that fails must not hide the others
        sys.stdout.write(f"{name:28} failed: {type(error).__name__}: {str(error)[:120]}\n")
        bench.forget()
        return 1
    finally:
        sys.stdout.flush()
    off = found["predicted"] / found["gib"] - 1 if found["gib"] else 0.0
    sys.stdout.write(
        f"{name:28}{found['speed']:>9,.0f}{found['gib']:>8.2f}{found['predicted']:>10.2f}"
        f"{off:>8.1%}{found['reserved']:>9.2f}{found['loss']:>12.6f}{found['norm']:>12.6f}\n"
    )
    sys.stdout.flush()
    return 0


class _Bench:
    """One model with its engine, and one micro-batch that every plan computes."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        import torch

        from core.training.engine.engine import attach

        self.arguments, self.shape = arguments, shape_of(arguments.shape)
        self.card = torch.cuda.is_available()
        device = "cuda:0" if self.card else "cpu"
        least = min(self._settings(name).stream_layers for name in arguments.plans)
        started = time.perf_counter()
        plan = self.plan(next(n for n in arguments.plans if self.plan(n).stream_layers == least))
        base = in_memory(
            arguments.shape, device, lambda layer: plan.streams(layer, self.shape.layers)
        )
        model = _with_adapter(base, arguments.rank, device)
        sys.stdout.write(f"{arguments.shape}: made in {time.perf_counter() - started:.0f} s\n")
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        # The application's own optimizer; at rate 0 every plan starts from the same place.
        self.optimizer = torch.optim.AdamW(self.parameters, lr=0.0)
        self.engine = attach(model, plan)
        self.batch = _batch(arguments, self.shape.vocab_size)

    def _settings(self, name: str):
        from core.planning.memory import MemorySettings

        arguments, parts = self.arguments, dict(p.partition(":")[::2] for p in name.split("+"))
        if "auto" in parts:
            from core.config.training import TrainingConfig
            from core.planning.planner import Room, planned_settings

            free = int((arguments.limit_gib or 80) * 2**30)
            config = TrainingConfig(
                rank=arguments.rank, micro_batch_tokens=arguments.tokens,
                max_length=arguments.tokens,
            )  # fmt: skip
            found = planned_settings(self.shape, config, Room("gpu", free), "llama")
            return replace(found, trained_share=1.0)
        lean = "lean" in parts
        keep = min(int(parts.get("keep") or self.shape.layers), self.shape.layers)
        return MemorySettings(
            rank=arguments.rank, micro_batch_tokens=arguments.tokens, layers="fused",
            trained_share=1.0, recompute=1 - keep / self.shape.layers,
            loss_chunk_tokens=(_LOSS_BLOCK[lean] << 20) // (2 * self.shape.vocab_size),
            offload_inputs=lean, host_embedding=lean, fp8="fp8" in parts,
            stream_layers=min(int(parts.get("stream") or 0), self.shape.layers),
        )  # fmt: skip

    def plan(self, name: str):
        """Return the engine's plan of that name."""
        from core.config.engine import EnginePlan

        settings = self._settings(name)
        return EnginePlan(
            settings.kept(self.shape.layers), settings.offload_inputs, settings.host_embedding,
            settings.stream_layers, "fp8" if settings.fp8 else "bf16",
            max(1, settings.loss_chunk_tokens * 2 * self.shape.vocab_size >> 20),
            kernels="plain" not in name.split("+"),
        )  # fmt: skip

    def measure(self, name: str) -> dict[str, float]:
        """Run some whole steps by the plan ``name``."""
        import torch

        from core.planning.memory import memory_need

        self.forget()
        self.engine.follow(self.plan(name))
        loss, norm = self._step()  # warms up
        if self.card:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        self._step()
        began = self._now()
        for _ in range(self.arguments.steps):
            self._step(look=False)
        seconds = (self._now() - began) / self.arguments.steps
        peak = torch.cuda.max_memory_allocated() if self.card else 0
        reserved = torch.cuda.max_memory_reserved() if self.card else 0
        return {
            "speed": _MICRO_BATCHES * self.batch.ids.size / seconds, "gib": peak / 2**30,
            "reserved": reserved / 2**30, "loss": loss, "norm": norm,
            "predicted": memory_need(self.shape, self._settings(name)).allocated / 2**30,
        }  # fmt: skip

    def _step(self, *, look: bool = True) -> tuple[float, float]:
        import torch

        for _ in range(_MICRO_BATCHES):
            loss = self.engine.forward_loss(self.batch)[0] / self.batch.trained_tokens
            loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, 1e9) if look else 0.0
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return (float(loss.detach()), float(norm)) if look else (0.0, 0.0)

    def forget(self) -> None:
        """Drop what an earlier plan left behind."""
        import torch

        self.optimizer.zero_grad(set_to_none=True)
        gc.collect()
        if self.card:
            torch.cuda.empty_cache()

    def _now(self) -> float:
        import torch

        if self.card:
            torch.cuda.synchronize()
        return time.perf_counter()


def _with_adapter(base, rank: int, device: str):
    """An adapter that already does something: with B = 0 half of the gradients would be zero."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(1)
    config = LoraConfig(task_type="CAUSAL_LM", r=rank, lora_alpha=2 * rank, target_modules=TARGETS)
    model = get_peft_model(base, config)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(device)
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, 0.0, 0.01)
    return model.train()


def _batch(arguments: argparse.Namespace, vocabulary: int):
    from core.chat.packing import Row, collate

    numbers = np.random.default_rng(0)
    rows = []
    for start in range(0, arguments.tokens, arguments.length):
        length = min(arguments.length, arguments.tokens - start)
        ids = numbers.integers(3, vocabulary, length).tolist()
        rows.append(Row(ids, ids))
    return collate(rows)


def _memory_table(arguments: argparse.Namespace) -> int:
    worst = 0
    for shape, rank, length, tokens, plans in TABLE:
        sys.stdout.write(f"\n{shape}, rank {rank}, examples of {length}, {tokens} tokens at once\n")
        sys.stdout.flush()
        command = [
            sys.executable, "-m", "tests.benchmarks.engine_plans", "--shape", shape, "--rank",
            str(rank), "--length", str(length), "--tokens", str(tokens), "--steps",
            str(arguments.steps), "--plans", *plans,
        ]  # fmt: skip
        try:
            done = subprocess.run(command, check=False, timeout=arguments.seconds)
            worst = max(worst, done.returncode)
        except subprocess.TimeoutExpired:
            sys.stdout.write(f"stopped after {arguments.seconds:.0f} s\n")
            worst = 1
    return worst


if __name__ == "__main__":
    sys.exit(main())

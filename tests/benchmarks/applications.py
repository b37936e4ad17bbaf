"""Whole applications beside each other: the same examples and base, each through its own trainer.

    python -m tests.benchmarks.applications FILE --tokenizer DIR --shape llama-8b
    python -m tests.benchmarks.applications FILE --tokenizer DIR --contenders ours unsloth:packed:4

This application runs as its commands ``prepare`` and ``train`` do, with its own optimizer, checks
and checkpoints. Peers train the examples that it prepared. A peer is named ``NAME:MODE:ROWS``:

- ``unsloth:free`` is Unsloth's ``SFTTrainer`` as it chooses by itself, ``unsloth:packed`` with
  ``packing=True``; ``trl:packed`` and ``trl:padded`` are TRL's with peft and Liger's kernels.
- ROWS is the rows of a step. A packed row is a row of 2,048 tokens, any other an example.
- ``+keep`` at the end: nothing is recomputed (no gradient checkpointing).

Tokens are real ones, padding counts for nothing; speed is that of all steps after the first five,
without checks and saves. Memory is what the driver sees in use at most, its own part included.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.engine_shapes import TARGETS

CONTENDERS = [
    "ours", "unsloth:free:32", "unsloth:packed:2", "unsloth:packed:4", "unsloth:packed:4+keep",
    "trl:packed:4", "trl:packed:4+keep", "trl:padded:32",
]  # fmt: skip
_ROW_TOKENS = 2048
_WARM = 5
_ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0", "HF_HUB_OFFLINE": "1",
    "UNSLOTH_DISABLE_STATISTICS": "1", "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run the contenders one after another and write a table."""
    options = _options(arguments)
    if options.child:
        sys.stdout.write(json.dumps(peer(options)) + "\n")
        return 0
    if not (options.model / "config.json").exists():
        _make_model(options)
    _command(["prepare", str(options.file), "--project", str(options.project)])
    results = [_measured(name, options) for name in options.contenders]
    sys.stdout.write(table(results) + "\n")
    return 0 if all("error" not in result for result in results) else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "file", type=Path, nargs="?", help="examples in any form that prepare reads"
    )
    parser.add_argument("--tokenizer", type=Path, help="folder with a tokenizer and a template")
    parser.add_argument("--shape", default="llama-8b")
    parser.add_argument("--model", type=Path, help="folder of a base model to use or to make")
    parser.add_argument("--project", type=Path, help="folder that is made")
    parser.add_argument("--contenders", nargs="+", default=CONTENDERS)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch", type=int, default=32, help="our examples a step")
    parser.add_argument("--seconds", type=float, default=240, help="limit for each contender")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    root = Path.home() / ".cache" / "homelab-tuner-benchmark"
    options.model = options.model or root / f"{options.shape}-16bit"
    options.project = options.project or root / f"project-{os.getpid()}"
    if not options.child and options.file is None:
        parser.error("name a file of examples")
    return options


def _make_model(options: argparse.Namespace) -> None:
    import torch

    from tests.benchmarks.engine_shapes import make_wide

    make_wide(options.shape, options.model, "cuda:0" if torch.cuda.is_available() else "cpu")
    for path in options.tokenizer.iterdir():
        if path.name.startswith(("token", "special", "chat_template")):
            shutil.copyfile(path, options.model / path.name)


def _command(arguments: list[str], seconds: float = 600) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gui", *arguments], env={**os.environ, **_ENVIRONMENT},
        capture_output=True, text=True, check=False, timeout=seconds,
    )  # fmt: skip


def _measured(name: str, options: argparse.Namespace) -> dict[str, Any]:
    memory = CardMemory()
    memory.start()
    began = time.perf_counter()
    try:
        result = ours(options) if name == "ours" else _peer_in_own_process(name, options)
    except subprocess.TimeoutExpired:
        result = {"error": f"stopped after {options.seconds:.0f} s"}
    found = {
        "contender": name, **result, "gib": round(memory.end() / 2**30, 2),
        "wall": round(time.perf_counter() - began, 1),
    }  # fmt: skip
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    return found


def ours(options: argparse.Namespace) -> dict[str, Any]:
    """Train with this application's own command; return its speed."""
    values = {
        "max_steps": options.steps, "epochs": 100, "effective_batch": options.batch, "rank": 16,
        "alpha": 32, "dropout": 0.0, "learning_rate": 5e-5, "max_length": _ROW_TOKENS,
        "patience_epochs": 0, "validations_per_epoch": 1, "sample_answers": "false",
    }  # fmt: skip
    line = ["train", "--json", "--project", str(options.project), "--base", str(options.model)]
    for key, value in values.items():
        line += ["--set", f"{key}={value}"]
    done = _command(line, options.seconds)
    events = [json.loads(text) for text in done.stdout.splitlines() if text.startswith("{")]
    steps = [event for event in events if event.get("kind") == "train_step"]
    if done.returncode or len(steps) <= _WARM:
        return {"error": (done.stderr.strip() or done.stdout.strip())[-1500:]}
    tokens = sum(step["tokens"] for step in steps[_WARM:])
    return {
        "tokens_per_s": round(tokens / sum(step["seconds"] for step in steps[_WARM:])),
        "tokens_a_step": round(tokens / len(steps[_WARM:])), "loss": steps[-1]["loss"],
    }  # fmt: skip


def _peer_in_own_process(name: str, options: argparse.Namespace) -> dict[str, Any]:
    line = [
        sys.executable, "-m", "tests.benchmarks.applications", "--child", name, "--model",
        str(options.model), "--project", str(options.project), "--steps", str(options.steps),
    ]  # fmt: skip
    done = subprocess.run(
        line, env={**os.environ, **_ENVIRONMENT}, capture_output=True, text=True, check=False,
        timeout=options.seconds,
    )  # fmt: skip
    lines = [text for text in done.stdout.splitlines() if text.startswith('{"tokens')]
    if done.returncode or not lines:
        return {"error": (done.stderr.strip() or done.stdout.strip())[-1500:]}
    return json.loads(lines[-1])


def peer(options: argparse.Namespace) -> dict[str, Any]:
    """Train with a peer's own trainer; return its speed and what it chose."""
    contender, keep = options.child.removesuffix("+keep"), options.child.endswith("+keep")
    name, mode, rows = contender.split(":")
    load = _unsloth if name == "unsloth" else _trl
    model, tokenizer, more = load(options.model, keep)
    trainer = _trainer(model, tokenizer, _texts(options.project, tokenizer), {
        "max_steps": options.steps, "per_device_train_batch_size": int(rows),
        **({"packing": True} if mode == "packed" else {}), **more,
    })  # fmt: skip
    clock = _Clock(trainer)
    trainer.train()
    return {
        **clock.result(), "padding_free": getattr(trainer.args, "padding_free", None),
        "packing": getattr(trainer.args, "packing", None), "attention": _attention(),
    }  # fmt: skip


def _unsloth(folder: Path, keep: bool):
    import torch
    from unsloth import FastLanguageModel

    model, tokenizer = FastLanguageModel.from_pretrained(
        model_name=str(folder), max_seq_length=_ROW_TOKENS, dtype=torch.bfloat16, load_in_4bit=True
    )
    model = FastLanguageModel.get_peft_model(
        model, r=16, lora_alpha=32, lora_dropout=0, bias="none", target_modules=TARGETS,
        use_gradient_checkpointing=False if keep else "unsloth", random_state=0,
    )  # fmt: skip
    return model, tokenizer, {"optim": "adamw_8bit"}


def _trl(folder: Path, keep: bool):
    import torch
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from tests.benchmarks.engine_shapes import quantisation

    model = AutoModelForCausalLM.from_pretrained(
        folder, quantization_config=quantisation(), dtype=torch.bfloat16, device_map={"": 0},
        attn_implementation="sdpa",
    )  # fmt: skip
    model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=not keep)
    lora = LoraConfig(r=16, lora_alpha=32, target_modules=TARGETS, task_type="CAUSAL_LM")
    more = {
        "optim": "adamw_8bit", "gradient_checkpointing": not keep, "use_liger_kernel": True,
        "gradient_checkpointing_kwargs": {"use_reentrant": False},
    }  # fmt: skip
    return get_peft_model(model, lora), AutoTokenizer.from_pretrained(folder), more


def _texts(project: Path, tokenizer) -> list[str]:
    """The training examples that this application prepared, rendered by the base's template."""
    (path,) = project.glob("data/versions/*/examples.jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    chats = [row["messages"] for row in rows if row["part"] == "train"]
    return [tokenizer.apply_chat_template(chat, tokenize=False) for chat in chats]


def _trainer(model, tokenizer, texts: list[str], more: dict[str, Any]):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    settings = SFTConfig(
        output_dir=str(Path.home() / ".cache" / "homelab-tuner-benchmark" / "peer"),
        learning_rate=5e-5, warmup_steps=5, logging_steps=10, bf16=True, max_length=_ROW_TOKENS,
        dataset_text_field="text", report_to="none", save_strategy="no", **more,
    )  # fmt: skip
    rows = Dataset.from_dict({"text": texts})
    return SFTTrainer(model=model, processing_class=tokenizer, train_dataset=rows, args=settings)


class _Clock:
    """Counts the real tokens of a trainer's steps, and the time after the first ones."""

    def __init__(self, trainer: Any) -> None:
        self._real, self._tokens, self._ends = trainer.training_step, 0, []
        trainer.training_step = self._step
        trainer.add_callback(_at_each_step(self._end))
        self._trainer = trainer

    def _step(self, model: Any, inputs: dict[str, Any], *rest: Any, **more: Any) -> Any:
        ids, mask = inputs["input_ids"], inputs.get("attention_mask")
        padded = mask is not None and mask.shape == ids.shape
        self._tokens += int(mask.sum()) if padded else ids.numel()
        return self._real(model, inputs, *rest, **more)

    def _end(self) -> None:
        import torch

        torch.cuda.synchronize()
        self._ends.append((time.perf_counter(), self._tokens))

    def result(self) -> dict[str, Any]:
        """Return tokens a second and a step after the first steps, and the last loss."""
        (began, before), (end, after) = self._ends[_WARM - 1], self._ends[-1]
        logged = [log["loss"] for log in self._trainer.state.log_history if "loss" in log]
        return {
            "tokens_per_s": round((after - before) / (end - began)),
            "tokens_a_step": round((after - before) / (len(self._ends) - _WARM)),
            "loss": logged[-1] if logged else None,
        }  # fmt: skip


def _at_each_step(call):
    from transformers import TrainerCallback

    class AtEachStep(TrainerCallback):
        def on_step_end(self, *_arguments: Any, **_options: Any) -> None:
            call()

    return AtEachStep()


def _attention() -> str:
    """What Unsloth computes attention of packed examples with."""
    dispatch = sys.modules.get("unsloth.utils.attention_dispatch")
    if dispatch is None:
        return "sdpa"
    flash, xformers = dispatch.HAS_FLASH_ATTENTION, dispatch.HAS_XFORMERS
    return "flash-attn" if flash else "xformers" if xformers else "sdpa"


class CardMemory(threading.Thread):
    """Looks at what is in use on the first card; 0 without one."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over, self._most = threading.Event(), 0

    def run(self) -> None:
        import pynvml

        try:
            pynvml.nvmlInit()
            card = pynvml.nvmlDeviceGetHandleByIndex(0)
        except pynvml.NVMLError:
            return
        while not self._over.wait(0.1):
            self._most = max(self._most, pynvml.nvmlDeviceGetMemoryInfo(card).used)

    def end(self) -> int:
        """Stop looking; return the most bytes that were in use."""
        self._over.set()
        self.join()
        return self._most


def table(results: list[dict[str, Any]]) -> str:
    """Return what was measured, with the ratio of our speed to each peer's."""
    mine = next(
        (r["tokens_per_s"] for r in results if r["contender"] == "ours" and "error" not in r), 0
    )
    lines = [f"{'contender':24}{'tokens/s':>10}{'ours is':>10}{'GiB':>8}{'tokens a step':>15}"]
    for result in results:
        if "error" in result:
            lines.append(f"{result['contender']:24}failed: {result['error'].splitlines()[-1][:90]}")
            continue
        ratio = mine / result["tokens_per_s"]
        lines.append(
            f"{result['contender']:24}{result['tokens_per_s']:>10,}{ratio:>9.2f}x"
            f"{result['gib']:>8.2f}{result['tokens_a_step']:>15,}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

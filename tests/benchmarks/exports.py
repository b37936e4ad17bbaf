"""Time and peak memory of exports, without their proofs: merged, in 4 bits for vLLM, as GGUF.

    python -m tests.benchmarks.exports --shape llama-8b --tokenizer FOLDER [--quant Q4_K_M]

A random model of a real shape with a random adapter on every linear layer; each step in a process
of its own. The memory is the process's highest resident set, which counts mapped files, and what
PyTorch reserved on the card.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from safetensors import safe_open

from core.export.four_bits.checkpoint import Checkpoint
from core.export.four_bits.form import _TOKENS
from core.export.four_bits.solver import group_size
from core.export.four_bits.walk import Walk
from core.export.gguf.conversion import Source
from core.export.merging.merge import Merge, base_files
from core.models.loading import load_base
from core.models.lora import CONFIG, WEIGHTS
from core.training.targets import decoder_of
from tests.benchmarks.engine_shapes import SHAPES, TARGETS, config_of, make_wide

_RANK = 16
_STEPS = ("base", "merge", "four_bits", "gguf")


def main() -> int:
    """Run the steps and write a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder of its files")
    parser.add_argument("--quant", default="Q4_K_M")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary one)")
    parser.add_argument("--step", choices=_STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _do(options)
        return 0
    with tempfile.TemporaryDirectory(prefix="exports-") as folder:
        for step in _STEPS:
            more = ["--folder", str(options.folder or folder), "--step", step]
            command = [sys.executable, "-m", "tests.benchmarks.exports", *sys.argv[1:], *more]
            subprocess.run(command, check=True)
    return 0


def _do(options: argparse.Namespace) -> None:
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    started = time.perf_counter()
    {"base": _base, "merge": _merge, "four_bits": _four_bits, "gguf": _gguf}[options.step](
        options, device
    )
    seconds = time.perf_counter() - started
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    card = torch.cuda.max_memory_reserved() / 2**30 if torch.cuda.is_available() else 0.0
    memory = f"{resident:5.1f} GiB resident, {card:4.1f} on the card"
    sys.stdout.write(f"{options.step:9} {seconds:6.1f} s, {memory}\n")


def _base(options: argparse.Namespace, device: str) -> None:
    base, adapter = options.folder / "base", options.folder / "adapter"
    make_wide(options.shape, base, device)
    for path in options.tokenizer.iterdir():
        shutil.copyfile(path, base / path.name)
    adapter.mkdir()
    config = {"r": _RANK, "lora_alpha": 32, "peft_type": "LORA", "target_modules": TARGETS}
    (adapter / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    random_adapter(options.shape, adapter / WEIGHTS)


def random_adapter(shape: str, path: Path) -> None:
    """Write random factors of rank 16 for every linear layer of ``shape``."""
    from safetensors.torch import save_file
    from transformers import LlamaForCausalLM

    with torch.device("meta"):
        model = LlamaForCausalLM(config_of(shape))
    tensors = {}
    for name, module in model.named_modules():
        if name.rpartition(".")[2] in TARGETS:
            k, n = module.in_features, module.out_features
            start = f"base_model.model.{name}"
            tensors[f"{start}.lora_A.weight"] = torch.randn(_RANK, k) / math.sqrt(k)
            tensors[f"{start}.lora_B.weight"] = torch.randn(n, _RANK) * 0.01
    save_file(tensors, path)


def _merge(options: argparse.Namespace, device: str) -> None:
    merged = options.folder / "merged"
    merged.mkdir()
    base, adapter = options.folder / "base", options.folder / "adapter"
    Merge(base, adapter, "unpacked", device).write(merged, lambda _done, _total: None)
    for path in options.tokenizer.iterdir():
        shutil.copyfile(path, merged / path.name)
    shutil.rmtree(base)


def _four_bits(options: argparse.Namespace, device: str) -> None:
    """Round on random text; a fine-tune of its own would carry its adapter beside each layer."""
    merged, folder = options.folder / "merged", options.folder / "four_bits"
    folder.mkdir()
    model = load_base(merged, "nf4", device)
    decoder = decoder_of(model)
    files = {name: file.path for file in base_files(merged) for name in file.tensors}
    length = 512
    rows = torch.randint(10, 1000, (_TOKENS[device.partition(":")[0]] // length, length)).tolist()

    def weight(name: str) -> torch.Tensor:
        with safe_open(str(files[f"{name}.weight"]), framework="pt") as opened:
            return opened.get_tensor(f"{name}.weight")

    names = {name: f"{name}.weight" for name in decoder.linears}
    group = group_size({module.in_features for module in decoder.linears.values()})
    walk = Walk(model, decoder.name, decoder.stack, list(names), rows, weight, group)
    made = Checkpoint(merged, names, ["lm_head"], group, len(decoder.stack))
    made.write(folder, walk, lambda _done, _total: None)
    size = sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 2**30
    sys.stdout.write(f"{size:.2f} GiB in groups of {group}\n")


def _gguf(options: argparse.Namespace, _device: str) -> None:
    file = options.folder / "model.gguf"
    Source(options.folder / "merged", options.quant, file, "Model").write(
        lambda _done, _total: None
    )
    sys.stdout.write(f"{file.stat().st_size / 2**30:.2f} GiB as {options.quant}\n")


if __name__ == "__main__":
    sys.exit(main())

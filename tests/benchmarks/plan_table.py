"""What is planned for well-known models on cards of several sizes; nothing is loaded.

``python -m tests.benchmarks.plan_table [--keys KEY...] [--cards 8 12 16 24]`` prints for each model
of the catalogue that is named (else fifteen) the way, the layers that keep their activations, what
waits in the computer's memory, and the peak in GiB against what may be taken
of the card.
"""

from __future__ import annotations

import argparse
import sys

from core.config.training import TrainingConfig
from core.models.catalogue import CatalogueEntry, find_entry
from core.planning.memory import host_need, memory_need
from core.planning.planner import Room, fused, planned_settings

KEYS = (
    "qwen3-0.6b", "gemma-3-1b", "llama-3.2-3b", "smollm3-3b", "qwen3-4b", "gemma-3-4b",
    "mistral-7b", "llama-3.1-8b", "ministral-3-8b", "qwen3.5-9b", "gemma-3-12b", "phi-4",
    "gpt-oss-20b", "qwen3-30b-a3b", "qwen3-32b",
)  # fmt: skip
_FREE = 0.92  # of a card; the rest is taken by the desktop


def row(entry: CatalogueEntry, gib: float) -> str:
    """Return what is planned for a model on a card of ``gib``."""
    config, shape = TrainingConfig(), entry.shape
    free = int(gib * _FREE * 2**30)
    room = Room("gpu", free, 48 << 30)
    settings = planned_settings(shape, config, room, entry.model_type)
    need = memory_need(shape, settings).total
    way = "fast" if fused(config, entry.model_type) else "peft"
    fits = "" if need <= room.budget else "  does not fit"
    return (
        f"{entry.key:18}{gib:>4.0f} GiB  {way:5}{settings.micro_batch_tokens:>6} tokens"
        f"  kept {settings.kept(shape.layers):>2}/{shape.layers}  streamed"
        f" {settings.stream_layers:>2}  host {host_need(shape, settings) / 2**30:>5.1f}"
        f"  peak {need / 2**30:>5.1f} of {room.budget / 2**30:>4.1f}{fits}"
    )


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", nargs="*", default=KEYS)
    parser.add_argument("--cards", nargs="*", type=float, default=[8, 12, 16, 24])
    options = parser.parse_args(arguments)
    for key in options.keys:
        entry = find_entry(key)
        if entry is None:
            parser.error(f"no model {key}")
        for gib in options.cards:
            sys.stdout.write(row(entry, gib) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

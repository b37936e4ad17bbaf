"""A project with a random model of a real shape and conversations made of the sample's rows.

Nothing is read but the repository and, where it is there, a folder with a tokenizer: a machine with
a card and without the internet can train it.
"""

from __future__ import annotations

import gc
import hashlib
import json
import random
import shutil
from pathlib import Path
from typing import Any

import orjson

from core.config.training import TrainingConfig, save_config
from core.data.dataset import EXAMPLES_FILE, META_FILE, VersionMeta
from core.data.example import Example, Message, Part, Source, to_json
from core.jobs.spec import TrainParams, write_spec
from core.project import Project, RunFolder

ROWS = Path(__file__).parents[2] / "resources" / "sample" / "code-documentation.jsonl"
SHAPES = {
    "tiny": (64, 176, 2, 4, 2),
    "1b": (2048, 8192, 16, 32, 8),
    "3b": (3072, 8192, 28, 24, 8),
    "8b": (4096, 14336, 32, 32, 8),
    "32b": (5120, 27648, 64, 40, 8),
}
"""width, feed-forward width, layers, query heads, key heads"""

_VOCABULARY = 49152
_TURNS = 4
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def make_project(
    root: Path, shape: str, tokenizer: Path, config: TrainingConfig, conversations: int
) -> tuple[RunFolder, dict[str, Any]]:
    """Write everything that a training needs below ``root``; return its run folder and parameters.

    Args:
        shape: one of ``SHAPES``.
        tokenizer: a model folder whose tokenizer is taken; without one, words are counted.
        conversations: how many examples the training part has.
    """
    project = Project.create(root / "project")
    version = _write_version(project, conversations)
    base = root / f"random-{shape}"
    _write_model(base, shape)
    _write_tokenizer(base, tokenizer)
    run = project.new_run("train")
    save_config(config, run.config_file)
    params = TrainParams(dataset_version=version, base_model=str(base))
    write_spec(run, params)
    return run, params


def _write_version(project: Project, conversations: int) -> str:
    parts: list[Part] = ["train"] * conversations + ["validation"] * 8
    lines = [
        orjson.dumps({**to_json(example), "part": part})
        for part, example in zip(parts, _conversations(len(parts)), strict=True)
    ]
    counts = {part: parts.count(part) for part in ("train", "validation")}
    content = b"\n".join(lines) + b"\n"
    name = hashlib.sha256(content).hexdigest()[:32]
    meta = VersionMeta(content_hash=name, counts=counts, seed=0, held_out=0.1, near_threshold=0.9)
    folder = project.versions / name
    folder.mkdir()
    (folder / EXAMPLES_FILE).write_bytes(content)
    (folder / META_FILE).write_text(meta.model_dump_json(), encoding="utf-8")
    return meta.content_hash


def _conversations(count: int) -> list[Example]:
    rows = rows_of_the_sample()
    dice = random.Random(0)
    return [_conversation(dice.sample(rows, _TURNS), number) for number in range(count)]


def rows_of_the_sample() -> list[dict[str, str]]:
    """Return the sample's rows that have a context and an answer."""
    rows = [json.loads(line) for line in _lines() if line.startswith("{")]
    return [row for row in rows if row.get("input") and row.get("output")]


def _lines() -> list[str]:
    """The sample has planted faults: rows that are no JSON, bytes that are no UTF-8."""
    return ROWS.read_text(encoding="utf-8", errors="replace").splitlines()


def _conversation(rows: list[dict[str, str]], number: int) -> Example:
    messages: list[Message] = []
    for row in rows:
        question = f"{row['instruction']}\n\n{row['input'][:1500]}"
        messages += [Message("user", question), Message("assistant", row["output"])]
    return Example(tuple(messages), Source(ROWS.name, number + 1))


def _write_model(folder: Path, shape: str) -> None:
    """Write random weights in 16 bits; the training quantises them as it would any base model."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from core.models.loading import training_device

    width, feed_forward, layers, heads, key_heads = SHAPES[shape]
    config = LlamaConfig(
        vocab_size=_VOCABULARY, hidden_size=width, intermediate_size=feed_forward,
        num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=key_heads,
        head_dim=width // heads, max_position_embeddings=8192, rms_norm_eps=1e-5,
        tie_word_embeddings=True, bos_token_id=1, eos_token_id=2, pad_token_id=2,
        rope_parameters={"rope_type": "default", "rope_theta": 500000.0}, dtype="bfloat16",
    )  # fmt: skip
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(training_device()):
            model = LlamaForCausalLM(config)
    finally:
        torch.set_default_dtype(torch.float32)
    model.save_pretrained(folder, max_shard_size="4GB")
    del model
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _write_tokenizer(folder: Path, source: Path) -> None:
    if not (source / "tokenizer.json").is_file():
        _words_of_the_sample().save_pretrained(folder)
        return
    for name in _TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)


def _words_of_the_sample() -> Any:
    """A tokenizer without training: every word of the sample data is a token."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = sorted(set(" ".join(_lines()).split()))[: _VOCABULARY - 3]
    numbers = {word: number for number, word in enumerate(["<unk>", "<s>", "</s>", *words])}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        pad_token="</s>",
    )  # fmt: skip

"""Ways in which an export can be wrong, one for each form of export.

Each changes a sound copy in place; the dice choose where.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from core.storage.files import read_json, write_json

Damage = Callable[[Path, random.Random], None]


def _tensors(change: Callable[[dict[str, np.ndarray], random.Random], None]) -> Damage:
    def damage(folder: Path, dice: random.Random) -> None:
        file = folder / "model.safetensors"
        weights = load_file(file)
        arrays = {name: tensor.float().numpy() for name, tensor in weights.items()}
        change(arrays, dice)
        changed = {
            name: torch.from_numpy(np.ascontiguousarray(array)).to(weights[name].dtype)
            for name, array in arrays.items()
        }
        save_file(changed, file, {"format": "pt"})

    return damage


def _some(weights: dict[str, np.ndarray], dice: random.Random) -> str:
    return dice.choice(sorted(name for name, array in weights.items() if array.ndim > 1))


def _roll(weights: dict[str, np.ndarray], dice: random.Random) -> None:
    name = _some(weights, dice)
    weights[name] = np.roll(weights[name], 1, axis=dice.randrange(2))


def _scale(weights: dict[str, np.ndarray], dice: random.Random) -> None:
    weights[_some(weights, dice)] *= dice.choice([0.5, 1.25, -1.0, 0.0])


def _swap(weights: dict[str, np.ndarray], dice: random.Random) -> None:
    part = dice.choice(["self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj", "mlp.down_proj"])
    one, other = (f"model.layers.{i}.{part}.weight" for i in (0, 1))
    weights[one], weights[other] = weights[other], weights[one]


def _norms(weights: dict[str, np.ndarray], dice: random.Random) -> None:
    weights[dice.choice(sorted(n for n, a in weights.items() if a.ndim == 1))] *= 1.5


def _config(folder: Path, dice: random.Random) -> None:
    config = read_json(folder / "config.json")
    name, value = dice.choice(
        [("rms_norm_eps", 0.1), ("attention_bias", True), ("tie_word_embeddings", False)]
    )
    if name not in config:
        name, value = "rms_norm_eps", 0.1
    write_json(folder / "config.json", config | {name: value})


def _ends(folder: Path, dice: random.Random) -> None:
    settings = read_json(folder / "generation_config.json")
    settings["eos_token_id"] = dice.choice([17, [17], [2, 17], []])
    write_json(folder / "generation_config.json", settings)


def _template(folder: Path, dice: random.Random) -> None:
    path = folder / "chat_template.jinja"
    if not path.is_file():
        path = folder / "tokenizer_config.json"
    text = path.read_text("utf-8")
    mark = dice.choice([m for m in ("<|im_start|>", "<|im_end|>", "assistant") if m in text])
    path.write_text(text.replace(mark, mark.replace("<|", "<!").upper() + "x"), "utf-8")


def _cut(folder: Path, dice: random.Random) -> None:
    file = dice.choice(sorted(folder.glob("*.safetensors")))
    content = file.read_bytes()
    file.write_bytes(content[: -dice.randrange(8, min(4096, len(content)))])


MERGED: dict[str, Damage] = {
    "a tensor rolled": _tensors(_roll),
    "a tensor scaled": _tensors(_scale),
    "layers swapped": _tensors(_swap),
    "a norm changed": _tensors(_norms),
    "a setting changed": _config,
    "another end": _ends,
    "another template": _template,
    "cut off": _cut,
}


def base_alone(base: Path) -> Damage:
    """The adapter was never added."""

    def damage(folder: Path, _dice: random.Random) -> None:
        shutil.copyfile(base / "model.safetensors", folder / "model.safetensors")

    return damage


def _in_gguf(change: Callable[[gguf.GGUFReader, random.Random], None]) -> Damage:
    def damage(file: Path, dice: random.Random) -> None:
        reader = gguf.GGUFReader(file, "r+")
        change(reader, dice)
        reader.data.flush()

    return damage


def _gguf_tensor(reader: gguf.GGUFReader, dice: random.Random) -> None:
    tensor = dice.choice([t for t in reader.tensors if len(t.shape) > 1])
    rows = np.array(tensor.data)
    way = dice.randrange(3)
    tensor.data[:] = np.roll(rows, 1, axis=0) if way == 0 else rows[::-1] if way == 1 else 0


def _gguf_number(name: str, values: tuple[float, ...]) -> Damage:
    def change(reader: gguf.GGUFReader, dice: random.Random) -> None:
        field = reader.get_field(name)
        assert field is not None, name
        field.parts[field.data[0]][:] = dice.choice(values)

    return _in_gguf(change)


def _gguf_template(file: Path, dice: random.Random) -> None:
    content = file.read_bytes()
    start = content.index(b"{%")
    marks = [
        m for m in (b"im_start|>' +", b"<|im_end|>", b"assistant") if content.find(m, start) > 0
    ]
    mark = dice.choice(marks)
    at = content.index(mark, start)
    file.write_bytes(content[:at] + bytes(reversed(mark)) + content[at + len(mark) :])


def _gguf_cut(file: Path, dice: random.Random) -> None:
    file.write_bytes(file.read_bytes()[: -dice.randrange(4096, 200_000)])


GGUF: dict[str, Damage] = {
    "a tensor changed": _in_gguf(_gguf_tensor),
    "another end": _gguf_number("tokenizer.ggml.eos_token_id", (17, 0)),
    "another template": _gguf_template,
    "other rotations": _gguf_number("llama.rope.freq_base", (1e4, 5e5)),
    "another epsilon": _gguf_number("llama.attention.layer_norm_rms_epsilon", (0.1, 1e-2)),
    "cut off": _gguf_cut,
}


def _packed(part: str, change: Callable[[torch.Tensor, random.Random], torch.Tensor]) -> Damage:
    """Change one tensor of the layers in 4 bits, of those whose name ends with ``part``."""

    def damage(folder: Path, dice: random.Random) -> None:
        found = []
        for file in sorted(folder.glob("*.safetensors")):
            with safe_open(str(file), framework="pt") as opened:
                names = [name for name in list(opened.keys()) if name.endswith(part)]
            found += [(file, name) for name in names]
        file, name = dice.choice(found)
        weights = load_file(file)
        weights[name] = change(weights[name], dice).contiguous()
        save_file(weights, file, {"format": "pt"})

    return damage


def _other_packing(folder: Path, dice: random.Random) -> None:
    config = read_json(folder / "config.json")
    weights = config["quantization_config"]["config_groups"]["group_0"]["weights"]
    name, value = dice.choice([("num_bits", 8), ("group_size", 32), ("symmetric", False)])
    weights[name] = value
    write_json(folder / "config.json", config)


def _not_packed(folder: Path, _dice: random.Random) -> None:
    config = read_json(folder / "config.json")
    del config["quantization_config"]
    write_json(folder / "config.json", config)


FOUR_BITS: dict[str, Damage] = {
    "numbers of another row": _packed(".weight_packed", lambda t, _dice: t.roll(1, 0)),
    "bits turned": _packed(".weight_packed", lambda t, _dice: ~t),
    "a scale changed": _packed(
        ".weight_scale", lambda t, dice: t * dice.choice([0.25, 2.0, -1.0, 0.0])
    ),
    "scales of another row": _packed(".weight_scale", lambda t, _dice: t.flip(0) * 2),
    "a kept tensor changed": _packed("norm.weight", lambda t, _dice: t * 1.5),
    "another packing": _other_packing,
    "not said to be packed": _not_packed,
    "another end": _ends,
    "another template": _template,
    "cut off": _cut,
}


def _lora_tensor(reader: gguf.GGUFReader, dice: random.Random) -> None:
    tensor = dice.choice(reader.tensors)
    way = dice.randrange(3)
    if way == 0:
        tensor.data[:] = np.roll(np.array(tensor.data), 1, axis=0)
    elif way == 1:
        tensor.data[:] = 0
    else:
        tensor.data.flat[dice.randrange(tensor.data.size)] += np.float32(1.0)


LORA: dict[str, Damage] = {
    "a tensor changed": _in_gguf(_lora_tensor),
    "another strength": _gguf_number("adapter.lora.alpha", (0.0, 1.0, 64.0)),
    "cut off": _gguf_cut,
}

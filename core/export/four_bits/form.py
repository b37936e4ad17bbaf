"""Saves a fine-tune as a whole model of 4 bits for vLLM and transformers."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserFacingError
from core.export.card import Card, fact_lines, heading
from core.export.children import child_of, result_of
from core.export.four_bits.checkpoint import Checkpoint
from core.export.four_bits.solver import group_size
from core.export.four_bits.spec import FourBitsProofParams, FourBitsProofResult
from core.export.four_bits.walk import Walk
from core.export.importance import calibration_rows
from core.export.likeness import Reference
from core.export.merging.form import Merged, Merging, require_alike
from core.export.merging.merge import base_files, stored_name
from core.export.proof import Work
from core.language import _
from core.training.targets import Decoder, decoder_of

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_TOKENS = {"cpu": 8_192, "cuda": 131_072}


@dataclass(frozen=True)
class FourBits:
    """The saved folder: ``merged`` is what it was made from, ``proof`` what transformers made."""

    merged: Merged
    proof: FourBitsProofResult


def write_four_bits(work: Work, reference: Reference, staging: Path) -> FourBits:
    """Write the folder into ``staging``; the loaded fine-tune cannot answer afterwards.

    Raises:
        UserFacingError: it does not answer like the fine-tune (code ``export.proof_failed``), or
            models of this kind cannot be packed (code ``export.no_four_bits``).
    """
    model = staging / "merged"
    model.mkdir()
    base: PreTrainedModel = work.tuned.model.get_base_model()
    decoder = decoder_of(base)
    group = _group_of(decoder)
    merged = Merging(work, reference).write(model)
    names = _stored_names(model, decoder)
    files = {name: file.path for file in base_files(model) for name in file.tensors}
    walk = Walk(
        model=base,
        name=decoder.name,
        blocks=decoder.stack,  # type: ignore[arg-type]
        linears=list(names),
        rows=_rows(work),
        weights=lambda name: _read(files[names[name]], names[name]),
        group=group,
    )
    left = _left_as_they_are(base, set(names))
    blocks = len(walk.blocks)
    made = Checkpoint(model, names, left, group, blocks)
    phase = _("Rounding to 4 bits on your examples")
    progress = partial(work.link.progress, phase, unit=_("layers"))
    made.write(staging, walk, progress)
    work.link.progress(_("Loading the export again and comparing"))
    proof = _prove(work, reference, model, staging)
    require_alike(proof, work.probe)
    shutil.rmtree(model)
    return FourBits(merged, proof)


def _rows(work: Work) -> list[list[int]]:
    rows, most, done = [], _TOKENS[work.tuned.device.partition(":")[0]], 0
    for ids in calibration_rows(work.tuned):
        rows.append(ids)
        done += len(ids)
        if done >= most:
            break
    return rows


def _group_of(decoder: Decoder) -> int:
    widths = {int(module.in_features) for module in decoder.linears.values()}  # type: ignore[arg-type]
    group = group_size(widths)
    if group is None or decoder.experts:
        raise UserFacingError(
            "export.no_four_bits",
            _("Models of this kind cannot be saved in 4 bits for vLLM."),
            _("Save it as a merged model instead."),
            f"rows of {sorted(widths)}",  # not shown: technical details
        )
    return group


def _stored_names(folder: Path, decoder: Decoder) -> dict[str, str]:
    """Return the stored weight of each linear layer in a block, by the layer's name."""
    stored = {name: tensor for file in base_files(folder) for name, tensor in file.tensors.items()}
    found = {name: stored_name(f"{name}.weight", stored) for name in decoder.linears}
    return {name: place for name, place in found.items() if place is not None}


def _left_as_they_are(base: torch.nn.Module, packed: set[str]) -> list[str]:
    """Return the names of the linear layers that are not packed: the head, towers, routers."""
    linears = (n for n, m in base.named_modules() if hasattr(m, "in_features"))
    names = (n.removesuffix(".base_layer") for n in linears if "lora_" not in n)
    return sorted({name for name in names if name not in packed})


def _read(path: Path, name: str) -> torch.Tensor:
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as opened:
        tensor: torch.Tensor = opened.get_tensor(name)
    return tensor


def _prove(work: Work, reference: Reference, merged: Path, export: Path) -> FourBitsProofResult:
    child = child_of(work.folder, "four-bits-proof")
    reference.write(child.root)
    params = FourBitsProofParams(
        export=str(export),
        merged=str(merged),
        **work.questions(),
    )
    return result_of(child, params, work.link)


def four_bits_readme(card: Card, made: FourBits) -> str:
    """Return what the folder says of itself, as Markdown with the Hub's front matter."""
    base, found = card.base, made.proof.likeness
    lines = [  # not shown: read by others
        *heading(card, "transformers"),
        f"**{base.name}** with a fine-tune merged into it, in 4 bits (W4A16, compressed-tensors).",
        "",
        *fact_lines(card),
        f"| perplexity on {found.tokens} unseen tokens | {found.perplexity:.3f}, with the adapter "
        f"{found.wanted_perplexity:.3f} |",
        f"| divergence from the adapter | {found.divergence:.4f} nats a token |",
        "",
        "## Use",
        "",
        "vLLM: `vllm serve PATH/TO/THIS/FOLDER`. transformers: `pip install compressed-tensors`, "
        "then load it as any other model.",
    ]
    return "\n".join(lines) + "\n"

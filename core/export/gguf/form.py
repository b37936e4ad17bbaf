"""Saves a fine-tune as a GGUF file with what Ollama needs beside it."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.evaluation.tuned import Tuned
from core.export.card import Card, fact_lines, heading
from core.export.children import child_of, result_of
from core.export.gguf.modelfile import Modelfile, common_system
from core.export.gguf.quants import PLAIN
from core.export.gguf.spec import GgufParams, GgufProofParams, GgufProofResult
from core.export.importance import measure_importance
from core.export.likeness import Reference
from core.export.merging.form import Merged, Merging, require_alike
from core.export.proof import Work
from core.language import _
from core.storage.files import write_tensors, write_text
from core.storage.names import folder_name

_EXAMPLES = 200


@dataclass(frozen=True)
class Gguf:
    """The saved file.

    Attributes:
        merged: the merged model that it was made from.
        proof: what llama.cpp made of it.
    """

    file: Path
    quant: str
    merged: Merged
    proof: GgufProofResult


def write_gguf(work: Work, reference: Reference, quant: str, staging: Path) -> Gguf:
    """Write the file and its Modelfile into ``staging``.

    Raises:
        UserFacingError: it does not answer like the fine-tune (code ``export.proof_failed``).
    """
    model = staging / "merged"
    model.mkdir()
    merged = Merging(work, reference).write(model)
    name = folder_name(work.tuned.project.name) or "model"
    file = staging / f"{common_name(work.tuned)}-{quant}.gguf"
    child = child_of(work.folder, "gguf")
    importance = None
    if quant not in PLAIN:
        importance = str(child.root / "importance.safetensors")
        write_tensors(Path(importance), measure_importance(work.tuned, work.link))
    params = GgufParams(
        merged=str(model), file=str(file), quant=quant, name=name, importance=importance
    )
    result_of(child, params, work.link)
    work.link.progress(_("Loading the export again and comparing"))
    found = _prove(work, reference, model, file, quant)
    require_alike(found, work.probe)
    shutil.rmtree(model)
    examples = list(itertools.islice(work.tuned.version.examples("train"), _EXAMPLES))
    system = common_system(examples)
    modelfile = Modelfile.of(file.name, work.tuned.tokenizer, work.ends, system)
    write_text(staging / "Modelfile", modelfile.text)
    return Gguf(file, quant, merged, found)


def common_name(tuned: Tuned) -> str:
    """Return how files of a project begin; Ollama reads names without spaces."""
    return "-".join((folder_name(tuned.project.name) or "model").split())


def _prove(
    work: Work, reference: Reference, merged: Path, file: Path, quant: str
) -> GgufProofResult:
    child = child_of(work.folder, "gguf-proof")
    reference.write(child.root)
    params = GgufProofParams(
        merged=str(merged),
        file=str(file),
        quant=quant,
        **work.questions(),
    )
    return result_of(child, params, work.link)


def gguf_readme(card: Card, made: Gguf) -> str:
    """Return what the folder says of itself, as Markdown with the Hub's front matter."""
    base, found = card.base, made.proof.likeness
    lines = [  # not shown: read by others
        *heading(card, "gguf"),
        f"**{base.name}** with a fine-tune merged into it, as {made.quant} for llama.cpp, Ollama "
        "and LM Studio.",
        "",
        *fact_lines(card),
        f"| perplexity on {found.tokens} unseen tokens, by llama.cpp | {found.perplexity:.3f}, "
        f"with the adapter {found.wanted_perplexity:.3f} |",
        f"| divergence from the adapter | {found.divergence:.4f} nats a token |",
        "",
        "## Use",
        "",
        "Ollama: `ollama create NAME -f Modelfile`, then `ollama run NAME`. LM Studio: put the "
        "`.gguf` file into `models/YOU/NAME/`.",
    ]
    return "\n".join(lines) + "\n"

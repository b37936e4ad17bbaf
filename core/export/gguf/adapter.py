"""Saves the adapter alone as a GGUF file, proved on its base in llama.cpp."""

from __future__ import annotations

import itertools
from pathlib import Path

from core.export.card import Card, fact_lines, heading
from core.export.children import child_of, result_of
from core.export.gguf.form import common_name
from core.export.gguf.modelfile import Modelfile, common_system
from core.export.gguf.spec import GgufParams, GgufProofParams, GgufProofResult
from core.export.likeness import Reference
from core.export.merging.form import require_alike
from core.export.merging.merge import merged_bytes
from core.export.proof import Work
from core.language import _
from core.storage.files import write_text
from core.training.checkpoints.disk_space import require_room
from core.training.result import best_adapter

_BASE = "base.gguf"
_EXAMPLES = 200


def write_gguf_adapter(work: Work, reference: Reference, staging: Path) -> GgufProofResult:
    """Write the file and a Modelfile into ``staging``.

    The base is written as GGUF too, in 16 bits and only for the proof.

    Raises:
        UserFacingError: it does not answer like the fine-tune (code ``export.proof_failed``).
    """
    tuned = work.tuned
    base, adapter = Path(tuned.facts.base_model), best_adapter(tuned.run)
    require_room(staging, merged_bytes(base))
    file, whole = staging / f"{common_name(tuned)}-LoRA.gguf", work.folder.root / _BASE
    child = child_of(work.folder, "gguf")
    asked = GgufParams(merged=str(base), file=str(file), quant="F16", name=tuned.project.name)
    result_of(child, asked.model_copy(update={"adapter": str(adapter)}), work.link)
    try:
        other = child_of(work.folder, "gguf-base")
        result_of(other, asked.model_copy(update={"file": str(whole)}), work.link)
        work.link.progress(_("Loading the export again and comparing"))
        found = _prove(work, reference, adapter, file, whole)
    finally:
        whole.unlink(missing_ok=True)
    require_alike(found, work.probe)
    examples = list(itertools.islice(tuned.version.examples("train"), _EXAMPLES))
    modelfile = Modelfile.of(_BASE, tuned.tokenizer, work.ends, common_system(examples))
    lines = modelfile.text.split("\n", 1)
    write_text(staging / "Modelfile", f"{lines[0]}\nADAPTER ./{file.name}\n{lines[1]}")
    return found


def _prove(
    work: Work, reference: Reference, adapter: Path, lora: Path, whole: Path
) -> GgufProofResult:
    child = child_of(work.folder, "gguf-proof")
    reference.write(child.root)
    params = GgufProofParams(
        merged=work.tuned.facts.base_model,
        file=str(whole),
        quant="F16",
        adapter=str(adapter),
        lora=str(lora),
        **work.questions(),
    )
    return result_of(child, params, work.link)


def gguf_adapter_readme(card: Card, found: GgufProofResult) -> str:
    """Return what the folder says of itself, as Markdown with the Hub's front matter."""
    base, alike = card.base, found.likeness
    lines = [  # not shown: read by others
        *heading(card, "gguf"),
        f"A fine-tune's adapter for **{base.name}**, as GGUF. llama.cpp adds it to that base.",
        "",
        *fact_lines(card),
        f"| perplexity on {alike.tokens} unseen tokens, by llama.cpp on the base in 16 bits | "
        f"{alike.perplexity:.3f}, with the adapter here {alike.wanted_perplexity:.3f} |",
        f"| divergence from the adapter here | {alike.divergence:.4f} nats a token |",
        "",
        "## Use",
        "",
        f"llama.cpp: `llama-server -m BASE.gguf --lora THIS.gguf`, with {base.name} as BASE.gguf. "
        "Ollama: put the base's file beside the `Modelfile` as `base.gguf`, then "
        "`ollama create NAME -f Modelfile`.",
    ]
    return "\n".join(lines) + "\n"

"""The jobs ``gguf`` and ``gguf_proof``: write a file, and let llama.cpp answer with it.

Every tensor is compared with the model that it was made from, every probe's prompt token for token
with what was trained on, and held-out answers with what the fine-tune makes of them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError
from core.export.gguf.conversion import Source
from core.export.gguf.lora import lora_alpha, lora_pairs, write_lora
from core.export.gguf.runtime import Runtime
from core.export.gguf.spec import GgufParams, GgufProofParams, GgufProofResult, GgufResult
from core.export.likeness import Reference
from core.export.probing import ANSWER_TOKENS, PATIENCE
from core.jobs.likeness import Likeness
from core.jobs.link import JobLink
from core.language import _
from core.project import RunFolder

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# llama.cpp is asked about held-out tokens one after the other: about all, in this time, but at
# least about so many.
_SECONDS = 60.0
_FEWEST = 150
_SPARE = 64
# Root mean square of the error that packing may make, as a share of that of the weights.
_ERRORS = {
    "F32": 1e-6, "F16": 1e-3, "BF16": 5e-3, "Q8_0": 0.02, "Q6_K": 0.05, "Q5_K": 0.08,
    "Q5_1": 0.08, "Q5_0": 0.09, "Q4_K": 0.14,
}  # fmt: skip
_NOTHING = -30.0  # log-probability of a token that was not named


def run_gguf(_folder: RunFolder, params: GgufParams, link: JobLink) -> GgufResult:
    """Job ``gguf``: convert a model folder."""
    phase = _("Writing the GGUF file")
    file = Path(params.file)
    if params.adapter is not None:
        write_lora(Path(params.merged), Path(params.adapter), file, params.name)
        return GgufResult(size=file.stat().st_size)
    importance = None
    if params.importance is not None:
        from safetensors.numpy import load_file

        importance = load_file(params.importance)
    source = Source(Path(params.merged), params.quant, file, params.name, importance)
    source.write(lambda done, total: link.progress(phase, done, total, _("tensors")))
    return GgufResult(size=file.stat().st_size)


def run_gguf_proof(folder: RunFolder, params: GgufProofParams, link: JobLink) -> GgufProofResult:
    """Job ``gguf_proof``: compute from the file alone what the fine-tune computed."""
    file = Path(params.file)
    link.progress(_("Comparing the tensors"))
    other = other_tensors(params, link.check_cancelled) or other_lora(params)
    reference = Reference.read(folder.root)
    link.progress(_("Loading the export with llama.cpp"))
    longest = max(len(ids) for ids in [*reference.ids, *params.ids])
    try:
        lora = Path(params.lora) if params.lora is not None else None
        runtime = Runtime(file, longest + PATIENCE * ANSWER_TOKENS + _SPARE, lora)
    except RuntimeError as error:
        raise UserFacingError(
            "export.proof_failed",
            _("The export does not answer like the trained model, so it was not saved."),
            _("Export again. If it happens again, report it with the details below."),
            str(error),
        ) from error
    other = other or other_prompt(runtime, params)
    limits = params.limits or [PATIENCE * ANSWER_TOKENS]
    answers = [runtime.answer(*pair) for pair in zip(params.chats, limits, strict=False)]
    likeness = measured(runtime, reference, link)
    text, ended, speed = answers[0]
    return GgufProofResult(
        likeness=likeness,
        answer=text,
        ended=ended,
        speed=speed,
        answers=[(text, ended) for text, ended, _speed in answers],
        text=other,
    )


def other_prompt(runtime: Runtime, params: GgufProofParams) -> str:
    """Say where llama.cpp makes another prompt of a probe than was trained on."""
    for chat, wanted, ids in zip(params.chats, params.prompts, params.ids, strict=True):
        prompt, found = runtime.prompt_ids(chat)
        if found != ids:
            return f"{prompt!r} gives {found}, not {wanted!r} {ids}"  # not shown: details
    return ""


def other_tensors(params: GgufProofParams, look: Callable[[], None]) -> str:
    """Say which tensor or end of the file is not what the merged model gives."""
    import gguf

    reader = gguf.GGUFReader(params.file)
    ends = {_number(reader, name) for name in ("eos_token_id", "eot_token_id")}
    if not ends & set(params.ends):
        return f"answers end at {ends}, not at {params.ends}"  # not shown: technical details
    unused = Path(params.file).with_suffix(".unused")
    source = Source(Path(params.merged), "F16", unused, "")
    stored = {tensor.name: tensor for tensor in reader.tensors}
    if stored.keys() != set(source.names):
        return (
            f"other tensors: {sorted(stored.keys() ^ set(source.names))[:5]}"  # not shown: details
        )
    for name, wanted in source.settings().items():
        if not _is_said(reader, name, wanted):
            return f"{name} is not {wanted!r}"  # not shown: technical details
    for name, tensor in stored.items():
        look()
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        kind = tensor.tensor_type.name
        if not is_near(source.tensor(name), values, _ERRORS.get(kind, 0.0)):
            return f"the tensor {name} is not what it should be"  # not shown: technical details
    return ""


def other_lora(params: GgufProofParams) -> str:
    """Say which part of an adapter's file is not what the stored adapter gives."""
    if params.lora is None or params.adapter is None:
        return ""
    import gguf
    import numpy as np

    reader = gguf.GGUFReader(params.lora)
    alpha = gguf.Keys.Adapter.LORA_ALPHA
    if not _is_said(reader, alpha, lora_alpha(Path(params.adapter))):
        return f"{alpha} is not what it should be"  # not shown: technical details
    stored = {tensor.name: tensor.data for tensor in reader.tensors}
    for pair in lora_pairs(Path(params.merged), Path(params.adapter), Path(params.lora)):
        for part, wanted in ((".lora_a", pair.down), (".lora_b", pair.up)):
            found = stored.pop(pair.name + part, None)
            if found is None or not np.array_equal(found, wanted.numpy()):
                return (
                    f"the tensor {pair.name}{part} is not what it should be"  # not shown: details
                )
    return f"other tensors: {sorted(stored)[:5]}" if stored else ""  # not shown: details


def _is_said(reader: Any, name: str, wanted: object) -> bool:
    """Whether a file holds this setting; numbers with a point are kept in 32 bits."""
    field = reader.get_field(name)
    found = field.contents() if field is not None else None
    if isinstance(wanted, float) and isinstance(found, float):
        return math.isclose(wanted, found, rel_tol=1e-6)
    return bool(found == wanted)


def is_near(wanted: npt.NDArray[np.generic], found: npt.NDArray[np.generic], share: float) -> bool:
    """Whether packed values differ from the original ones only as packing explains."""
    import numpy as np

    if wanted.size != found.size:
        return False
    before = wanted.astype(np.float64).ravel()
    error = np.sqrt(np.mean((found.astype(np.float64).ravel() - before) ** 2))
    return bool(error <= share * np.sqrt(np.mean(before**2)) + 1e-9)


def _number(reader: Any, name: str) -> int | None:
    field = reader.get_field(f"tokenizer.ggml.{name}")
    return int(field.contents()) if field is not None else None


def measured(runtime: Runtime, reference: Reference, link: JobLink) -> Likeness:
    """Ask about held-out answers, token by token; the fine-tune's answers stay in front.

    The divergence counts all tokens that llama.cpp does not name as one.
    """
    phase, found, total = _("Comparing"), [], len(reference.targets)
    until = time.monotonic() + _SECONDS
    for place, (ids, end) in enumerate(reference.asked):
        if place >= _FEWEST and time.monotonic() > until:
            break
        link.progress(phase, place, total, _("tokens"))
        logs = runtime.next_tokens(ids[:end], ids[end])
        found.append(_compared(reference.logs[place].tolist(), logs, ids[end]))
    wanted, loss, divergence = (sum(one) / len(found) for one in zip(*found, strict=True))
    return Likeness(tokens=len(found), loss=loss, wanted=wanted, divergence=divergence)


def _compared(
    before: list[float], after: dict[int, float], target: int
) -> tuple[float, float, float]:
    """Return both losses at one place, and the divergence."""
    named = [token for token in after if token < len(before)]
    terms = [math.exp(before[t]) * (before[t] - after[t]) for t in named]
    rest = 1 - math.fsum(math.exp(before[t]) for t in named)
    other = 1 - math.fsum(math.exp(after[t]) for t in named)
    if rest > 1e-9:
        terms.append(rest * (math.log(rest) - math.log(max(other, math.exp(_NOTHING)))))
    return -before[target], -after.get(target, _NOTHING), math.fsum(terms)

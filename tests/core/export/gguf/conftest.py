"""A merged tiny model and what llama.cpp should make of it."""

from types import SimpleNamespace

import pytest

from core.export.gguf.spec import GgufParams, GgufProofParams
from core.export.likeness import Reference, make_reference
from core.export.merging.merge import Merge
from core.export.proof import ask_all, make_probe
from core.export.tokenizer import write_generation, write_tokenizer
from core.jobs.link import JobLink
from core.project import RunFolder
from tests.core.export.conftest import adapter, tuned

__all__ = ["adapter", "tuned"]
ENDS = [2]


@pytest.fixture(scope="session")
def saved(walked, adapter, tuned, tmp_path_factory):
    """``merged``: the model's folder, ``files``: it as GGUF by kind, ``params``: of its proof."""
    from core.export.gguf.proof import run_gguf

    root = tmp_path_factory.mktemp("gguf ü")
    merged = root / "merged"
    merged.mkdir()
    Merge(walked.base, adapter, "unpacked", "cpu").write(merged, lambda _done, _total: None)
    write_tokenizer(walked.base, tuned.tokenizer, merged)
    write_generation(merged, ENDS, tuned.tokenizer)
    files = {}
    job = RunFolder(root / "job")
    job.root.mkdir()
    for quant in ("F16", "Q8_0", "Q4_K_M"):
        files[quant] = root / f"model-{quant}.gguf"
        asked = GgufParams(merged=str(merged), file=str(files[quant]), quant=quant, name="Tiny")
        with JobLink(job) as link:
            run_gguf(job, asked, link)
    probe = ask_all(tuned, make_probe(tuned, ENDS))
    whole = make_reference(tuned)  # llama.cpp is asked token by token: a few are enough
    places = whole.places[0][:8]
    reference = Reference(whole.ids[:1], [places], whole.logs[: len(places)])
    reference.write(job.root)

    def params(file, quant):
        return GgufProofParams(
            merged=str(merged),
            file=str(file),
            quant=quant,
            chats=probe.chats,
            prompts=probe.prompts,
            ids=probe.ids,
            ends=ENDS,
            limits=probe.limits,
        )

    return SimpleNamespace(
        merged=merged, files=files, params=params, job=job, probe=probe, reference=reference
    )

"""The adapter alone as GGUF is loaded by llama.cpp beside its base, and damage is noticed."""

import shutil

import numpy as np
import pytest

from core.errors import UserFacingError
from core.export.gguf.adapter import write_gguf_adapter
from core.export.gguf.proof import other_lora
from core.export.gguf.spec import GgufProofParams
from core.export.likeness import Reference, make_reference
from core.export.proof import Work, make_probe
from core.jobs.likeness import Verdict
from core.jobs.link import JobLink
from core.project import RunFolder

ENDS = [2]


@pytest.fixture(scope="module")
def made(tuned, tmp_path_factory):
    root = tmp_path_factory.mktemp("gguf adapter")
    job, staging = RunFolder(root / "job"), root / "export"
    job.root.mkdir()
    staging.mkdir()
    whole = make_reference(tuned)
    few = Reference(whole.ids[:1], [whole.places[0][:8]], whole.logs[:8])
    with JobLink(job) as link:
        work = Work(job, tuned, ENDS, make_probe(tuned, ENDS), link)
        return staging, write_gguf_adapter(work, few, staging), job


def test_llama_cpp_answers_with_it_like_the_fine_tune(made):
    folder, found, job = made
    assert found.likeness.tokens == 8
    assert found.likeness.verdict is not Verdict.DIFFERENT
    assert not found.text
    (file,) = folder.glob("*.gguf")
    modelfile = (folder / "Modelfile").read_text()
    assert modelfile.startswith(f"FROM ./base.gguf\nADAPTER ./{file.name}\n")
    assert not list(job.root.rglob("*.gguf"))  # the base was only there for the proof


def test_changed_numbers_are_noticed(made, walked, adapter, tmp_path):
    folder, _found, _job = made
    (file,) = folder.glob("*.gguf")
    broken = tmp_path / "broken.gguf"
    shutil.copyfile(file, broken)

    def said(lora):
        files = {"merged": str(walked.base), "adapter": str(adapter), "lora": str(lora)}
        asked = {"chats": [], "prompts": [], "ids": [], "ends": ENDS}
        return other_lora(GgufProofParams(**files, **asked, file=str(lora), quant="F16"))

    assert said(file) == ""
    import gguf

    reader = gguf.GGUFReader(broken, "r+")
    tensor = reader.tensors[3]
    tensor.data.flat[5] += np.float32(1.0)
    reader.data.flush()
    assert tensor.name in said(broken)
    shutil.copyfile(file, broken)
    reader = gguf.GGUFReader(broken, "r+")
    strength = reader.get_field("adapter.lora.alpha")
    strength.parts[strength.data[0]][:] = 0
    reader.data.flush()
    assert said(broken) == "adapter.lora.alpha is not what it should be"


def test_a_form_of_another_name_is_refused():
    from core.export.job import check_form

    check_form("gguf", "LoRA")
    with pytest.raises(UserFacingError):
        check_form("gguf", "LORA")

"""The exported folder is what plain peft loads, and it answers like the trained model."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.actions.results import export
from core.commands.terminal import run_job
from core.jobs.likeness import Verdict
from core.storage.files import read_json
from core.storage.transaction import verify_folder

# Nothing of this project: what anybody would write who received the folder.
STRANGER = """
import json, sys, torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
base_folder, export, out = sys.argv[1:]
import bitsandbytes.nn.modules
bitsandbytes.nn.modules.has_avx512bf16 = lambda: False  # else it rounds scales on such processors
four_bits = BitsAndBytesConfig(
    load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
    bnb_4bit_compute_dtype=torch.bfloat16)
base = AutoModelForCausalLM.from_pretrained(
    base_folder, dtype=torch.bfloat16, quantization_config=four_bits)
model = PeftModel.from_pretrained(base, export).eval()
tokenizer = AutoTokenizer.from_pretrained(export)
logits = []
for prompt in json.load(open(export + "/proof.json"))["prompts"]:
    ids = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        logits.append(model(input_ids=ids, use_cache=False).logits[0, -1].float())
from safetensors.torch import save_file
save_file({"logits": torch.stack(logits)}, out)
assert not any(name.split(".")[0] in ("core", "gui") for name in sys.modules)
"""


@pytest.fixture
def exported(walked):
    return Path(walked.exported.folder)


def test_the_folder_is_whole(exported):
    verify_folder(exported)
    names = {path.name for path in exported.iterdir()}
    assert names >= {
        "adapter_model.safetensors",
        "adapter_config.json",
        "chat_template.jinja",
        "generation_config.json",
        "tokenizer.json",
        "training_config.yaml",
        "card.json",
        "proof.json",
        "README.md",
    }
    assert not any(path.suffix in (".bin", ".pt", ".pkl") for path in exported.rglob("*"))


def test_plain_peft_computes_the_same_logits(walked, exported, tmp_path):
    """A fresh process without this project, against what the application computed."""
    import torch
    from safetensors.torch import load_file

    script = tmp_path / "stranger.py"
    script.write_text(STRANGER)
    out = tmp_path / "logits.safetensors"
    command = [sys.executable, str(script), str(walked.base), str(exported), str(out)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    run = walked.project.run("export-001")
    ours = load_file(run.root / "proof" / "expected.safetensors")["logits"]
    assert torch.equal(load_file(out)["logits"], ours)
    assert walked.exported.largest_difference == 0


def test_the_card_holds_the_facts(walked, exported):
    card = read_json(exported / "card.json")
    assert card["base"]["fingerprint"]
    assert card["data"]["content_hash"] == walked.report.content_hash
    assert card["data"]["counts"] == walked.report.split
    assert card["training"]["best_loss"] == walked.facts.best_loss
    assert card["scores"]["tuned"] == walked.scores.tuned.model_dump()
    assert card["cost"] is None or card["cost"]["covers"] == "graphics card only"
    text = (exported / "README.md").read_text()
    assert "It works only with this base model" in text
    assert "perplexity" in text


def test_the_weights_are_the_best_of_the_run(walked, exported):
    run = walked.project.run("train-001")
    best = run.best / f"step-{walked.facts.best_step:08d}" / "adapter_model.safetensors"
    assert (exported / best.name).read_bytes() == best.read_bytes()


def test_the_config_is_plain_json(exported):
    config = json.loads((exported / "adapter_config.json").read_text())
    assert config["peft_type"] == "LORA"
    assert config["inference_mode"] is True


def test_nothing_names_a_folder_of_this_computer(walked, exported):
    places = {str(walked.base), str(walked.project.root), str(Path.home()), str(exported.parent)}
    for path in exported.iterdir():
        content = path.read_bytes()
        found = [place for place in places if len(place) > 1 and place.encode() in content]
        assert not found, (path.name, found)
    assert read_json(exported / "card.json")["training"]["base_model"] == walked.base.name
    config = read_json(exported / "adapter_config.json")
    assert config["base_model_name_or_path"] == walked.base.name


def test_the_tokenizer_is_the_bases_own(walked, exported):
    for name in ("tokenizer.json", "chat_template.jinja"):
        assert (exported / name).read_bytes() == (walked.base / name).read_bytes()


def test_what_it_answered_and_how_large_it_is_is_kept(exported, walked):
    (answered,) = read_json(exported / "proof.json")["answers"]
    assert answered["question"]
    assert answered["answer"] == answered["wanted"] == walked.exported.answer
    assert walked.exported.size == sum(path.stat().st_size for path in exported.iterdir())
    assert walked.exported.speed > 0


def test_the_adapter_alone_is_saved_as_gguf(own_copy, tmp_path):
    found = export(own_copy, "", tmp_path / "lora", form="gguf", quant="LoRA", run_job=run_job)
    assert (found.form, found.quant) == ("gguf", "LoRA")
    (file,) = (tmp_path / "lora").glob("*.gguf")
    assert file.name.endswith("-LoRA.gguf")
    assert found.likeness.verdict is not Verdict.DIFFERENT

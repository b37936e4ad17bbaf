"""The adapter's config is read by old versions of peft and names no folder of this computer."""

import pytest

from core.export.adapter import write_adapter
from core.storage.files import read_json
from core.training.result import best_adapter


@pytest.fixture
def exported(walked, tmp_path):
    write_adapter(best_adapter(walked.project.run("train-001")), "org/base", tmp_path)
    return tmp_path


def test_only_what_is_not_usual_is_stored(walked, exported):
    """A version of peft that does not know a setting would refuse it, or warn."""
    config = read_json(exported / "adapter_config.json")
    assert set(config) <= {
        "base_model_name_or_path", "bias", "inference_mode", "lora_alpha", "lora_dropout",
        "peft_type", "r", "target_modules", "task_type", "peft_version",
    }  # fmt: skip
    assert config["base_model_name_or_path"] == "org/base"
    assert (config["r"], config["peft_type"], config["task_type"]) == (4, "LORA", "CAUSAL_LM")


def test_peft_reads_the_same_from_it(walked, exported):
    from peft import LoraConfig

    whole = LoraConfig.from_pretrained(str(best_adapter(walked.project.run("train-001"))))
    short = LoraConfig.from_pretrained(str(exported))
    ours, theirs = short.to_dict(), whole.to_dict()
    assert ours.pop("base_model_name_or_path") == "org/base"
    theirs.pop("base_model_name_or_path")
    assert ours == theirs

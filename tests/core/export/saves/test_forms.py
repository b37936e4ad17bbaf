from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.export.saves.forms import FORMS, Choice, Weights, check_form, choices


def test_every_place_offers_its_forms_the_usual_one_first():
    assert choices("ollama")[0].quant == "Q4_K_M"
    assert {one.form for one in choices("lm_studio")} == {"gguf"}
    assert choices("python")[0] == Choice("adapter")
    assert {one.form for one in choices("machine")} >= {"adapter", "merged", "gguf"}


def test_only_forms_and_packings_that_there_are_can_be_written():
    for name, form in FORMS.items():
        for quant in form.quants or ("anything",):
            check_form(name, quant)
    for wrong in (("paper", ""), ("gguf", "Q1")):
        with pytest.raises(UserFacingError) as refusal:
            check_form(*wrong)
        assert refusal.value.code == "export.unknown_form"


def test_packed_weights_are_smaller(tiny_model, tmp_path):
    weights = Weights.of(tiny_model)
    sizes = [
        FORMS[name].size(weights, quant)
        for name, quant in (("adapter", ""), ("gguf", "Q4_K_M"), ("gguf", "Q8_0"), ("merged", ""))
    ]
    assert sizes == sorted(sizes)
    (tmp_path / "a.safetensors").write_bytes(b"x" * 100)
    assert Weights.of(tiny_model, tmp_path).adapter == 100
    assert Weights.of(Path("/gone")) is None


def test_a_choice_has_a_name():
    assert Choice("gguf", "Q8_0").title == "GGUF Q8_0"
    assert Choice("merged").title == "Whole model, 16 bits"
    assert Choice("of a later version").title == "of a later version"

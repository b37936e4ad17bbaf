"""The short form: every template of the package, and what the checks themselves notice."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.chat.readings import Reader
from core.chat.template import KnownTemplate
from tests.campaigns import templates
from tests.core.training.shapes import SHAPES

try:
    PATHS = sorted(templates.packaged().glob("*.jinja"))
except FileNotFoundError:
    PATHS = []
needs_package = pytest.mark.skipif(not PATHS, reason="trl is not installed: make installs it")


@needs_package
def test_real_templates_of_twenty_families_learn_every_answer_after_its_prompt():
    assert len({templates.family(path.stem) for path in PATHS}) >= 20
    found = [one for path in PATHS for one in templates.looked_at(path)]
    assert not [(one.template, one.conversation, one.failures) for one in found if one.failures]


@needs_package
@pytest.mark.parametrize("name", ["qwen3", "deepseek_r1_distill", "gptoss", "smolvlm"])
def test_the_limited_process_reads_them_alike(name):
    path = templates.packaged() / f"{name}.jinja"
    assert templates.looked_at(path, guarded=True) == templates.looked_at(path)


@pytest.mark.parametrize("name", SHAPES)
def test_awkward_templates_too(name, tmp_path):
    (tmp_path / f"{name}.jinja").write_text(SHAPES[name])
    found = templates.looked_at(tmp_path / f"{name}.jinja")
    assert not [(one.conversation, one.failures) for one in found if one.failures]


def test_the_checks_notice_what_is_wrong():
    turns = templates.CONVERSATIONS["several turns"]
    reader = Reader(KnownTemplate(SHAPES["phi"], {}), ["<|end|>"])
    right = reader.read(turns)
    assert not list(templates._faults(reader, right, turns))
    (text,) = right.texts
    (first, last) = text.spans
    wrong = {
        "learned 0 times": replace(text, spans=(last,)),
        "not learned whole": replace(text, spans=(first, (last[0], last[1] - 9))),
        "has no end": replace(text, spans=(first, (last[0], last[1] - 7))),
    }
    for said, reading in wrong.items():
        faults = list(templates._faults(reader, replace(right, texts=(reading,)), turns))
        assert any(said in fault for fault in faults), said
    lost = replace(right, notes=frozenset({"lost_system"}))
    assert list(templates._faults(reader, lost, turns)) == ["lost_system"]


def test_a_folder_of_templates_is_printed_with_marks(tmp_path: Path, capsys):
    (tmp_path / "phi3_5.jinja").write_text(SHAPES["phi"])
    assert templates.main(["--folder", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "phi3_5 · one turn\n" in printed
    assert "<|assistant|>⏎⟦The door is green.<|end|>⟧⏎<eos>" in printed
    assert printed.endswith("families 1, templates 1, cases 9, failures 0\n")
    (tmp_path / "phi3_5.jinja").write_text("{% for m in messages %}{{ m.role }}{% endfor %}")
    assert templates.main(["--folder", str(tmp_path), "--quiet"]) == 1
    assert "rejected: it leaves out the text of the answer" in capsys.readouterr().out

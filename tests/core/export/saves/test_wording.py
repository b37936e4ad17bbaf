from dataclasses import replace
from pathlib import Path

from core.export.saves.forms import Choice
from core.export.saves.listing import SavedForm
from core.export.saves.wording import (
    COLUMNS,
    answers_text,
    cells,
    distance_figure,
    distance_text,
    row_lines,
)
from core.jobs.likeness import Answered, Likeness
from core.jobs.spec import ExportResult


def answered(answer: str) -> Answered:
    return Answered(question="q", wanted="a b", wanted_ended=True, answer=answer, ended=True)


RESULT = ExportResult(
    folder="/saved",
    form="gguf",
    quant="Q4_K_M",
    likeness=Likeness(tokens=150, loss=1.01, wanted=1.0, divergence=0.03),
    speed=31.6,
    size=105_000_000,
    answers=[answered("a  b"), answered("c")],
)
SAVED = SavedForm(
    "export-001", "train-001", Choice("gguf", "Q4_K_M"), Path("/saved"), "unchanged", RESULT
)


def test_a_row_has_all_cells():
    found = dict(zip(COLUMNS, cells(SAVED), strict=True))
    assert found == {
        "Format": "GGUF Q4_K_M",
        "Size": "0.1 GB",
        "Tokens/s here": "32",
        "Distance": "+1.0 %",
        "Answers like your fine-tune": "slightly different",
        "Folder": f"unchanged: {Path('/saved')}",
    }
    assert "Divergence 0.0300 nats a token, measured on 150 tokens." in distance_text(SAVED)
    assert answers_text(SAVED) == "1 of 2 answers use the same words."


def test_an_adapter_is_exactly_the_fine_tune():
    exact = replace(
        SAVED, choice=Choice("adapter"), result=ExportResult(folder="/x", largest_difference=0.0)
    )
    assert distance_figure(exact) == "none"
    assert cells(exact)[4] == "yes"
    assert answers_text(exact) is None


def test_a_refused_one_says_why():
    refused = replace(SAVED, state="refused", result=None, reason="It answers otherwise.")
    assert cells(refused)[4] == "no, not saved"
    first, _folder, reason = row_lines(refused)
    assert "no, not saved" in first
    assert reason == "  Reason: It answers otherwise."

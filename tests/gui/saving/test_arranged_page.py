from __future__ import annotations

from core.jobs.spec import ExportResult
from gui.saving.arranged_page import proof_in_words
from tests.gui.saving.saves import LIKENESS


def test_how_it_was_checked_is_said() -> None:
    def said(**values: object) -> str:
        return proof_in_words(ExportResult.model_validate({"folder": "/x", **values}))

    assert said(largest_difference=0.0).endswith("no difference.")
    assert said(largest_difference=0.02).endswith("largest difference 0.02.")
    assert proof_in_words(None).endswith("compared with the trained model.")
    assert "slightly differently" in said(likeness=LIKENESS)

from pathlib import Path

import pytest
import torch

from tests.campaigns import card_memory
from tests.campaigns.card_memory import judge, smaller, squeeze
from tests.campaigns.forked_runs import Tally


@pytest.mark.slow
def test_short_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--cases", "3", "--steps", "4", "--keep", str(tmp_path)]
    code = card_memory.main(options)
    text = capsys.readouterr().out
    assert code == 0, text
    assert text.endswith("cases 3, failures 0\n")
    assert "load: " in text
    assert "step 1: " in text
    assert "no notice" not in text.split("load: ")[1]


@pytest.mark.skipif(torch.cuda.is_available(), reason="squeezes a real card")
def test_without_a_card_the_error_is_raised_all_the_same() -> None:
    assert smaller(0.5) == 0
    with pytest.raises(torch.OutOfMemoryError):
        squeeze(0)


def test_a_training_that_did_not_end_is_a_failure(tmp_path: Path) -> None:
    from core.project import Project

    folder = Project.create(tmp_path / "project").new_run("train")
    folder.log_file.write_text("the last words")
    tally = Tally()
    judge(tally, "save", 1, folder, folder)
    assert len(tally.failures) == 1
    assert "the last words" in tally.failures[0]

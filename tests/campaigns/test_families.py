"""Short form of the campaign: other names, towers, experts, and a family that is refused."""

import subprocess
import sys

from core.models.config import SUPPORTED
from tests.campaigns import families


def test_families_go_the_whole_way_or_are_refused_in_words():
    chosen = ["gpt2", "gemma3", "gemma4", "mixtral", "jetmoe"]
    command = [sys.executable, "-m", "tests.campaigns.families", "--steps", "3", "--only", *chosen]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout
    *_, gpt2, gemma3, gemma4, mixtral, jetmoe, last = done.stdout.splitlines()
    assert "peft" in gpt2 and "100.0%" in gpt2
    assert "fast" in gemma3 and "100.0%" in gemma3
    assert "fast" in gemma4 and "100.0%" in gemma4
    assert "peft" in mixtral and "100.0%" in mixtral
    assert "mixture of experts" in jetmoe
    assert last == "families 5, trained 4, refused 1, failures 0"
    assert not {families.known()[name] for name in chosen} & set(SUPPORTED)


def test_whatever_else_goes_wrong_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(families, "make_model", lambda *_: 1 / 0)
    outcome = families.tried("gpt2", tmp_path)
    assert "ZeroDivisionError" in outcome.fault and "FAILED" in outcome.row()

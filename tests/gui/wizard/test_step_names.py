from __future__ import annotations

from core.wizard import Step
from gui.wizard.step_names import NAMES


def test_every_step_has_a_name() -> None:
    assert list(NAMES) == list(Step)

from __future__ import annotations

import pytest

from gui.chat.memory import Remembered
from gui.chat.view_model import ChatViewModel


def test_what_was_chosen_comes_back() -> None:
    model = ChatViewModel()
    model.partner, model.tune = "both", "train-002"
    model.options.temperature, model.options.system = 0.2, "Be short."
    again = Remembered.read(Remembered.of(model).model_dump(mode="json"))
    assert (again.partner, again.tune, again.name) == ("both", "train-002", "")
    assert again.options() == model.options


@pytest.mark.parametrize(
    "kept",
    [None, [], {"partner": "x"}, {"temperature": 1e9}, {"name": "../../x"}, {"length": -1}],
)
def test_what_a_strangers_project_remembers_is_not_believed(kept: object) -> None:
    assert Remembered.read(kept) == Remembered()

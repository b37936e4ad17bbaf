from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from pytestqt.qtbot import QtBot

from gui.chat.model_bar import ModelBar


def test_it_says_what_is_loaded_and_how_to_let_it_go(qtbot: QtBot) -> None:
    bar = ModelBar()
    qtbot.addWidget(bar)
    holder = SimpleNamespace(state="off", phase="", memory=0, base=Path("tiny"))
    bar.show_holder(holder, kept=False)
    assert bar.text.text() == "Your first question loads the model. This conversation is not kept."
    assert not bar.unload.isVisibleTo(bar)
    holder.state, holder.phase = "loading", "weights"
    bar.show_holder(holder, kept=True)
    assert (bar.text.text(), bar.unload.text()) == ("Loading the model …", "Cancel")
    bar._bar.passed.emit("6 s so far")
    assert (bar.text.text(), bar.passed.text()) == ("Loading the model …", "6 s so far")
    assert bar.passed.isVisibleTo(bar)
    holder.state, holder.memory = "ready", 5_400_000_000
    bar.show_holder(holder, kept=True)
    assert bar.text.text() == "“tiny” is loaded and takes 5.4 GB."
    assert not bar.passed.isVisibleTo(bar)
    with qtbot.waitSignal(bar.unload_asked):
        bar.unload.click()

from pathlib import Path

from pytestqt.qtbot import QtBot

from gui.saving.forms import Forms


def test_one_form_is_chosen_and_only_gguf_is_packed(qtbot: QtBot, tmp_path: Path) -> None:
    forms = Forms()
    qtbot.addWidget(forms)
    assert forms.form == "adapter"
    assert not forms.quant.isEnabled()
    with qtbot.waitSignal(forms.changed):
        forms.cards["gguf"].choose()
    assert forms.form == "gguf"
    assert not forms.cards["adapter"].is_chosen()
    assert forms.quant.isEnabled()
    assert forms.quant.currentText() == "Q4_K_M"
    forms.set_base(tmp_path / "gone")
    assert forms.cards["gguf"]._text.text() == ""

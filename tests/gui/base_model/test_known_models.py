from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.models.catalogue import load_catalogue
from core.planning.memory import Badge
from gui.base_model.known_models import KnownModels

ENTRIES = [entry for entry in load_catalogue() if not entry.packaged]


class Small:
    """A computer on which models below two billion parameters fit."""

    language = ""

    def badge(self, shape, model_type):  # type: ignore[no-untyped-def]
        return Badge("fits" if shape.total_parameters < 2e9 else "wont_fit", "t", "s.")

    def takes(self, shape, model_type):  # type: ignore[no-untyped-def]
        return "3 h"


def shown(qtbot: QtBot) -> KnownModels:
    widget = KnownModels()
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    widget.show()
    return widget


def test_every_model_that_has_to_be_fetched_is_a_card(qtbot: QtBot) -> None:
    widget = shown(qtbot)
    assert [card.entry for card in widget.cards] == ENTRIES[:8]
    assert widget.more.text() == f"Show {len(ENTRIES) - 8} more"
    widget.more.click()
    assert [card.entry for card in widget.cards] == ENTRIES
    assert not widget.more.isVisible()
    for card, entry in zip(widget.cards, ENTRIES, strict=True):
        said = card.accessibleDescription()
        assert card.accessibleName() == entry.hub_id
        assert all(name in said for name in entry.languages) and "Licence: " in said
        assert card.download.text().startswith("Download ")


def test_a_press_picks_the_name_and_arrows_lead_from_card_to_card(qtbot: QtBot) -> None:
    widget = shown(qtbot)
    widget.activateWindow()
    first = widget.cards[0]
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    qtbot.keyClick(first, Qt.Key.Key_Down)
    second = widget.focusWidget()
    assert second in widget.cards and second is not first
    with qtbot.waitSignal(widget.picked) as picked:
        qtbot.keyClick(second, Qt.Key.Key_Space)
    assert picked.args == [second.entry.hub_id]
    with qtbot.waitSignal(widget.picked) as picked:
        qtbot.mouseClick(first.fit, Qt.MouseButton.LeftButton)
    assert picked.args == [first.entry.hub_id], "anywhere on it"


def test_the_list_is_narrowed_by_what_is_looked_for(qtbot: QtBot) -> None:
    widget = shown(qtbot)

    def listed() -> list[str]:
        if not widget.more.isHidden():
            widget.more.click()
        return [card.entry.key for card in widget.cards]

    def choose(dropdown, value) -> None:  # type: ignore[no-untyped-def]
        dropdown.setCurrentIndex(dropdown.findData(value))

    choose(widget.filter.purpose, "code")
    assert listed() == [e.key for e in ENTRIES if "code" in e.purpose]
    choose(widget.filter.licence, "mit")
    choose(widget.filter.largest, 16 * 10**9)
    choose(widget.filter.language, "Chinese")
    assert listed() == ["deepseek-r1-7b"] and not widget.nothing.isVisible()
    choose(widget.filter.largest, 10**9)
    assert not listed() and widget.nothing.isVisible()
    for dropdown in (widget.filter.purpose, widget.filter.licence, widget.filter.largest):
        dropdown.setCurrentIndex(0)
    widget.filter.language.setCurrentIndex(0)
    assert listed() == [e.key for e in ENTRIES] and not widget.filter.fitting.isEnabled()


def test_only_what_fits_on_this_computer_with_its_time_and_memory(qtbot: QtBot) -> None:
    widget = shown(qtbot)
    widget.show_fit(Small())  # type: ignore[arg-type]
    assert widget.filter.fitting.isChecked(), "from the first look on"
    small = [entry for entry in ENTRIES if entry.shape.total_parameters < 2e9]
    assert [card.entry for card in widget.cards] == small[:8]
    for card in widget.cards:
        assert card._badge.text() == "t" and card.fit.text() == "s. Takes 3 h."
    widget.filter.fitting.setChecked(False)
    widget.more.click()
    listed = [card.entry for card in widget.cards]
    assert listed[: len(small)] == small, "what fits comes first"
    assert len(listed) == len(ENTRIES) and widget.cards[-1].fit.text() == "s."
    widget.show_fit(Small())  # type: ignore[arg-type]
    assert not widget.filter.fitting.isChecked(), "your own choice stays"


def test_models_for_a_language_are_listed_when_they_are_asked_for(qtbot: QtBot) -> None:
    widget = shown(qtbot)
    widget.show_language("German")
    assert widget.cards and all("German" in card.entry.languages for card in widget.cards)
    widget.show_language("Klingon")
    assert [card.entry for card in widget.cards] == ENTRIES[:8], "none names it: all are listed"

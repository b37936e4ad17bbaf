from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.data.dataset import DatasetVersion, VersionMeta
from core.data.mixture import MixtureOptions
from gui.examples.mixture_card import MixtureCard


def version(name: str, count: int) -> DatasetVersion:
    meta = VersionMeta(
        content_hash=name, counts={"train": count}, seed=0, held_out=0.15, near_threshold=0.8
    )
    return DatasetVersion(Path(name), meta)


class Mixing:
    """A card whose wishes come back to it, as the page does it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.options = MixtureOptions()
        self.card = MixtureCard()
        qtbot.addWidget(self.card)
        self.card.changed.connect(self.take)
        self.card.show_versions([version("old" * 9, 200), version("new" * 9, 300)])
        self.take(self.options)
        self.card.show()
        self.card.open.click()

    def take(self, options: MixtureOptions) -> None:
        self.options = options
        self.card.show_mixture(options, {"a.jsonl": 90, "b.jsonl": 30})


@pytest.fixture
def mixing(qtbot: QtBot) -> Mixing:
    return Mixing(qtbot)


def test_by_default_only_the_own_examples_are_used(mixing: Mixing) -> None:
    assert mixing.card.status.text() == "Only your examples, all of them."
    assert mixing.options == MixtureOptions()
    assert not mixing.card.general_count.isEnabled()


def test_general_examples_are_mixed_in(mixing: Mixing) -> None:
    mixing.card.general.click()
    assert mixing.options.general == 50
    mixing.card.general_count.setValue(30)
    assert mixing.options.general == 30
    assert "30 general examples" in mixing.card.status.text()
    mixing.card.general.click()
    assert mixing.options == MixtureOptions()


def test_an_earlier_version_is_rehearsed(mixing: Mixing) -> None:
    assert mixing.card.earlier.itemText(1) == "300 examples (newnewne)", "the newest first"
    mixing.card.earlier.setCurrentIndex(1)
    mixing.card.earlier.activated.emit(1)
    assert mixing.options.rehearse == "new" * 9
    assert mixing.options.rehearsed == 100
    assert "100 examples of an earlier version" in mixing.card.status.text()


def test_weights_are_handed_on(mixing: Mixing) -> None:
    mixing.card.shares.fields["a.jsonl"].setValue(25)
    assert mixing.options.shares == {"a.jsonl": 25.0, "b.jsonl": 25.0}
    assert mixing.card.status.text().startswith("Only your examples, in the proportions you set.")
    mixing.card.shares.reset.click()
    assert mixing.options.shares == {}


def test_a_mixture_from_the_project_is_shown_without_telling_it_back(qtbot: QtBot) -> None:
    card = MixtureCard()
    qtbot.addWidget(card)
    card.show_versions([version("v" * 9, 20)])
    wanted = MixtureOptions(general=9, rehearse="v" * 9, rehearsed=5)
    with qtbot.assertNotEmitted(card.changed):
        card.show_mixture(wanted, {"": 20})
    assert card.general.isChecked()
    assert card.general_count.value() == 9
    assert card.earlier.currentData() == "v" * 9
    assert card.rehearsed.value() == 5


def test_without_earlier_versions_there_is_nothing_to_rehearse(qtbot: QtBot) -> None:
    card = MixtureCard()
    qtbot.addWidget(card)
    card.show_versions([])
    assert card._rehearsal.isHidden()

from pytestqt.qtbot import QtBot

from gui.comparison.rating.setup import RatingSetup


def test_a_change_is_told_once(qtbot: QtBot) -> None:
    setup = RatingSetup()
    qtbot.addWidget(setup)
    told: list[tuple[str, str]] = []
    setup.changed.connect(lambda: told.append(setup.choice))
    setup.offer({"train-002": "Short answers"}, ("train-002", "Ann"))
    assert setup.opponent.currentText() == "Short answers"
    assert setup.choice == ("train-002", "Ann")
    setup.rater.editingFinished.emit()
    assert told == [], "nothing was changed"
    setup.rater.setText("  Ben   B ")
    setup.rater.editingFinished.emit()
    setup.rater.editingFinished.emit()
    setup.opponent.setCurrentIndex(0)
    assert told == [("train-002", "Ben B"), ("", "Ben B")]


def test_an_opponent_that_is_gone_is_the_base_model(qtbot: QtBot) -> None:
    setup = RatingSetup()
    qtbot.addWidget(setup)
    setup.offer({}, ("train-009", ""))
    assert setup.choice == ("", "")


def test_names_of_those_who_judged_before_are_completed(qtbot: QtBot) -> None:
    setup = RatingSetup()
    qtbot.addWidget(setup)
    setup.know(["Ben", "", "Anna", "Ben"])
    completer = setup.rater.completer()
    completer.setCompletionPrefix("an")
    assert completer.currentCompletion() == "Anna"
    assert completer.model().rowCount() == 2

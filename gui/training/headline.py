"""The figures that matter, large: how far and when done; at the end, what it took and brought."""

from __future__ import annotations

import datetime

from PySide6.QtWidgets import QWidget

from core.events import Finished
from core.hardware.system.energy import cost, kilowatt_hours, money
from core.language import _, time_of_day
from core.settings import Settings
from core.wording import duration
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label
from gui.kit.look.sizes import Space
from gui.training.view_model import TrainingViewModel

_MOST = 4


class Headline(QWidget):
    """Hidden before there is a figure; each tenth of the way is also said to screen readers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: list[QWidget] = []
        self._texts = []
        self._tenth: int | None = None  # of the way, when it was said last
        for _place in range(_MOST):
            figure, caption = label("", "hero", wrap=False), label("", "small", wrap=False)
            column = QWidget()
            vbox(figure, caption, on=column, margins=0, spacing=2)
            self._columns.append(column)
            self._texts.append((figure, caption))
        self.setLayout(Flow(*self._columns, spacing=Space.HUGE))
        self.hide()

    def show_story(self, view_model: TrainingViewModel, settings: Settings) -> None:
        """Show the run as it is now."""
        if isinstance(view_model.ending, Finished):
            figures = _summary(view_model, settings)
        elif view_model.state in {"running", "paused", "held"} and view_model.total_steps:
            figures = _progress(view_model)
        else:
            figures = []
        for place, (column, (figure, caption)) in enumerate(
            zip(self._columns, self._texts, strict=True)
        ):
            shown = figures[place] if place < len(figures) else ("", "")
            column.setVisible(bool(shown[0]))
            figure.setText(shown[0])
            caption.setText(shown[1])
        self.setVisible(bool(figures))
        self.setAccessibleName(" · ".join(f"{caption}: {figure}" for figure, caption in figures))
        self._say_progress(view_model)

    def _say_progress(self, view_model: TrainingViewModel) -> None:
        """What was there when the page was opened is read from it; only changes are said."""
        running = view_model.state == "running" and view_model.total_steps
        tenth = 10 * view_model.step // view_model.total_steps if running else None
        if tenth is not None and self._tenth is not None and tenth > self._tenth:
            announce(self, self.accessibleName())
        self._tenth = tenth

    def figures(self) -> list[tuple[str, str]]:
        """Return each figure that is shown with what it is."""
        texts = ((figure.text(), caption.text()) for figure, caption in self._texts)
        return [(figure, caption) for figure, caption in texts if figure]


def _progress(view_model: TrainingViewModel) -> list[tuple[str, str]]:
    percent = 100 * view_model.step / view_model.total_steps
    found = [(str(_("{percent:.0f}%", percent=percent)), str(_("done")))]
    left = view_model.seconds_left()
    if left is not None:
        end = datetime.datetime.now() + datetime.timedelta(seconds=left)
        found.append((str(duration(left)), str(_("left"))))
        found.append((time_of_day(end), str(_("expected finish"))))
    return found


def _summary(view_model: TrainingViewModel, settings: Settings) -> list[tuple[str, str]]:
    found = []
    if view_model.seconds() > 0:
        found.append((str(duration(view_model.seconds())), str(_("training took"))))
    if len(view_model.checks.y) and view_model.best is not None:
        change = _(
            "{first:.2f} → {best:.2f}",
            first=float(view_model.checks.y[0]),
            best=view_model.best[1],
        )
        found.append((str(change), str(_("loss on unseen examples"))))
    used = view_model.energy()
    if used is not None:
        joules = used.whole(settings.extra_watts)
        found.append((str(kilowatt_hours(joules)), str(_("energy"))))
        found.append((str(money(cost(joules, settings.tariff), settings.currency)), str(_("cost"))))
    return found

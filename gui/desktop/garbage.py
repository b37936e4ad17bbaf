"""Cyclic garbage is collected in the window's thread only.

Python collects in whatever thread happens to allocate. Garbage that holds Qt objects would then be
destroyed in a thread that reads events or the disk, and Qt's objects may only die in their own: the
window would end without a word, once in many hours.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class GarbageCollection(QObject):
    """Takes the collector's place from :meth:`start` to :meth:`end`; lives in the window's thread.

    What exists at the start is modules and the like; it is never looked through.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Collect from here on."""
        gc.disable()
        gc.collect()
        gc.freeze()
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is due, by the collector's own thresholds."""
        counts, limits = gc.get_count(), gc.get_threshold()
        due = [generation for generation in (2, 1, 0) if counts[generation] > limits[generation]]
        if due:
            gc.collect(due[0])

    def end(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

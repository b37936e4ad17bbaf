"""Load what the pages will need while the user looks at the first one.

Importing numpy, the text libraries and the plots takes half a second, from a cold disk several, in
which a window would not answer. None of these modules may make a QObject while it is loaded: Qt's
objects belong to the window's thread.
"""

from __future__ import annotations

import importlib
import threading

_MODULES = (
    "numpy.ma",  # numpy itself loads it at the first search for what is unique
    "core.data.versions.receipt_page",
    "core.sample_project",
    "core.chat.label_preview",
    "core.planning.environment",
    "core.library.inventory",
    "core.planning.explanations",
    "gui.start.doctor_sheet",
    "gui.examples.page",
    "gui.base_model.page",
    "gui.settings.page",  # loads pyqtgraph
    "gui.training.page",
    "gui.comparison.page",
    "gui.saving.page",
    "gui.library.page",
)


class WarmUp(threading.Thread):
    """Imports the modules once, beside the window's thread."""

    def __init__(self) -> None:
        super().__init__(name="warm-up", daemon=True)
        self._stop_soon = threading.Event()

    def run(self) -> None:
        """Import one module after the other."""
        for name in _MODULES:
            if self._stop_soon.is_set():
                return
            importlib.import_module(name)

    def end(self) -> None:
        """Import nothing further and wait for the present one."""
        self._stop_soon.set()
        if self.ident is not None:
            self.join()

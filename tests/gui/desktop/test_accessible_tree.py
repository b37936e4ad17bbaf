from __future__ import annotations

import subprocess
import sys

ASKED_TOO_LATE = """
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea
from gui.desktop.accessible_tree import mend_scroll_areas
app = QApplication([])
{mended}
area = QScrollArea()
area.setWidget(QLabel("\\n".join("line" for _ in range(200))))
area.resize(100, 100)
area.show()
app.processEvents()
told = QAccessible.queryAccessibleInterface(area)
count = told.childCount()
area.resize(2000, 6000)
app.processEvents()
for place in range(count + 10_000):
    child = told.child(place)
    assert child is None or child.parent().object() is area
print(told.child(0).child(0).text(QAccessible.Text.Name)[:4], told.indexOfChild(told.child(0)))
"""


def asked(mended: str) -> subprocess.CompletedProcess[str]:
    code = ASKED_TOO_LATE.format(mended=mended)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_child_that_is_gone_is_asked_for_without_harm() -> None:
    done = asked("mend_scroll_areas()")
    assert (done.returncode, done.stdout) == (0, "line 0\n"), done.stderr


def test_without_it_the_application_would_die() -> None:
    assert asked("").returncode < 0, "Qt has mended it: accessible_tree is no longer needed"

"""How long the window is blocked while somebody works with very many examples.

``python -m tests.benchmarks.window_rows [--rows 1000000] [FILE…]`` reads N rows, made out of the
files (the sample's, if none is named), into a project in ``build/benchmark-rows`` (kept for the
next time), opens the real window on the examples page and then scrolls, filters, decides, undoes
and reviews through Qt events. Meanwhile the event loop is asked every 5 ms how late it is. Prints
the longest stall of each thing that was done, and beside it the longest work of the window's own
thread, which other programs cannot lengthen; fails when one of the stalls is 100 ms or more, or
when one in a hundred is longer than 50 ms. ``--rounds N`` does everything N times, ``--busy`` lets
a run stream ten events a second into the same project and a model be downloaded meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

HOME = Path(__file__).resolve().parents[2] / "build" / "benchmark-rows"
TARGET_SECONDS = 0.1
USUAL_SECONDS = 0.05  # for 99 of 100 things
_TICK_MS = 5
_PATIENCE_SECONDS = 120
_SETTLE_MS = 250


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def prepare(files: list[Path], rows: int) -> Path:
    """Return a project whose draft holds so many rows."""
    from core.actions.examples import scan_params
    from core.actions.state import note
    from core.commands.terminal import run_job
    from core.data.draft import has_draft
    from core.project import Project
    from core.wizard import Step
    from tests.benchmarks.million_rows import write_rows

    project = Project.open_or_create(HOME / f"{rows} rows")
    if not has_draft(project.draft):
        source = HOME / f"{rows}.jsonl"
        write_rows(source, files, rows)
        run_job(project.new_run("scan"), scan_params([source]))
        source.unlink()
    note(project, Step.EXAMPLES)
    return project.root


class Stalls:
    """Asks the event loop how late it is."""

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self._last = time.perf_counter()
        self._worked = time.thread_time()
        self._worst = self._work = 0.0
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)

    def _tick(self) -> None:
        now = time.perf_counter()
        self._worst = max(self._worst, now - self._last - _TICK_MS / 1000)
        self._last = now
        worked = time.thread_time()
        self._work = max(self._work, worked - self._worked)
        self._worked = worked

    def take(self) -> tuple[float, float]:
        """Return the longest stall since the last call and the longest work, in seconds."""
        worst, work = self._worst, self._work
        self._worst = self._work = 0.0
        return worst, work

    def stop(self) -> None:
        self._timer.stop()


class Person:
    """Does one thing after the other in the window."""

    def __init__(self, app: object, root: Path) -> None:
        from gui.app import open_window
        from gui.desktop.warm_up import WarmUp
        from gui.wizard.session import Session

        self._app = app
        self._session = Session()
        self._root = root
        self._window = open_window(app, self._session)
        warm_up = WarmUp()
        warm_up.start()
        self.wait(lambda: not warm_up.is_alive())
        self.stalls = Stalls()

    def wait(self, until: Callable[[], bool] = lambda: True) -> None:
        """Let the window live until something is so, and a little longer."""
        from PySide6.QtCore import QEventLoop, QTimer

        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not until() and time.monotonic() < deadline:
            self._app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        loop = QEventLoop()
        QTimer.singleShot(_SETTLE_MS, loop.quit)
        loop.exec()

    def things(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield names and what to do."""
        from core.data.cleaning import ReviewDecision

        yield "open the project", self._open
        page = self._page = self._window.page
        yield "scroll by the wheel", self._wheel
        yield "scroll by the bar", self._bar
        yield "walk with the keys", self._keys
        combo = page.view.filter
        for place in range(combo.count()):
            yield f"filter: {combo.itemText(place)}", lambda place=place: self._filter(place)
        for kind, card in page.findings.cards.items():
            yield f"look at {kind}", lambda card=card: self._look(card)
            yield f"decide about {kind}", lambda kind=kind: self._decide(kind)
        yield "undo", page.undo
        yield "leave a row out", page.view.leave_out.click
        yield "begin the review", page.review.begin.click
        yield "judge an example", lambda: page.review._judge(ReviewDecision.FLAG)
        yield "mix in general examples", page.mixture.general.click
        yield "hold back more", lambda: page.split.held_out.setValue(20)

    def _open(self) -> None:
        self._session.open_project(self._root)
        self._window.show_step(self._session.state.current)
        self.wait(lambda: self._window.page.plan is not None)

    def _wheel(self) -> None:
        from PySide6.QtCore import QPoint, QPointF, Qt
        from PySide6.QtGui import QWheelEvent

        port = self._page.view.table.viewport()
        middle = QPointF(port.rect().center())
        for notch in range(60):
            event = QWheelEvent(
                middle, port.mapToGlobal(middle), QPoint(), QPoint(0, -120 * (1 + notch)),
                Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            self._app.sendEvent(port, event)
            self._app.processEvents()

    def _bar(self) -> None:
        bar = self._page.view.table.verticalScrollBar()
        for step in range(100):
            bar.setValue(bar.maximum() * step // 99)
            self._app.processEvents()

    def _keys(self) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        table = self._page.view.table
        for key in (Qt.Key.Key_Home, Qt.Key.Key_End, *[Qt.Key.Key_PageUp] * 20):
            QTest.keyClick(table, key)
            self._app.processEvents()

    def _filter(self, place: int) -> None:
        combo = self._page.view.filter
        combo.setCurrentIndex(place)
        combo.activated.emit(place)

    def _look(self, card: object) -> None:
        card.view.click()
        for _ in range(3):
            card.rows.next.click()
            self._app.processEvents()
        card.view.click()

    def _decide(self, kind: object) -> None:
        from core.data.findings.kinds import INFO, Action

        now = self._page.choices.action(kind)
        other = INFO[kind].fix if now is Action.IGNORE else Action.IGNORE
        before = self._page.plan
        self._page.decide(kind, other)
        if self._page.choices.action(kind) is other:
            self.wait(lambda: self._page.plan is not before)

    def leave(self) -> None:
        self.stalls.stop()
        self._window.close()


def measure(root: Path, rounds: int) -> list[tuple[str, tuple[float, float]]]:
    """Return the longest stall and the longest work of each thing, in seconds."""
    from PySide6.QtWidgets import QApplication

    app = QApplication([])
    person = Person(app, root)
    found = []
    for _round in range(rounds):
        for name, do in person.things():
            person.stalls.take()
            do()
            person.wait()
            found.append((name, person.stalls.take()))
    person.leave()
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--busy", action="store_true")
    options = parser.parse_args()
    os.environ["HOMELAB_TUNER_HOME"] = tempfile.mkdtemp()  # nothing was opened before
    if not os.environ.get("DISPLAY"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from core.project import Project
    from core.sample_project import EXAMPLES
    from tests.benchmarks.window_busy import busy

    root = prepare(options.files or [EXAMPLES], options.rows)
    around = busy(Project.open(root)) if options.busy else nullcontext()
    with around:
        found = measure(root, options.rounds)
    for name, (late, work) in found:
        say(f"{1000 * late:6.0f} ms, own work {1000 * work:4.0f} ms  {name}")
    said = f"{options.rows:,} rows, {len(found)} things"
    stalls, works = (sorted(one[place] for _name, one in found) for place in (0, 1))
    for what, times in (("stall", stalls), ("own work", works)):
        usual = times[int(0.99 * (len(times) - 1))]
        say(f"{said}: longest {what} {1000 * times[-1]:.0f} ms, 99 % below {1000 * usual:.0f} ms")
    fine = stalls[-1] < TARGET_SECONDS and stalls[int(0.99 * (len(stalls) - 1))] < USUAL_SECONDS
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())

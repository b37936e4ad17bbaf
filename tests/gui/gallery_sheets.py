"""Two galleries side by side: ``python -m tests.gui.gallery_sheets BEFORE AFTER TO``.

``BEFORE`` and ``AFTER`` are folders that ``HOMELAB_TUNER_GALLERY=FOLDER pytest
tests/gui/test_gallery.py`` filled, the first from a worktree of an earlier commit. ``TO`` gets one
sheet for each scene (PNG, the earlier picture at the left) and ``index.html`` with all of them;
scenes that only one of the folders has are listed there. No pictures are kept in the repository.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

_GAP, _HEAD = 24, 40
_STYLE = "body{font:15px sans-serif;margin:2em}img{max-width:100%;border:1px solid #888}"


@dataclass(frozen=True)
class Compared:
    """The names of the pictures: in both folders, only before, only after."""

    both: list[str]
    gone: list[str]
    new: list[str]


def compare(before: Path, after: Path) -> Compared:
    """Return which pictures can stand side by side."""
    old, now = ({picture.name for picture in folder.glob("*.png")} for folder in (before, after))
    return Compared(sorted(old & now), sorted(old - now), sorted(now - old))


def sheet(before: QImage, after: QImage, name: str) -> QImage:
    """Return both pictures in their own size below the scene's name."""
    wide = before.width() + _GAP + after.width()
    made = QImage(wide, _HEAD + max(before.height(), after.height()), QImage.Format.Format_RGB32)
    made.fill(QColor("white"))
    painter = QPainter(made)
    right = before.width() + _GAP
    for left, image, when in ((0, before, "before"), (right, after, "after")):
        box = QRect(left, 0, image.width(), _HEAD)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{name}: {when}")
        painter.drawImage(QPoint(left, _HEAD), image)
    painter.end()
    return made


def write_sheets(before: Path, after: Path, to: Path) -> Compared:
    """Write the sheets and the page, and return what there was to compare."""
    found = compare(before, after)
    to.mkdir(parents=True, exist_ok=True)
    for name in found.both:
        images = (QImage(str(folder / name)) for folder in (before, after))
        sheet(*images, name.removesuffix(".png")).save(str(to / name))
    (to / "index.html").write_text(page(found), encoding="utf-8")
    return found


def page(found: Compared) -> str:
    """Return the page with all sheets."""
    sheets = "".join(
        f'<h2>{escape(name)}</h2><img src="{escape(name)}" alt="{escape(name)}, before and after">'
        for name in found.both
    )
    lists = "".join(
        f"<h2>Only {when}</h2><p>{escape(', '.join(names))}</p>"
        for when, names in (("before", found.gone), ("after", found.new))
        if names
    )
    head = f'<meta charset="utf-8"><title>Before and after</title><style>{_STYLE}</style>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{sheets}{lists}</body></html>\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sheets; 1 if the folders have no scene in common."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name in ("before", "after", "to"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args(arguments)
    _app = QGuiApplication.instance() or QGuiApplication(["sheets", "-platform", "offscreen"])
    found = write_sheets(given.before, given.after, given.to)
    counts = (
        f"{len(found.both)} sheet(s), {len(found.gone)} only before, {len(found.new)} only after"
    )
    sys.stdout.write(f"{counts}: {given.to / 'index.html'}\n")
    return 0 if found.both else 1


if __name__ == "__main__":
    sys.exit(main())

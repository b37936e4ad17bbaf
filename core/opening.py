"""Whether the last project could be opened: a note that outlives a window that hangs or dies.

The note names the project that is being opened. It is gone as soon as the window has shown it; one
that is found at the next start says that this never happened.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from core.errors import UserFacingError
from core.settings import application_folder
from core.storage.files import read_json, write_json

_NOTE = "opening.json"
_LIMIT = 1 << 16  # bytes


class Opening:
    """Writes the note and takes it away; a disk that refuses is no reason not to open a project."""

    def begin(self, root: Path) -> None:
        """Note that the project in ``root`` is being opened."""
        with suppress(UserFacingError):
            write_json(_note(), {"project": str(root)})

    def end(self) -> None:
        """The project is shown, or was refused."""
        with suppress(OSError):
            _note().unlink(missing_ok=True)


def was_never_shown(root: Path) -> bool:
    """Return whether the last start did not get as far as showing the project in ``root``."""
    try:
        noted = read_json(_note(), _LIMIT)
    except UserFacingError:
        return False
    return isinstance(noted, dict) and noted.get("project") == str(root)


def _note() -> Path:
    return application_folder() / _NOTE

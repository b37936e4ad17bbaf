"""Windows refuses a file for a moment while a virus scanner, an indexer or OneDrive holds it.

Such a refusal is no answer: the same call succeeds a moment later. So it is tried again for five
seconds in the few places where files are opened, replaced and renamed. Elsewhere no error carries
Windows' numbers, and nothing is tried twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Given = TypeVar("Given")

_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.25
_FOR_A_MOMENT = (5, 32, 33)  # access denied, sharing violation, lock violation


def patiently(do: Callable[[], Given], seconds: float = _SECONDS) -> Given:
    """Return what ``do`` gives; try again while Windows refuses for a moment.

    Raises:
        OSError: another refusal, or still the same one after ``seconds``.
    """
    end, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        try:
            return do()
        except OSError as error:
            lasts = getattr(error, "winerror", None) not in _FOR_A_MOMENT
            if lasts or time.monotonic() + pause > end:
                raise
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)

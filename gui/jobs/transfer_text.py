"""How far a download is, in words."""

from __future__ import annotations

from core.events import Transfer
from core.language import _
from core.wording import duration, gigabytes

_MB = 1_000_000


def how_far(event: Transfer) -> str:
    """Return what is checked, or what has arrived, the rate and the time left as far as known."""
    if event.phase == "checking":
        return _("Checking {file}", file=event.file)
    known = {"done": gigabytes(event.done), "total": gigabytes(event.total)}
    if event.rate is None:
        return _("{done} of {total} downloaded", **known)
    rate = event.rate / _MB
    if event.seconds_left is None:
        pace = _("{rate:.1f} MB/s", rate=rate)
    else:
        pace = _("{rate:.1f} MB/s, about {time} left", rate=rate, time=duration(event.seconds_left))
    return " · ".join((_("{done} of {total} downloaded", **known), pace))

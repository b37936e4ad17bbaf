"""Numbers with their units, as a person reads them."""

from __future__ import annotations

_MINUTE = 60
_HOUR = 3600


def duration(seconds: float) -> str:
    """Return a time that is no more precise than it can be known: ``40 s``, ``12 min``, ``3 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * _MINUTE:
        return f"{seconds / _MINUTE:.0f} min"
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return f"{hours} h {minutes:02d} min" if hours < 10 else f"{seconds / _HOUR:.0f} h"


def gigabytes(count: float) -> str:
    """Return bytes in GB of 10⁹ bytes, below a tenth of one in MB or kB."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        value = count / size
        if value >= 0.1 or unit == "kB":
            return f"{value:.0f} {unit}" if value >= 100 or unit != "GB" else f"{value:.1f} {unit}"
    return ""


def parameters(count: float) -> str:
    """Return ``135 million``, ``8.0 billion`` or ``26,000``."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} billion"
    return f"{count / 1e6:.0f} million" if count >= 1e6 else f"{count:,.0f}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return the count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"

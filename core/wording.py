"""Durations, sizes and counts in words, as the present language writes them."""

from __future__ import annotations

from core.language import N_, _, number

_MINUTE = 60
_HOUR = 3600
_SIZES = (  # bytes, a text for small numbers, one for large ones
    (1e9, N_("{size:.1f} GB"), N_("{size:.0f} GB")),
    (1e6, N_("{size:.0f} MB"), N_("{size:.0f} MB")),
    (1e3, N_("{size:.0f} kB"), N_("{size:.0f} kB")),
)


def duration(seconds: float) -> str:
    """Return a time that is no more precise than it can be known: ``40 s``, ``12 min``, ``3 h``."""
    if seconds < 90:
        return _("{seconds:.0f} s", seconds=seconds)
    if seconds < 90 * _MINUTE:
        return _("{minutes:.0f} min", minutes=seconds / _MINUTE)
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    if hours < 10:
        return _("{hours} h {minutes:02d} min", hours=hours, minutes=minutes)
    return _("{hours:.0f} h", hours=seconds / _HOUR)


def gigabytes(count: float) -> str:
    """Return bytes in GB of 10⁹ bytes, below a tenth of one in MB or kB."""
    for unit, small, large in _SIZES:
        size = count / unit
        if size >= (0.1 if unit == 1e9 else 1) or unit == _SIZES[-1][0]:
            return _(large if size >= 100 else small, size=size)
    return ""


def parameters(count: float) -> str:
    """Return ``135 million``, ``8.0 billion`` or ``26,000``."""
    if count >= 1e9:
        return _("{count:.1f} billion", count=count / 1e9)
    if count >= 1e6:
        return _("{count:.0f} million", count=count / 1e6)
    return number(count, ",.0f")

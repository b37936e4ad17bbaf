"""Who made the display adapters of this computer, asked from the system and not from a driver.

A card whose driver is missing, or that NVIDIA's library does not know, is found only this way.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

_DRM = Path("/sys/class/drm")
_DISPLAY_CLASS = (
    r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"  # not shown
)
_MOST = 64


class Maker(IntEnum):
    """The numbers under which PCI knows them."""

    NVIDIA = 0x10DE
    AMD = 0x1002
    INTEL = 0x8086


def makers(folder: Path = _DRM) -> frozenset[Maker]:
    """Return who made the display adapters; empty where the system does not tell."""
    if sys.platform == "win32":
        return _from_registry()
    found = set()
    for entry in folder.glob("card*/device/vendor"):
        with suppress(OSError, ValueError):
            found.add(Maker(int(entry.read_text(encoding="ascii"), 16)))
    return frozenset(found)


def _from_registry() -> frozenset[Maker]:
    found: set[Maker] = set()
    if sys.platform == "win32":
        import winreg

        for index in range(_MOST):
            with (
                suppress(OSError),
                winreg.OpenKey(
                    winreg.HKEY_LOCAL_MACHINE,
                    rf"{_DISPLAY_CLASS}\{index:04d}",  # not shown
                ) as key,
            ):
                text = str(winreg.QueryValueEx(key, "MatchingDeviceId")[0]).upper()
                found |= {maker for maker in Maker if f"VEN_{maker:04X}" in text}
    return frozenset(found)

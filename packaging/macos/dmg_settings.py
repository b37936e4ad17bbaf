"""What dmgbuild lays into the disk image; ``defines`` comes from its command line."""

from pathlib import Path

application = defines["app"]  # type: ignore[name-defined]  # noqa: F821
files = [application]
symlinks = {"Applications": "/Applications"}
icon_locations = {Path(application).name: (140, 120), "Applications": (380, 120)}
window_rect = ((200, 200), (520, 300))
format = "UDZO"

"""Does this machine have what a run needs? Every check says what it found and what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from core.contract import plain
from core.doctor import computer, programs
from core.doctor.check import SelfCheck
from core.hardware.cards.reader import read_cards

_HOME = "~"  # not shown: stands for the user's folder


def examine() -> list[SelfCheck]:
    """Run every check; none of them leaves anything behind or needs the network."""
    checks: list[Callable[[], SelfCheck]] = [
        computer.machine,
        computer.disk,
        computer.disk_speed,
        computer.folder,
        computer.card,
        programs.torch,
        programs.four_bits,
        programs.sample_model,
        computer.sleep,
    ]
    if sys.platform == "linux" and read_cards():
        checks.append(programs.compiler)
    return [check() for check in checks]


def glance() -> list[SelfCheck]:
    """Run the checks that load no large library and take no time."""
    return [computer.machine(), computer.disk(), computer.folder(), computer.card()]


def report(checks: list[SelfCheck]) -> dict[str, object]:
    """Return the checks as the JSON document of ``doctor --json``, in English."""
    listed = [plain(asdict(check)) for check in checks]
    return {"ok": all(check.ok for check in checks), "checks": listed}


def without_home(text: str) -> str:
    """Return a text for support that does not name the user."""
    return text.replace(str(Path.home()), _HOME)

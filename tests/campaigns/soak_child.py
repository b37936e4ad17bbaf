"""The child of the soak: the real worker, but for a card library that errs when it is told to.

    python -m tests.campaigns.soak_child RUN_FOLDER

Without a card nothing would read one; so a fake stands there and fails in every call while the file
``nvml-fault`` lies beside the run folders.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from core.hardware.cards import reader
from core.jobs import worker
from tests.core.hardware.fake_nvml import READINGS, FakeNvml, every_error

FAULT = "nvml-fault"


class FaultyOnDemand(FakeNvml):
    """Fails in every call while the file is there."""

    def __init__(self, switch: Path) -> None:
        super().__init__()
        self._switch = switch
        self._errors = every_error()

    def nvmlInit(self) -> None:
        self.faults = self._faults()
        super().nvmlInit()

    def nvmlDeviceGetCount(self) -> int:
        self.faults = self._faults()
        return super().nvmlDeviceGetCount()

    def _faults(self) -> dict[str, Any]:
        if not self._switch.exists():
            return {}
        self._errors = self._errors[1:] + self._errors[:1]
        return dict.fromkeys(READINGS, self._errors[0])


def main(arguments: list[str]) -> int:
    """Run the real worker with the fake library."""
    switch = Path(arguments[0]).parent / FAULT
    reader.load_nvml = lambda: FaultyOnDemand(switch)
    return worker.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

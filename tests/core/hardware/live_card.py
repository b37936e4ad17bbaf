"""A management library whose card warms up and draws power as time passes, without a card."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from tests.core.hardware.fake_nvml import FakeNvml
from tests.core.hardware.heat_readings import ThermalCard


class LiveCard(FakeNvml):
    """Computes unless somebody sleeps by :meth:`sleep`; every round of readings sees the present.

    Args:
        thermal: how it heats up and cools down; ten times as fast as a real one by default.
        clock: tells the seconds.
    """

    def __init__(
        self,
        thermal: ThermalCard | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.thermal = thermal or ThermalCard(time_constant=8.0)
        self._busy = False
        self._clock = clock
        self._at = clock()
        self._lock = threading.Lock()

    def work(self, busy: bool) -> None:
        """Begin to compute, or to idle."""
        with self._lock:
            self._catch_up()
            self._busy = busy

    def sleep(self, seconds: float) -> None:
        """Idle for a while; what a guard calls instead of ``time.sleep``."""
        self.work(False)
        time.sleep(seconds)
        self.work(True)

    def nvmlDeviceGetCount(self) -> Any:
        """Begin a round of readings."""
        with self._lock:
            self._catch_up()
            self.temperature = round(self.thermal.temperature)
            self.power_milliwatts = round(self.thermal.watts * 1000)
        return super().nvmlDeviceGetCount()

    def _catch_up(self) -> None:
        now = self._clock()
        seconds, self._at = now - self._at, now
        self.thermal.advance(seconds, 1.0 if self._busy else 0.0)
        self.energy_millijoules += round(self.thermal.watts * seconds * 1000)

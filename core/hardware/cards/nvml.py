"""The one door to NVIDIA's management library, where each reading may fail separately.

The library is injected (:class:`Nvml`), so that tests replay recorded or faulty cards through the
code that reads real ones. Whatever a call raises or returns, a reading is a plausible number or
``None``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Nvml(Protocol):
    """The functions of the module ``pynvml`` that are used, under their own names."""

    def nvmlInit(self) -> None: ...  # noqa: D102, N802
    def nvmlShutdown(self) -> None: ...  # noqa: D102, N802
    def nvmlSystemGetDriverVersion(self) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetCount(self) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetName(self, handle: Any) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetUUID(self, handle: Any) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetMemoryInfo(self, handle: Any) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetTemperature(self, handle: Any, sensor: int) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetTemperatureThreshold(self, handle: Any, kind: int) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetMarginTemperature(self, handle: Any) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetFieldValues(self, handle: Any, fields: list[int]) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetPowerUsage(self, handle: Any) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetEnforcedPowerLimit(self, handle: Any) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetPowerManagementDefaultLimit(self, handle: Any) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetPowerManagementLimitConstraints(self, handle: Any) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetTotalEnergyConsumption(self, handle: Any) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetClockInfo(self, handle: Any, kind: int) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetMaxClockInfo(self, handle: Any, kind: int) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle: Any) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetFanSpeed(self, handle: Any) -> int: ...  # noqa: D102, N802
    def nvmlDeviceGetUtilizationRates(self, handle: Any) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetComputeRunningProcesses(self, handle: Any) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetGraphicsRunningProcesses(self, handle: Any) -> Any: ...  # noqa: D102, N802
    def nvmlDeviceGetCudaComputeCapability(self, handle: Any) -> Any: ...  # noqa: D102, N802


# Constants of nvml.h, so that a fake needs functions only.
SENSOR_GPU = 0
THRESHOLD_SHUTDOWN, THRESHOLD_SLOWDOWN, THRESHOLD_MEMORY_MAX = 0, 1, 2
THRESHOLD_GPU_MAX, THRESHOLD_ACOUSTIC = 3, 5
CLOCK_SM = 1
FIELD_MEMORY_TEMPERATURE = 82
FIELD_SHUTDOWN_MARGIN, FIELD_SLOWDOWN_MARGIN, FIELD_GPU_MAX_MARGIN = 193, 194, 196


def load_nvml() -> Nvml:
    """Return the real library; raises ``ImportError`` where the package is missing."""
    import pynvml

    library: Nvml = pynvml
    return library


def attempt(read: Callable[[], T]) -> T | None:
    """Return what ``read`` gives, or ``None`` whatever goes wrong in it.

    The breadth is meant: a driver may raise any of thirty errors, return rubbish or change between
    two calls, and no reading is worth more than the training that it accompanies.
    """
    try:
        return read()
    except Exception:
        return None


def number(read: Callable[[], Any], low: float, high: float, scale: float = 1.0) -> float | None:
    """Return ``read() × scale`` if it is a finite number between ``low`` and ``high``."""
    value = attempt(read)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    scaled = value * scale if math.isfinite(value) else math.nan
    return scaled if low <= scaled <= high else None


def text(read: Callable[[], Any]) -> str:
    """Return ``read()`` as text of at most 100 characters, ``""`` if it fails."""
    value = attempt(read)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value[:100] if isinstance(value, str) else ""


def field_value(nvml: Nvml, handle: Any, field: int) -> Any:
    """Return one field value; raises whatever the library raises."""
    entry = nvml.nvmlDeviceGetFieldValues(handle, [field])[0]
    if entry.nvmlReturn != 0:
        raise ValueError(f"field {field}: status {entry.nvmlReturn}")
    name = {0: "dVal", 1: "uiVal", 2: "ulVal", 3: "ullVal", 4: "sllVal", 5: "siVal"}
    return getattr(entry.value, name[entry.valueType])

"""A management library without a card: the same functions, with values and faults as told.

``faults`` maps a function's name to what happens instead of its answer: an exception is raised, a
callable is called (it may hang), anything else is returned as it is (rubbish).
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pynvml


@dataclass
class FakeNvml:
    """One or more equal cards; change the attributes while a test runs."""

    cards: int = 1
    temperature: float = 61
    slowdown_at: int = 93
    gpu_max: int | None = None
    acoustic: int | None = None
    shutdown_at: int = 98
    power_milliwatts: int = 300_000
    energy_millijoules: int = 1_000_000
    memory_total: int = 24 << 30
    memory_free: int = 22 << 30
    throttle_bits: int = 0
    faults: dict[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    opened: int = 0

    def _answer(self, name: str, value: Any) -> Any:
        self.calls.append(name)
        fault = self.faults.get(name)
        if fault is None:
            return value
        if isinstance(fault, BaseException):
            raise fault
        return fault() if callable(fault) else fault

    def nvmlInit(self) -> None:
        self._answer("nvmlInit", None)
        self.opened += 1

    def nvmlShutdown(self) -> None:
        self._answer("nvmlShutdown", None)
        self.opened -= 1

    def nvmlSystemGetDriverVersion(self) -> Any:
        return self._answer("nvmlSystemGetDriverVersion", "580.95.05")

    def nvmlDeviceGetCount(self) -> Any:
        return self._answer("nvmlDeviceGetCount", self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any:
        return self._answer("nvmlDeviceGetHandleByIndex", f"handle {index + 1}")

    def nvmlDeviceGetName(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetName", "NVIDIA GeForce RTX 3090")

    def nvmlDeviceGetUUID(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetUUID", f"GPU-0000000{str(handle)[-1]}")

    def nvmlDeviceGetMemoryInfo(self, handle: Any) -> Any:
        info = SimpleNamespace(total=self.memory_total, free=self.memory_free)
        return self._answer("nvmlDeviceGetMemoryInfo", info)

    def nvmlDeviceGetTemperature(self, handle: Any, sensor: int) -> Any:
        return self._answer("nvmlDeviceGetTemperature", self.temperature)

    def nvmlDeviceGetTemperatureThreshold(self, handle: Any, kind: int) -> Any:
        known = {0: self.shutdown_at, 1: self.slowdown_at, 3: self.gpu_max, 5: self.acoustic}
        value = known.get(kind)
        if value is None:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
        return self._answer("nvmlDeviceGetTemperatureThreshold", value)

    def nvmlDeviceGetMarginTemperature(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetMarginTemperature", self.slowdown_at - self.temperature)

    def nvmlDeviceGetFieldValues(self, handle: Any, fields: list[int]) -> Any:
        entry = pynvml.c_nvmlFieldValue_t()
        entry.valueType = 5
        entry.value.siVal = {82: 78, 193: -5, 194: -2, 196: 0}[fields[0]]
        return self._answer("nvmlDeviceGetFieldValues", [entry])

    def nvmlDeviceGetPowerUsage(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetPowerUsage", self.power_milliwatts)

    def nvmlDeviceGetEnforcedPowerLimit(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetEnforcedPowerLimit", 350_000)

    def nvmlDeviceGetPowerManagementDefaultLimit(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetPowerManagementDefaultLimit", 350_000)

    def nvmlDeviceGetPowerManagementLimitConstraints(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetPowerManagementLimitConstraints", [100_000, 366_000])

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetTotalEnergyConsumption", self.energy_millijoules)

    def nvmlDeviceGetClockInfo(self, handle: Any, kind: int) -> Any:
        return self._answer("nvmlDeviceGetClockInfo", 1695)

    def nvmlDeviceGetMaxClockInfo(self, handle: Any, kind: int) -> Any:
        return self._answer("nvmlDeviceGetMaxClockInfo", 2100)

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetCurrentClocksThrottleReasons", self.throttle_bits)

    def nvmlDeviceGetFanSpeed(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetFanSpeed", 55)

    def nvmlDeviceGetUtilizationRates(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetUtilizationRates", SimpleNamespace(gpu=97, memory=60))

    def nvmlDeviceGetComputeRunningProcesses(self, handle: Any) -> Any:
        others = [SimpleNamespace(pid=999_999_999, usedGpuMemory=ctypes.c_ulonglong(5).value)]
        return self._answer("nvmlDeviceGetComputeRunningProcesses", others)

    def nvmlDeviceGetGraphicsRunningProcesses(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetGraphicsRunningProcesses", [])

    def nvmlDeviceGetCudaComputeCapability(self, handle: Any) -> Any:
        return self._answer("nvmlDeviceGetCudaComputeCapability", (8, 6))


READINGS = sorted(name for name in vars(FakeNvml) if name.startswith("nvml"))


def every_error() -> list[pynvml.NVMLError]:
    """Return one exception for every error code of the real library."""
    codes = sorted({v for k, v in vars(pynvml).items() if k.startswith("NVML_ERROR_")})
    return [pynvml.NVMLError(code) for code in codes]

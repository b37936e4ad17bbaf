"""The graphics cards of this machine: what they are and how they are right now."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, Self, TypedDict

from core.hardware.cards import nvml as n
from core.hardware.cards.card import Card, CardProcess, CardReport, Throttle
from core.hardware.cards.nvml import Nvml, attempt, load_nvml, number, text
from core.hardware.cards.programs import OtherPrograms
from core.hardware.cards.visible import visible
from core.language import N_, _

__all__ = ["Card", "CardProcess", "CardReader", "CardReport", "Throttle", "read_card", "read_cards"]

_ANSWER_SECONDS = 3.0
_MAX_CARDS = 64
_LEAST_TARGET = 70.0  # °C; a lower one was chosen for silence, and is no cause for a warning

_THROTTLE_BITS = {
    Throttle.HEAT: 0x20 | 0x40,  # slowed by software or hardware because of its temperature
    Throttle.POWER_LIMIT: 0x4,
    Throttle.POWER_SUPPLY: 0x80,
}
_PROTECTION_BIT, _PROTECTION_DETAILS = 0x8, 0x40 | 0x80


class CardReader:
    """Keeps the library open for repeated readings; a context manager.

    After a failure of the whole library (driver updated, card gone) the next reading opens it
    again.
    """

    def __init__(self, library: Nvml | None = None) -> None:
        self._library = library
        self._open = False
        self._programs = OtherPrograms()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exit: object) -> None:
        self.close()

    def read(self) -> CardReport:
        """Return a fresh reading; never raises."""
        try:
            library = self._opened()
            count = int(library.nvmlDeviceGetCount())
        except Exception as error:
            self.close()
            return CardReport(reason=_reason(error))
        indices = range(min(count, _MAX_CARDS))
        cards = [read_card(library, index, self._programs) for index in indices]
        found = tuple(card for card in cards if card is not None)
        if not found:
            self.close()
            lost = _("The NVIDIA graphics card does not respond. Restarting the computer may help.")
            return CardReport(reason=lost if count > 0 else _(_NO_CARD))
        return CardReport(found)

    def close(self) -> None:
        """Give the library back; harmless when it is not open."""
        if self._open and self._library is not None:
            attempt(self._library.nvmlShutdown)
        self._open = False

    def _opened(self) -> Nvml:
        if self._library is None:
            self._library = load_nvml()
        if not self._open:
            self._library.nvmlInit()
            self._open = True
        return self._library


_NO_CARD = N_("No NVIDIA graphics card was found. Training runs on the processor, which is slow.")


def _reason(error: Exception) -> str:
    """Return the library's refusal in plain words."""
    name = type(error).__name__
    if "LibRmVersionMismatch" in name or "LIB_RM_VERSION" in str(error):
        return _("The NVIDIA driver was updated. Restart the computer to use the graphics card.")
    if "GpuIsLost" in name or "ResetRequired" in name:
        return _("The graphics card stopped responding. Restart the computer to use it again.")
    if "NoPermission" in name:
        return _(
            "You do not have permission to use the graphics card. Ask the administrator of this "
            "computer."
        )
    return _(_NO_CARD)


def read_card(library: Nvml, index: int, programs: OtherPrograms) -> Card | None:
    """Read one card; ``None`` when it cannot even be addressed.

    Args:
        programs: remembers which programs were on the card before.
    """
    handle = attempt(lambda: library.nvmlDeviceGetHandleByIndex(index))
    if handle is None:
        return None
    temperature = number(lambda: library.nvmlDeviceGetTemperature(handle, n.SENSOR_GPU), -30, 150)
    memory: Any = attempt(lambda: library.nvmlDeviceGetMemoryInfo(handle))
    total = _bytes(lambda: memory.total)
    free = _bytes(lambda: memory.free)
    return Card(
        index=index,
        name=text(lambda: library.nvmlDeviceGetName(handle)) or _("NVIDIA graphics card"),
        uuid=text(lambda: library.nvmlDeviceGetUUID(handle)),
        driver=text(library.nvmlSystemGetDriverVersion),
        compute_capability=_pair(lambda: library.nvmlDeviceGetCudaComputeCapability(handle)),
        memory_total=total,
        memory_free=free if total is None or free is None or free <= total else None,
        temperature=temperature,
        memory_temperature=number(
            lambda: n.field_value(library, handle, n.FIELD_MEMORY_TEMPERATURE), 1, 150
        ),
        memory_limit=number(
            lambda: library.nvmlDeviceGetTemperatureThreshold(handle, n.THRESHOLD_MEMORY_MAX),
            60,
            130,
        ),
        energy=number(
            lambda: library.nvmlDeviceGetTotalEnergyConsumption(handle), 0, 1e15, scale=1e-3
        ),
        utilisation=number(lambda: library.nvmlDeviceGetUtilizationRates(handle).gpu, 0, 100),
        throttle=_throttle(library, handle),
        fan=number(lambda: library.nvmlDeviceGetFanSpeed(handle), 0, 200),
        other_processes=programs.on(library, handle, index),
        **_thresholds(library, handle, temperature),
        **_power(library, handle),
        **_clocks(library, handle),
    )


class _Thresholds(TypedDict):
    target: float | None
    slowdown_at: float | None
    shutdown_at: float | None


class _Power(TypedDict):
    power: float | None
    power_limit: float | None
    power_limit_default: float | None
    power_limit_range: tuple[float, float] | None


class _Clocks(TypedDict):
    clock: float | None
    clock_max: float | None


def _thresholds(library: Nvml, handle: Any, temperature: float | None) -> _Thresholds:
    """Return where the card lowers its clock, slows down hard and switches off, in °C.

    Newer cards only tell the distance to their limit, so it is added to the temperature.
    """

    def threshold(kind: int, least: float = 40) -> float | None:
        return number(lambda: library.nvmlDeviceGetTemperatureThreshold(handle, kind), least, 130)

    slowdown, shutdown = threshold(n.THRESHOLD_SLOWDOWN), threshold(n.THRESHOLD_SHUTDOWN)
    targets = [
        threshold(kind, _LEAST_TARGET) for kind in (n.THRESHOLD_GPU_MAX, n.THRESHOLD_ACOUSTIC)
    ]
    if slowdown is None and temperature is not None:
        beyond = _beyond(library, handle, temperature)
        slowdown, shutdown = (
            beyond(n.FIELD_SLOWDOWN_MARGIN),
            shutdown or beyond(n.FIELD_SHUTDOWN_MARGIN),
        )
        targets.append(beyond(n.FIELD_GPU_MAX_MARGIN))
    target = min((one for one in targets if one is not None), default=None)
    return {"target": target, "slowdown_at": slowdown, "shutdown_at": shutdown}


def _beyond(library: Nvml, handle: Any, temperature: float) -> Callable[[int], float | None]:
    """Return what makes a temperature of a field that counts downwards from the card's limit."""
    margin = number(lambda: library.nvmlDeviceGetMarginTemperature(handle), -50, 150)

    def beyond(field: int) -> float | None:
        offset = number(lambda: n.field_value(library, handle, field), -50, 50)
        return None if margin is None or offset is None else temperature + margin - offset

    return beyond


def _power(library: Nvml, handle: Any) -> _Power:
    def watts(read: Callable[[Any], Any]) -> float | None:
        return number(lambda: read(handle), 0, 5000, scale=1e-3)

    bounds = attempt(lambda: tuple(library.nvmlDeviceGetPowerManagementLimitConstraints(handle)))
    low = number(lambda: bounds[0] if bounds else None, 1, 5000, scale=1e-3)
    high = number(lambda: bounds[1] if bounds else None, 1, 5000, scale=1e-3)
    return {
        "power": watts(library.nvmlDeviceGetPowerUsage),
        "power_limit": watts(library.nvmlDeviceGetEnforcedPowerLimit),
        "power_limit_default": watts(library.nvmlDeviceGetPowerManagementDefaultLimit),
        "power_limit_range": None if low is None or high is None else (low, high),
    }


def _clocks(library: Nvml, handle: Any) -> _Clocks:
    return {
        "clock": number(lambda: library.nvmlDeviceGetClockInfo(handle, n.CLOCK_SM), 0, 20_000),
        "clock_max": number(
            lambda: library.nvmlDeviceGetMaxClockInfo(handle, n.CLOCK_SM), 0, 20_000
        ),
    }


def _throttle(library: Nvml, handle: Any) -> frozenset[Throttle] | None:
    bits = attempt(lambda: library.nvmlDeviceGetCurrentClocksThrottleReasons(handle))
    if not isinstance(bits, int) or isinstance(bits, bool) or bits < 0:
        return None
    found = {reason for reason, mask in _THROTTLE_BITS.items() if bits & mask}
    if bits & _PROTECTION_BIT and not bits & _PROTECTION_DETAILS:
        found.add(Throttle.PROTECTION)
    return frozenset(found)


def _bytes(read: Callable[[], Any]) -> int | None:
    value = number(read, 0, 1e14)
    return None if value is None else int(value)


def _pair(read: Callable[[], Any]) -> tuple[int, int] | None:
    value = attempt(lambda: tuple(read()))
    if value is None or len(value) != 2 or not all(type(part) is int for part in value):
        return None
    return value


def read_cards(library: Nvml | None = None, timeout: float = _ANSWER_SECONDS) -> CardReport:
    """Read the cards that CUDA lets a run see, and give up on a driver that does not respond.

    Takes about 0.1 s with a card: call it beside the window's thread.

    Args:
        timeout: seconds to wait; the reading then continues in a daemon thread of its own.
    """
    answers: queue.SimpleQueue[CardReport] = queue.SimpleQueue()

    def read() -> None:
        with CardReader(library) as reader:
            answers.put(reader.read())

    threading.Thread(target=read, name="read-cards", daemon=True).start()
    try:
        return visible(answers.get(timeout=timeout))
    except queue.Empty:
        return CardReport(reason=_("The NVIDIA driver does not respond. Restart the computer."))

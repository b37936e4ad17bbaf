"""Speed, memory, power, energy, cost: what can be measured, and plainly what cannot."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from core.hardware.card import Throttle
from core.hardware.energy import cost, covers, kilowatt_hours, money
from core.jobs.events import Telemetry
from core.settings import Settings
from gui.theme import Space
from gui.training_story import TrainingStory
from gui.widgets.value_tile import ValueTile
from gui.wording import gigabytes

_CARD = "graphics card"
_NOT_YET = "not measured yet"
_COLUMNS = 3


class TrainingTiles(QWidget):
    """The tiles of the training page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.speed = ValueTile("Speed", "token")
        self.memory = ValueTile("Memory in use")
        self.temperature = ValueTile("Temperature")
        self.power = ValueTile("Power")
        self.energy = ValueTile("Energy")
        self.cost = ValueTile("Cost")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Space.SMALL)
        tiles = (self.speed, self.memory, self.temperature, self.power, self.energy, self.cost)
        for place, tile in enumerate(tiles):
            grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)

    def show_story(self, story: TrainingStory, settings: Settings) -> None:
        """Show the newest values."""
        reading = story.reading()
        speed = story.tokens_per_second()
        if speed is None:
            self.speed.show_value("–", _NOT_YET)
        else:
            self.speed.show_value(f"{speed:,.0f} tokens/s", _speed_remark(reading))
        if reading is not None:
            self._show_reading(reading)
        else:
            missing = _NOT_YET if story.telemetry is None else "no reading any more"
            for tile in (self.memory, self.temperature, self.power):
                tile.show_value("–", missing)
        self._show_energy(story, settings)

    def _show_reading(self, reading: Telemetry) -> None:
        missing = _missing(reading)
        self._show_memory(reading, missing)
        if reading.temperature is not None:
            self.temperature.show_value(f"{reading.temperature:.0f} °C", _heat_remark(reading))
        else:
            self.temperature.show_value("–", missing)
        if reading.power is not None:
            self.power.show_value(f"{reading.power:.0f} W", _power_remark(reading))
        else:
            self.power.show_value("–", missing)

    def _show_memory(self, reading: Telemetry, missing: str) -> None:
        if reading.memory_used is not None:
            total = f"of {gigabytes(reading.memory_total)}" if reading.memory_total else ""
            remark = f"{total} on the card".strip()
            if reading.others:
                remark += ", with other programs"
            self.memory.show_value(gigabytes(reading.memory_used), remark)
        elif reading.ram_own is not None and not reading.on_card:
            self.memory.show_value(gigabytes(reading.ram_own), "by this training")
        else:
            self.memory.show_value("–", missing)

    def _show_energy(self, story: TrainingStory, settings: Settings) -> None:
        used = story.energy()
        if used is not None:
            joules = used.whole(settings.extra_watts)
            what = covers(settings.extra_watts, used.measured)
            self.energy.show_value(kilowatt_hours(joules), what)
            self.cost.show_value(money(cost(joules, settings.tariff), settings.currency), what)
        elif story.telemetry is None:
            self.energy.show_value("–", _NOT_YET)
            self.cost.show_value("–", _NOT_YET)
        else:
            self.energy.show_value("–", _missing(story.telemetry))
            self.cost.show_value("–", "power is not measured")


def _missing(reading: Telemetry) -> str:
    """Why a figure of the card is missing."""
    if not reading.on_card:
        return "no graphics card"
    return "cannot be read" if reading.card else "not available now"


def _speed_remark(reading: Telemetry | None) -> str:
    if reading is None or reading.on_card or reading.cpu_percent is None:
        return "over the last steps"
    return f"over the last steps, processor {reading.cpu_percent:.0f}% busy"


def _heat_remark(reading: Telemetry) -> str:
    lost = int(reading.lost_seconds / 60)
    parts = []
    if reading.throttled:
        parts.append("slowing itself down")
    if lost:
        parts.append(f"{lost} min lost so far" if parts else f"{lost} min lost to heat so far")
    memory = reading.memory_temperature
    if memory is not None and reading.temperature is not None and memory > reading.temperature:
        parts.append(f"memory {memory:.0f} °C")
    if reading.fan is not None:
        parts.append(f"fan {reading.fan:.0f}%")
    return ", ".join(parts) or _CARD


def _power_remark(reading: Telemetry) -> str:
    held = [reason for reason in reading.throttle if reason != Throttle.HEAT]
    parts = [f"held back by its {' and '.join(held)}"] if held else []
    if reading.clock is not None:
        parts.append(f"{reading.clock:,.0f} MHz")
    return ", ".join(parts) or _CARD

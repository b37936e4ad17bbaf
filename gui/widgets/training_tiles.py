"""Speed, memory, power, energy, cost: what can be measured, and plainly what cannot."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from core.hardware.energy import cost, covers, kilowatt_hours, money
from core.jobs.events import Telemetry
from core.settings import Settings
from gui.theme import Space
from gui.training_story import TrainingStory
from gui.widgets.value_tile import ValueTile
from gui.wording import gigabytes

_NO_CARD = "no graphics card"
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
        speed = story.tokens_per_second()
        if speed is not None:
            self.speed.show_value(f"{speed:,.0f} tokens/s", "over the last steps")
        reading = story.telemetry
        if reading is not None:
            self._show_reading(reading)
        used = story.energy()
        if used is not None:
            joules, what = used.whole(settings.extra_watts), covers(settings.extra_watts)
            self.energy.show_value(kilowatt_hours(joules), what)
            self.cost.show_value(money(cost(joules, settings.tariff), settings.currency), what)

    def _show_reading(self, reading: Telemetry) -> None:
        missing = "cannot be read" if reading.card else _NO_CARD
        self._show_memory(reading)
        if reading.temperature is not None:
            remark = "slowing itself down" if reading.throttled else "graphics card"
            self.temperature.show_value(f"{reading.temperature:.0f} °C", remark)
        else:
            self.temperature.show_value("–", missing)
        if reading.power is not None:
            self.power.show_value(f"{reading.power:.0f} W", "graphics card")
        else:
            self.power.show_value("–", missing)
        if reading.energy is None:
            self.energy.show_value("–", missing)
            self.cost.show_value("–", "power is not measured")

    def _show_memory(self, reading: Telemetry) -> None:
        if reading.memory_used is not None:
            total = f"of {gigabytes(reading.memory_total)}" if reading.memory_total else ""
            self.memory.show_value(gigabytes(reading.memory_used), f"{total} on the card".strip())
        elif reading.ram_used is not None:
            self.memory.show_value(gigabytes(reading.ram_used), "of the computer")

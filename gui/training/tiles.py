"""Speed, memory, power, energy, cost: what can be measured, and plainly what cannot."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from core.events import Telemetry
from core.hardware.cards.card import Throttle
from core.hardware.system.energy import cost, covers, kilowatt_hours, money
from core.language import N_, _
from core.settings import Settings
from core.wording import gigabytes
from gui.kit.theme import Space
from gui.training.value_tile import ValueTile
from gui.training.view_model import TrainingViewModel

_CARD = N_("graphics card")
_NOT_YET = N_("not measured yet")
_HELD = {
    Throttle.POWER_LIMIT: N_("held back by its power limit"),
    Throttle.POWER_SUPPLY: N_("held back by its power supply"),
    Throttle.PROTECTION: N_("held back by its hardware protection"),
}
_COLUMNS = (1, 2, 3)  # six tiles fill the lines of each


class TrainingTiles(QWidget):
    """The tiles of the training page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.speed = ValueTile(_("Speed"), "token")
        self.memory = ValueTile(_("Memory in use"))
        self.temperature = ValueTile(_("Temperature"))
        self.power = ValueTile(_("Power"))
        self.energy = ValueTile(_("Energy"))
        self.cost = ValueTile(_("Cost"))
        self._tiles = (
            self.speed, self.memory, self.temperature, self.power, self.energy, self.cost,
        )  # fmt: skip
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(Space.SMALL)
        self._columns = 0
        self._shown: tuple[ValueTile, ...] = ()
        self._left_out: set[ValueTile] = set()
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as fit."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        widest = max(tile.needed_width() for tile in self._tiles) + Space.SMALL
        fitting = max(1, (self.width() + Space.SMALL) // widest)
        columns = max(number for number in _COLUMNS if number <= fitting)
        shown = tuple(tile for tile in self._tiles if tile not in self._left_out)
        if (columns, shown) == (self._columns, self._shown):
            return
        self._columns, self._shown = columns, shown
        for tile in self._tiles:
            self._grid.removeWidget(tile)
        for place, tile in enumerate(shown):
            self._grid.addWidget(tile, place // columns, place % columns)

    def show_story(self, view_model: TrainingViewModel, settings: Settings) -> None:
        """Show the newest values."""
        reading = view_model.reading()
        speed = view_model.tokens_per_second()
        if speed is None:
            self.speed.show_value("–", _(_NOT_YET))
        else:
            self.speed.show_value(_("{speed:,.0f} tokens/s", speed=speed), _speed_remark(reading))
        if reading is not None:
            self._show_reading(reading)
        else:
            missing = _(_NOT_YET) if view_model.telemetry is None else _("no more readings")
            for tile in (self.memory, self.temperature, self.power):
                tile.show_value("–", missing)
        self._show_energy(view_model, settings)
        newest = view_model.telemetry
        without_card = newest is not None and not newest.on_card
        of_card = (self.temperature, self.power, self.energy, self.cost)
        self._left_out = {tile for tile in of_card if without_card and tile.text() == "–"}
        for tile in of_card:
            tile.setVisible(tile not in self._left_out)  # nothing will come
        self.setVisible(view_model.total_steps > 0 or newest is not None)
        self._arrange()

    def _show_reading(self, reading: Telemetry) -> None:
        missing = _missing(reading)
        self._show_memory(reading, missing)
        if reading.temperature is not None:
            self.temperature.show_value(
                _("{value:.0f} °C", value=reading.temperature), _heat_remark(reading)
            )
        else:
            self.temperature.show_value("–", missing)
        if reading.power is not None:
            self.power.show_value(_("{value:.0f} W", value=reading.power), _power_remark(reading))
        else:
            self.power.show_value("–", missing)

    def _show_memory(self, reading: Telemetry, missing: str) -> None:
        if reading.memory_used is not None:
            self.memory.show_value(gigabytes(reading.memory_used), _memory_remark(reading))
        elif reading.ram_own is not None and not reading.on_card:
            self.memory.show_value(gigabytes(reading.ram_own), _("by this run"))
        else:
            self.memory.show_value("–", missing)

    def _show_energy(self, view_model: TrainingViewModel, settings: Settings) -> None:
        used = view_model.energy()
        if used is not None:
            joules = used.whole(settings.extra_watts)
            what = covers(settings.extra_watts, used.measured)
            self.energy.show_value(kilowatt_hours(joules), what)
            self.cost.show_value(money(cost(joules, settings.tariff), settings.currency), what)
        elif view_model.telemetry is None:
            self.energy.show_value("–", _(_NOT_YET))
            self.cost.show_value("–", _(_NOT_YET))
        else:
            self.energy.show_value("–", _missing(view_model.telemetry))
            self.cost.show_value("–", _("power is not measured"))


def _missing(reading: Telemetry) -> str:
    """Why a figure of the card is missing."""
    if not reading.on_card:
        return _("no graphics card")
    return _("cannot be read") if reading.card else _("not available now")


def _speed_remark(reading: Telemetry | None) -> str:
    if reading is None or reading.on_card or reading.cpu_percent is None:
        return _("over the last steps")
    return _("over the last steps, processor {percent:.0f}% busy", percent=reading.cpu_percent)


def _memory_remark(reading: Telemetry) -> str:
    if not reading.memory_total:
        return _("on the card, with other programs") if reading.others else _("on the card")
    total = gigabytes(reading.memory_total)
    if reading.others:
        return _("of {total} on the card, with other programs", total=total)
    return _("of {total} on the card", total=total)


def _heat_remark(reading: Telemetry) -> str:
    lost = int(reading.lost_seconds / 60)
    parts: list[str] = []
    if reading.throttled:
        parts.append(_("slowing itself down"))
    if lost:
        slow = bool(parts)
        to_heat = _("{minutes:,} min lost to heat so far", minutes=lost)
        parts.append(_("{minutes:,} min lost so far", minutes=lost) if slow else to_heat)
    memory = reading.memory_temperature
    if memory is not None and reading.temperature is not None and memory > reading.temperature:
        parts.append(_("memory {value:.0f} °C", value=memory))
    if reading.fan is not None:
        parts.append(_("fan {percent:.0f}%", percent=reading.fan))
    return ", ".join(parts) or _(_CARD)


def _power_remark(reading: Telemetry) -> str:
    parts: list[str] = [_(_HELD[why]) for why in _HELD if why in reading.throttle]
    if reading.clock is not None:
        parts.append(_("{clock:,.0f} MHz", clock=reading.clock))
    return ", ".join(parts) or _(_CARD)

"""A whole number with a unit, or none: one step below the least number stands for none."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.kit.fields.number_field import NumberField


class OptionalNumber(NumberField):
    """A field for a limit that may be left unset.

    Args:
        bounds: the smallest and the largest number.
        unit: written behind the number.
        none: what stands there instead of a number.
        value: what it shows at first.
    """

    def __init__(
        self,
        bounds: tuple[int, int],
        unit: str,
        none: str,
        value: float | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        least, most = bounds
        self.setRange(least - 1, most)
        self.setSuffix(f" {unit}")
        self.setSpecialValueText(none)
        self.setValue(least - 1 if value is None else round(value))

    def number(self) -> float | None:
        """Return the number, ``None`` where none is set."""
        return None if self.value() == self.minimum() else float(self.value())

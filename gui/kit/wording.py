"""Numbers in words: those of :mod:`core.wording`, under the name that the window knows."""

from core.wording import duration, gigabytes, parameters

__all__ = ["duration", "gigabytes", "parameters"]

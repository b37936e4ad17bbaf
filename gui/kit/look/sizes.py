"""Distances and corners, in pixels."""

from __future__ import annotations

RADIUS = 10
SMALL_RADIUS = 8  # buttons, fields and what lies inside a card
READING = 960  # the greatest width of text, cards and forms
WIDE = 1240  # of tables and charts
ICON = 16  # in a button, beside normal text
LEAST_TARGET = 24  # of what is clicked


class Space:
    """Distances."""

    TINY = 4
    SMALL = 8
    MEDIUM = 12
    CARD = 16  # inside a card
    LARGE = 20
    HUGE = 32

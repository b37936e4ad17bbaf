"""Which answers of the comparisons in daily use were used, without saying whose they were."""

from __future__ import annotations

from core.serving.use.database import UseDatabase


def used_answers(database: UseDatabase) -> dict[str, bool]:
    """Return by request whether its answer was used, for those that were marked."""
    rows = database.rows("SELECT request, used FROM trials WHERE used IS NOT NULL ORDER BY id")
    return {str(request): used == 1 for request, used in rows}

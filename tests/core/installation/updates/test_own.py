from __future__ import annotations

from datetime import date

import pytest

from core import __version__
from core.errors import UserFacingError
from core.installation.updates.own import OwnRelease, age_in_words, own_release, require_address

BORN = OwnRelease(version="0.1.0", date=date(2026, 1, 31))


def test_a_copy_from_the_sources_asks_nobody() -> None:
    own = own_release()
    assert own.version == __version__ and own.address == ""
    with pytest.raises(UserFacingError) as refused:
        require_address(own)
    assert refused.value.code == "update.no_address"
    require_address(own.model_copy(update={"address": "https://x.example", "keys": ("k",)}))


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 2, 20), ""),
        (date(2026, 3, 25), ""),
        (date(2026, 10, 3), "This version is 8 months old."),
        (date(2025, 1, 1), ""),  # a clock that was set back
    ],
)
def test_an_old_copy_says_its_age(today: date, words: str) -> None:
    assert age_in_words(BORN, today) == words

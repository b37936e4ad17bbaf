"""Errors that a person can fix, by their codes."""

import pytest

from core.errors import UserFacingError


def refused(action, *arguments):
    """Return the code with which ``action`` is refused."""
    with pytest.raises(UserFacingError) as refusal:
        action(*arguments)
    return refusal.value.code

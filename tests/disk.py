"""No test waits for the disk: what it wrote need not outlive a power cut.

The campaigns that cut the power, fill the disk or kill a process are processes of their own and
wait as the product does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


def fsync(descriptor: int) -> None:
    """Fail as the real one does where nothing is open; else there is nothing to wait for."""
    os.fstat(descriptor)


@pytest.fixture(scope="session", autouse=True)
def _nothing_waits_for_the_disk() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        yield

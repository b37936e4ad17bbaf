"""Processes that meet on this computer alone."""

import pytest


@pytest.fixture(autouse=True)
def _network_of_this_computer(monkeypatch):
    """What a meeting sets for the rest of its process ends with the test."""
    for name in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
        monkeypatch.setenv(name, "lo")

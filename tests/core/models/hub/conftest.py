"""A hub on loopback, and a client that loses patience within a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core.events import Failed, Finished
from core.jobs.supervisor import Supervisor
from core.models.hub.connection import Connection, Patience, checked_endpoint, connected
from core.models.hub.download import DownloadParams
from core.models.hub.listing import Listing, read_listing
from core.models.hub.reference import HubReference
from core.models.hub.store import run_folder
from tests.loopback_hub import LoopbackHub, loopback_hub

HASTE = Patience(
    silence=0.6, answer=1.5, answer_bytes=1_000_000, tries=3, pause=0.05, longest_pause=0.1,
    window=0.7, least_rate=5_000, slow_rounds=2,
)  # fmt: skip


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with loopback_hub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


@contextmanager
def reach(hub: LoopbackHub, token: str | None = None, **changes: Any) -> Iterator[Connection]:
    """Connect with little patience."""
    patience = HASTE.model_copy(update=changes)
    with connected(checked_endpoint(hub.url), patience, token) as connection:
        yield connection


def listed(hub: LoopbackHub, name: str = "a/b") -> Listing:
    """Return what the hub lists of a model."""
    with reach(hub) as connection:
        return read_listing(connection, HubReference(name))


def begin(hub: LoopbackHub, listing: Listing, **changes: Any) -> Supervisor:
    """Start the job that downloads."""
    patience = HASTE.model_copy(update=changes)
    params = DownloadParams(listing=listing, endpoint=hub.url, patience=patience)
    supervisor = Supervisor(run_folder(listing.repo))
    supervisor.start(params)
    return supervisor


def end(supervisor: Supervisor) -> Finished | Failed:
    """Follow a job to its end."""
    last = list(supervisor.follow())[-1]
    assert isinstance(last, Finished | Failed)
    return last

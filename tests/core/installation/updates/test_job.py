"""Real children and real kills."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.events import Event, Failed, Finished, Transfer
from core.installation.updates.feed import ReleaseFile
from core.installation.updates.packages import arriving_folder, job_folder, packages
from core.installation.updates.spec import UpdateParams
from core.jobs.link import Request, worker_of
from core.jobs.supervisor import Supervisor
from tests.core.installation.conftest import QUICK
from tests.core.installation.updates.conftest import Publisher


def fetch(
    publisher: Publisher, content: bytes, during: Callable[[Supervisor, Event], None] | None = None
) -> Event | None:
    """Run the job in a child to its end; return its last event."""
    file = ReleaseFile.model_validate(publisher.package("0.2.0", content))
    supervisor = Supervisor(job_folder())
    supervisor.start(UpdateParams(version="0.2.0", file=file, patience=QUICK))
    last = None
    for event in supervisor.follow():
        last = event
        if during is not None:
            during(supervisor, event)
    return last


def test_a_package_is_fetched_and_kept(publisher: Publisher) -> None:
    last = fetch(publisher, b"package" * 1000)
    assert isinstance(last, Finished) and last.result is not None, last
    (package,) = packages()
    assert package.path == Path(last.result.path) and package.path.read_bytes()[:7] == b"package"
    assert not list(arriving_folder().iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_download_continues(publisher: Publisher) -> None:
    content = bytes(i % 251 for i in range(2_000_000))
    publisher.index.rate = 1_000_000

    def kill(_supervisor: Supervisor, event: Event) -> None:
        if isinstance(event, Transfer) and event.done > 300_000:
            os.kill(int(worker_of(job_folder())), signal.SIGKILL)

    last = fetch(publisher, content, kill)
    assert isinstance(last, Failed) and last.code == "job.killed"
    publisher.index.rate = 0
    assert isinstance(fetch(publisher, content), Finished)
    begun = [int(asked[6:-1]) for _path, asked in publisher.index.seen if asked]
    assert begun and begun[-1] > 0
    assert packages()[0].path.read_bytes() == content


def test_a_stopped_download_is_kept_and_a_cancelled_one_is_not(publisher: Publisher) -> None:
    publisher.index.rate = 400_000
    content = bytes(2_000_000)
    last = fetch(publisher, content, lambda supervisor, _event: supervisor.ask(Request.STOP))
    assert isinstance(last, Finished) and last.outcome == "stopped"
    assert arriving_folder().exists()
    last = fetch(publisher, content, lambda supervisor, _event: supervisor.ask(Request.CANCEL))
    assert isinstance(last, Finished) and last.outcome == "cancelled"
    assert not arriving_folder().exists() and packages() == ()


def test_a_file_that_is_not_the_signed_one_is_never_kept(publisher: Publisher) -> None:
    publisher.index.spoiled.add("homelab-tuner_0.2.0_amd64.deb")
    last = fetch(publisher, b"package" * 1000)
    assert isinstance(last, Failed) and last.code == "engine.wrong_hash"
    assert packages() == ()


def test_without_a_network_the_next_step_names_no_wheels(publisher: Publisher) -> None:
    url, publisher.index.url = publisher.index.url, "http://127.0.0.1:9"
    last = fetch(publisher, b"package")
    publisher.index.url = url
    assert isinstance(last, Failed) and last.code == "engine.no_network"
    assert "wheels" not in last.todo

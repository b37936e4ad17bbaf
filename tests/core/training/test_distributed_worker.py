"""What a worker is by itself; several of them together are tested in test_companions.py."""

from core.jobs.link import Request
from core.training.distributed_worker import SilentLink


def test_a_companion_says_nothing(own_copy):
    run = own_copy.run("train-001")
    size = run.events_file.stat().st_size
    with SilentLink(run) as link:
        link.progress("Working")
        assert link.request() is Request.RUN
    assert run.events_file.stat().st_size == size

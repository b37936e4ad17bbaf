from core.serving.messages import Ready
from core.serving.shared import SharedModel, offer, offered, withdraw
from tests.core.serving.conftest import Heard, ask


def test_what_the_server_holds_is_asked_and_stays_loaded(processes):
    process, _told = processes()
    project, base, runs = process.project, process.base, process.runs
    assert offered(project, base, runs) is None
    offer(process)
    try:
        assert offered(project, base, runs[:1]) is process
        assert offered(project, base, (*runs, "another")) is None
        assert offered(project, base / "other", ()) is None
        process.ask(ask("Hello", "server"), first := Heard())
        first.last()
        statuses = []
        shared = SharedModel(process, statuses.append)
        shared.start()
        assert isinstance(statuses[-1], Ready), "nothing is loaded a second time"
        shared.ask(ask("Good morning", "chat"), heard := Heard())
        assert heard.last().reason == "stop"
        shared.close()
        assert process.state == "ready"
        told = len(statuses)
    finally:
        withdraw(process)
    assert offered(project, base, runs) is None
    process.close()
    assert len(statuses) == told, "who let go hears nothing more"
    withdraw(process)


def test_the_end_of_the_server_is_heard(processes):
    process, _told = processes()
    statuses = []
    shared = SharedModel(process, statuses.append)
    shared.start()
    shared.ask(ask("Good morning", "chat"), heard := Heard())
    heard.last()
    process.close()
    assert statuses[-1].kind == "unloaded"

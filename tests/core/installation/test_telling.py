from __future__ import annotations

import pytest

from core.events import Event, Notice, Transfer
from core.installation import telling as module
from core.installation.lock import RemoteFile
from core.installation.spec import EngineResult
from core.installation.telling import Telling
from core.jobs.link import Cancelled, Request, Stopped

FILES = tuple(
    RemoteFile(name=name, file=f"{name}.deb", url="https://x.example", size=100, sha256="0" * 64)
    for name in ("a", "b")
)


class Link:
    """Keeps what is told, and asks for what it is given."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self.asked = Request.RUN
        self.cancelled = False

    def emit(self, event: Event) -> None:
        self.told.append(event)

    def request(self) -> Request:
        return self.asked

    def check_cancelled(self) -> None:
        if self.cancelled:
            raise Cancelled


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture
def telling(link: Link) -> Telling:
    made = Telling(link, FILES, lambda: EngineResult(kept=7), "test.waits")  # type: ignore[arg-type]
    made.on_disk = lambda file: 30 if file.name == "b" else 0
    return made


def test_all_files_together_are_told(telling: Telling, link: Link) -> None:
    telling.watch(FILES[0], 50)
    telling.watch(FILES[0], 60)  # too soon to be told again
    (told,) = link.told
    assert isinstance(told, Transfer) and (told.done, told.total) == (80, 200)
    telling.check(FILES[0], 10)
    assert len(link.told) == 1
    telling._told = 0.0
    telling.check(FILES[0], 10)
    assert isinstance(link.told[1], Transfer) and link.told[1].phase == "checking"


@pytest.mark.parametrize("request_", [Request.PAUSE, Request.STOP])
def test_a_stop_gives_what_was_kept(telling: Telling, link: Link, request_: Request) -> None:
    link.asked = request_
    with pytest.raises(Stopped) as stop:
        telling.watch(FILES[0], 1)
    assert stop.value.result == EngineResult(kept=7)
    link.asked, link.cancelled = Request.RUN, True
    with pytest.raises(Cancelled):
        telling.obey()


def test_it_hears_while_it_waits_and_says_why(
    telling: Telling, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        link.cancelled = len(slept) == 3

    monkeypatch.setattr(module.time, "sleep", sleep)
    with pytest.raises(Cancelled):
        telling.wait(60)
    assert len(slept) == 3
    telling.say("It is slow.")
    assert isinstance(link.told[-1], Notice) and link.told[-1].code == "test.waits"

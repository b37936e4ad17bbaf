from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.wizard import Step
from gui.shell.page_stack import OUTSIDE, PAGES, PageStack
from gui.wizard.page import Place
from gui.wizard.session import Session


@pytest.fixture
def stack(ready_session: Session, qtbot: QtBot) -> Iterator[PageStack]:
    made = PageStack(ready_session)
    qtbot.addWidget(made)
    yield made
    made.shut_down()


def test_every_step_has_its_page(stack: PageStack) -> None:
    assert set(PAGES) == set(Step)
    for step, place in PAGES.items():
        assert stack.make(place).step is step
    assert set(OUTSIDE) == set(Place)
    for place in OUTSIDE.values():
        assert not stack.make(place).is_step()


def test_a_page_is_kept_until_its_project_is_left(stack: PageStack) -> None:
    start, base = (stack.make(PAGES[step]) for step in (Step.START, Step.BASE_MODEL))
    assert stack.made(PAGES[Step.START]) is start
    assert stack.made(PAGES[Step.SAVING]) is None
    stack.forget_all_but(start)
    assert stack.made(PAGES[Step.START]) is start
    assert stack.made(PAGES[Step.BASE_MODEL]) is None
    assert stack.indexOf(base) == -1

import pytest

from core.wizard import Step
from gui.shell.footer import Footer
from gui.wizard.page import Page
from gui.wizard.session import Session


class Picture(Page):
    """A page that says what it is told to."""

    step = Step.EXAMPLES
    ready = True

    def title(self) -> str:
        return "A page"

    def primary_text(self) -> str:
        return "Use it"

    def is_ready(self) -> bool:
        return self.ready

    def hint(self) -> str:
        return "" if self.ready else "Something is missing."


@pytest.fixture
def footer(qtbot) -> Footer:
    made = Footer()
    qtbot.addWidget(made)
    return made


def test_the_verb_waits_until_the_page_is_ready(footer: Footer, qtbot) -> None:
    page = Picture(Session())
    qtbot.addWidget(page)
    footer.show_page(page, writes=True, back=True)
    assert footer.primary.text() == "Use it"
    assert footer.primary.isEnabled()
    assert footer.secondary.isHidden()
    assert footer.back.isEnabled()
    page.ready = False
    footer.show_page(page, writes=True, back=False)
    assert not footer.primary.isEnabled()
    assert footer.hint.text() == "Something is missing."
    assert not footer.back.isEnabled()


def test_who_only_looks_is_told_so(footer: Footer, qtbot) -> None:
    page = Picture(Session())
    qtbot.addWidget(page)
    footer.show_page(page, writes=False, back=True)
    assert not footer.primary.isEnabled()
    assert footer.hint.text() == "You can look here, but not change anything."


def test_no_verb_is_cut_where_the_window_is_narrow(footer: Footer, qtbot) -> None:
    page = Picture(Session())
    qtbot.addWidget(page)
    page.primary_text = lambda: "Start training (about 12 h, about $0.50)"
    page.secondary_text = lambda: "Add to the queue …"
    page.hint = lambda: "Starts another run. The previous one stays in the library."
    footer.show_page(page, writes=True, back=True)
    footer.setFixedWidth(520)
    footer.resize(520, footer.heightForWidth(520))
    footer.show()
    for button in (footer.back, footer.secondary, footer.primary):
        assert button.width() >= button.sizeHint().width()
        assert button.parentWidget().rect().contains(button.geometry())

from core import wording
from gui.kit import wording as known_here


def test_the_window_words_numbers_as_the_terminal_does() -> None:
    for name in known_here.__all__:
        assert getattr(known_here, name) is getattr(wording, name)

from core.desktop import show_message


def test_the_desktop_shows_the_message(desktop: list[tuple[str, str]]) -> None:
    assert show_message("Training is done", "train-001: ü 漢字")
    assert desktop == [("Training is done", "train-001: ü 漢字")]


def test_a_bus_without_a_desktop_is_no_fault(bus: str) -> None:
    assert not show_message("a", "b")


def test_no_bus_is_no_fault() -> None:
    assert not show_message("a", "b")

from core.events import Transfer
from gui.jobs.transfer_text import how_far


def test_what_is_not_known_is_not_said():
    event = Transfer(file="a", done=1_000_000_000, total=2_700_000_000)
    assert how_far(event) == "1.0 GB of 2.7 GB downloaded"
    event = event.model_copy(update={"rate": 5e6})
    assert how_far(event).endswith("· 5.0 MB/s")
    event = event.model_copy(update={"seconds_left": 600.0})
    assert how_far(event).endswith("· 5.0 MB/s, about 10 min left")


def test_a_file_that_is_checked_is_named():
    event = Transfer(phase="checking", file="a.whl", done=1, total=2)
    assert how_far(event) == "Checking a.whl"

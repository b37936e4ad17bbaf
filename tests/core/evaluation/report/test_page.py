from html.parser import HTMLParser

import pytest

from core.errors import UserFacingError
from core.evaluation.report.curves import loss_curves
from core.evaluation.report.page import report_page, write_report
from core.storage.files import read_json, write_json

NASTY = "<script>alert('x')</script><img src=http://example.org/a.png>"


class Seen(HTMLParser):
    """Collects what a browser would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.values += [value or "" for _name, value in attrs]


def test_the_report_of_a_real_run_holds_everything_and_loads_nothing(own_copy, tmp_path):
    run = own_copy.run("train-001")
    stored = read_json(run.evaluation_file)
    stored["answers"][0] |= {"question": NASTY, "tuned": stored["answers"][0]["reference"]}
    write_json(run.evaluation_file, stored)
    write_report(own_copy, run, tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    seen = Seen()
    seen.feed(page)
    assert not {"script", "img", "link", "iframe", "object", "a"} & set(seen.tags)
    assert not any("http" in value for value in seen.values)
    assert "&lt;script&gt;" in page
    for text in ("Perplexity", "ROUGE-L", "learning_rate", "<polyline", "Expected answer"):
        assert text in page
    assert read_json(run.facts_file)["dataset_version"] in page


def test_without_a_comparison_there_is_no_report(own_copy):
    run = own_copy.run("train-001")
    run.evaluation_file.unlink()
    with pytest.raises(UserFacingError):
        report_page(own_copy, run)


def test_curves_stay_inside_and_leave_out_what_cannot_be_drawn():
    practice = [(step, 3.0 / step) for step in range(1, 2000)]
    drawing = loss_curves([*practice, (2000, float("nan"))], [(500, 1.0), (1000, float("inf"))])
    points = drawing.split('points="')[1].split('"')[0].split()
    assert 300 < len(points) <= 401
    places = [tuple(map(float, point.split(","))) for point in points]
    assert all(0 <= x <= 720 and 0 <= y <= 260 for x, y in places)
    assert "nan" not in drawing and "inf" not in drawing
    assert loss_curves([], []) == ""

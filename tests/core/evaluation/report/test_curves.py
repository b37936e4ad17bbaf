"""The curves are a drawing without scripts, inside its frame."""

import math
import re
from xml.etree import ElementTree

from core.evaluation.report.curves import loss_curves


def test_two_lines_inside_the_frame():
    practice = [(float(n), 3.0 - n / 1000) for n in range(1500)]
    unseen = [(0.0, 3.1), (700.0, 2.5), (900.0, math.nan), (1499.0, 2.2)]
    drawn = loss_curves(practice, unseen)
    ElementTree.fromstring(drawn)
    lines = re.findall(r'points="([^"]*)"', drawn)
    assert len(lines) == 2
    assert len(lines[0].split()) <= 400
    assert len(lines[1].split()) == 3
    for point in " ".join(lines).split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= 720
        assert 0 <= y <= 260
    assert "http" not in drawn
    assert "<script" not in drawn


def test_nothing_is_drawn_of_nothing():
    assert loss_curves([], []) == ""
    assert loss_curves([(0.0, math.inf)], [(0.0, 1.0)]) == ""

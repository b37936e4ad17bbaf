"""Short form of the campaign: the real sample model, a few steps, ours beside plain peft."""

import numpy as np
import pytest

from tests.campaigns import parity
from tests.campaigns.parity import Curve


@pytest.mark.sample
@pytest.mark.slow
def test_the_sample_model_learns_what_exact_arithmetic_teaches_it(sample_model, monkeypatch):
    monkeypatch.setattr(parity, "_HELD_OUT", 2)
    rows = parity.examples(sample_model, 80)
    exact, ours = (parity.train(way, sample_model, rows, 2, 2) for way in ("exact", "streamed"))
    assert exact.losses[1] < exact.losses[0]
    assert ours.losses == pytest.approx(exact.losses, rel=0.03)
    assert ours.held_out == pytest.approx(exact.held_out, rel=0.03)


@pytest.mark.parametrize(("end", "code"), [(2.01, 0), (2.2, 1)])
def test_another_curve_is_noticed(end, code, capsys):
    curves = [Curve(way, np.array([4.0, 3.0, e]), e, 1.0)
              for way, e in (("exact", 2.0), ("peft", 2.001), ("ours", end))]  # fmt: skip
    assert parity.judge(curves) == code
    assert capsys.readouterr().out.endswith(f"ways 1, failures {code}\n")

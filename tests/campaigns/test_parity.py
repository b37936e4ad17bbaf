"""Short form of the campaign: the real sample model, a few steps, ours beside plain peft."""

import numpy as np
import pytest

from tests.campaigns import parity
from tests.campaigns.parity import Curve


@pytest.mark.sample
@pytest.mark.slow
def test_the_sample_model_learns_what_peft_teaches_it(sample_model, monkeypatch):
    monkeypatch.setattr(parity, "_HELD_OUT", 3)
    rows = parity.examples(sample_model, 80)
    assert len(rows) > 10
    peft, ours = (parity.train(way, sample_model, rows, 3, 2) for way in ("peft", "streamed"))
    assert peft.held_out < peft.losses[0]
    assert ours.losses[0] == pytest.approx(peft.losses[0], rel=0.005)  # nothing learned yet
    assert np.abs(ours.losses - peft.losses).max() < 0.05 * peft.losses.max()
    assert ours.held_out == pytest.approx(peft.held_out, rel=0.05)


@pytest.mark.parametrize(("end", "code"), [(2.01, 0), (2.2, 1)])
def test_another_curve_is_noticed(end, code, capsys):
    curves = [Curve(way, np.array([4.0, 3.0, e]), e, 1.0)
              for way, e in (("peft", 2.0), ("reordered", 2.001), ("ours", end))]  # fmt: skip
    assert parity.judge(curves) == code
    assert capsys.readouterr().out.endswith(f"ways 1, failures {code}\n")

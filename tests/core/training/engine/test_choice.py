"""A loop gets an engine where there can be one, else the reason in words."""

import pytest
import torch

from core.config.engine import EnginePlan
from core.training.engine.choice import choose_engine


@pytest.mark.parametrize(("lora", "reason"), [({}, ""), ({"use_dora": True}, "DoRA")])
def test_an_engine_or_a_reason(tiny, lora, reason):
    model = tiny(dtype=torch.float32, lora=lora)
    engine, why = choose_engine(model, EnginePlan(keep_layers=1))
    assert reason in why and bool(reason) == bool(why) == (engine is None)
    assert engine is None or engine.plan.keep_layers == 1

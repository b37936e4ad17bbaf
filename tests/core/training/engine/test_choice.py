"""A loop gets the engine's loss where it can be had, and always the same one."""

import pytest
import torch

from core.training.engine.choice import choose_loss


@pytest.mark.parametrize(("lora", "reason"), [({}, ""), ({"use_dora": True}, "DoRA")])
def test_both_ways_give_one_loss(tiny, batch, peft_loss, lora, reason):
    model, packed = tiny(dtype=torch.float32, lora=lora), batch()
    loss_of, why = choose_loss(model, "cpu")
    loss = loss_of(packed)
    loss.backward()

    assert reason in why and bool(reason) == bool(why)
    assert loss.item() == pytest.approx(peft_loss(model, packed).item(), rel=1e-3)
    assert all(p.grad is not None for p in model.parameters() if p.requires_grad)


def test_autocast_around_it_changes_nothing(tiny, batch):
    model, packed = tiny(dtype=torch.float32), batch()
    loss_of, _ = choose_loss(model, "cpu")
    with torch.autocast("cpu", torch.bfloat16):
        inside = loss_of(packed)
    assert inside.item() == loss_of(packed).item()
    inside.backward()

"""The optimizer does what bitsandbytes' own does, without its waits."""

import bitsandbytes as bnb
import pytest
import torch

from tests.benchmarks.adamw_8bit import AdamW8bit

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def _trained(kind, steps=5):
    generator = torch.Generator(DEVICE).manual_seed(3)
    sizes = [(64, 128), (5, 7), (128, 64)]
    parameters = [
        torch.nn.Parameter(torch.randn(*s, generator=generator, device=DEVICE)) for s in sizes
    ]
    optimizer = kind(parameters, lr=1e-2, weight_decay=0.1)
    for _ in range(steps):
        for p in parameters[: 2 if _ == 0 else 3]:
            p.grad = torch.randn(*p.shape, generator=generator, device=DEVICE)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return parameters, optimizer


def test_the_same_steps_as_the_base_class_to_the_bit():
    ours, optimizer = _trained(AdamW8bit)
    theirs, reference = _trained(bnb.optim.AdamW8bit)

    for got, wanted in zip(ours, theirs, strict=True):
        assert torch.equal(got, wanted)
    state, expected = optimizer.state[ours[0]], reference.state[theirs[0]]
    assert state["state1"].dtype == torch.uint8
    assert torch.equal(state["state1"], expected["state1"])


def test_a_closure_goes_to_the_base_class():
    parameters, optimizer = _trained(AdamW8bit, steps=1)
    parameters[0].grad = torch.ones_like(parameters[0])
    assert optimizer.step(lambda: 4.0) == pytest.approx(4.0)

"""What one process writes into a shared block, its child reads; nothing is left afterwards."""

import os
import subprocess
import sys

import pytest
import torch

from core.training.engine.offload import host_blocks
from core.training.engine.offload.layerwise import load_layerwise
from core.training.engine.offload.weight_stream import LOADED

READER = """
import sys
from core.training.engine.offload import host_blocks
host_blocks.use_shared(int(sys.argv[1]))
block = host_blocks.block(3, 10_000)
print(int(block[5]), int(block[9_999]), int(host_blocks.block(4, 10)[0]))
block[6] = 99
"""


@pytest.fixture
def shared():
    descriptor = host_blocks.open_shared()
    host_blocks.use_shared(descriptor)
    yield descriptor
    host_blocks.use_shared(None)
    os.close(descriptor)


def test_processes_see_the_same_bytes(shared):
    block = host_blocks.block(3, 10_000)
    block.zero_()
    block[5], block[9_999] = 7, 8
    done = subprocess.run(
        [sys.executable, "-c", READER, str(shared)],
        pass_fds=[shared], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["7", "8", "0"]
    assert block[6] == 99


def test_only_what_is_written_takes_memory(shared):
    host_blocks.block(2000, 5000).fill_(1)
    assert os.fstat(shared).st_blocks * 512 < 100_000


def test_alone_every_block_is_its_own():
    one, other = (host_blocks.block(0, 8) for _ in range(2))
    one.fill_(1)
    other.fill_(2)
    assert torch.equal(one, torch.ones(8, dtype=torch.uint8))


MODEL = """
import sys
import torch
from core.training.engine.offload import host_blocks
from core.training.engine.offload.layerwise import load_layerwise
from core.training.engine.offload.weight_stream import LOADED
from pathlib import Path
if len(sys.argv) > 2:
    host_blocks.use_shared(int(sys.argv[2]))
model = load_layerwise(Path(sys.argv[1]), "nf4", "cpu", lambda _: True)
with torch.no_grad():
    logits = model.train()(torch.tensor([[5, 6, 7, 130]])).logits
print(logits.double().sum().item())
host = getattr(model.model.layers[1], LOADED).host
host[0] ^= 255
"""


def test_a_second_process_loads_the_same_model_into_the_same_memory(shared, tiny_model):
    model = load_layerwise(tiny_model, "nf4", "cpu", lambda _: True)
    host = getattr(model.model.layers[1], LOADED).host
    before = host.clone()
    with torch.no_grad():
        logits = model.train()(torch.tensor([[5, 6, 7, 130]])).logits
    done = subprocess.run(
        [sys.executable, "-c", MODEL, str(tiny_model), str(shared)],
        pass_fds=[shared], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert float(done.stdout) == logits.double().sum().item()
    assert (host != before).nonzero().flatten().tolist() == [0], "its last word is seen here too"
    host[0] = before[0]
    assert torch.equal(host, before)

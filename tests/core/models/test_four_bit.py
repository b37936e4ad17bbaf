"""bitsandbytes is there without PyTorch's compiler, which stays as it was."""

import subprocess
import sys

_PROBE = """
import sys
import torch
real = torch.compile
from core.models.four_bit import import_bitsandbytes
import_bitsandbytes()
assert torch.compile is real
from peft import LoraConfig
import bitsandbytes as bnb
print(bnb.nn.Linear4bit.__name__, "torch._inductor.compile_fx" in sys.modules)
"""


def test_the_compiler_is_not_loaded_and_stays_usable():
    done = subprocess.run(
        [sys.executable, "-c", _PROBE], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["Linear4bit", "False"]


def test_weights_written_out_compute_the_same_to_the_bit(sample_model):
    import bitsandbytes as bnb
    import torch

    from core.models.four_bit import unpack_linears
    from core.models.loading import load_base

    model = load_base(sample_model, "nf4", "cpu").eval()
    ids = torch.tensor([[5, 6, 7, 8, 9]])
    with torch.no_grad():
        packed = model(input_ids=ids).logits
        unpack_linears(model)
        assert not any(isinstance(m, bnb.nn.Linear4bit) for m in model.modules())
        assert torch.equal(model(input_ids=ids).logits, packed)

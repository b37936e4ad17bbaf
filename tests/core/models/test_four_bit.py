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

import json
import subprocess
import sys

import pytest

from core.export.gguf.runtime import Runtime

_BOTH_WAYS = """
import json, os, sys
from pathlib import Path
from core.export.gguf.runtime import Runtime
out = os.dup(1)
os.dup2(2, 1)  # llama.cpp writes there too
runtime = Runtime(Path(sys.argv[1]), 64)
ids, found = [1, 9690, 198, 2683, 359], []
for wanted in (0, 2, 198, 12345, 49151):
    asked = []
    likeliest = runtime._likeliest
    runtime._likeliest = lambda *given: asked.append(given) or likeliest(*given)
    quick = runtime.next_tokens(ids, wanted)
    runtime._likeliest = likeliest
    whole = runtime._likeliest(ids, 1 << 20, runtime._letter())
    apart = max(abs(quick[token] - whole[token]) for token in quick)
    found.append([wanted in quick, len(asked), len(quick), len(whole), apart])
os.write(out, json.dumps(found).encode())
os._exit(0)  # its servers have threads of their own
"""
_EMOJI = """
import json, os, sys
from pathlib import Path
from core.export.gguf.runtime import Runtime
out = os.dup(1)
os.dup2(2, 1)
runtime = Runtime(Path(sys.argv[1]), 64)
ids, found = [1, 9690, 198, 2683, 359], []
pieces = runtime._post("/tokenize", {"content": "\N{FACE WITH TEARS OF JOY}"})["tokens"]
for wanted in pieces:
    found.append(runtime.next_tokens(ids, wanted).get(wanted))
    ids.append(wanted)
os.write(out, json.dumps(found).encode())
os._exit(0)
"""


def test_what_cannot_be_loaded_is_an_error(tmp_path):
    """Sound files are loaded in children only: see test_proof."""
    with pytest.raises((RuntimeError, OSError)):
        Runtime(tmp_path / "nothing.gguf", 64)


def test_the_token_that_is_asked_for_is_told_with_its_own_probability(saved):
    """Also the end of an answer, and those that are far from likely: no bias is seen in it."""
    command = [sys.executable, "-c", _BOTH_WAYS, str(saved.files["F16"])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    for there, asked, few, whole, apart in json.loads(done.stdout):
        assert there and asked == 1 and 256 <= few <= 257 < whole
        assert apart < 1e-4


def test_a_token_that_is_a_part_of_a_letter_has_its_probability(saved):
    """llama.cpp tells nothing of a drawn token whose bytes are no whole letter yet."""
    command = [sys.executable, "-c", _EMOJI, str(saved.files["F16"])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    assert len(found) > 1 and all(number is not None and number < 0 for number in found)

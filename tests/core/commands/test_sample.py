"""The sample's figures in short: ten steps already teach the house format on held-out examples.

The full form is the command ``homelab-tuner sample``.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.models import TEST_HOME


@pytest.mark.slow
def test_ten_steps_halve_the_perplexity(sample_model, tmp_path):
    command = [
        sys.executable,
        "-m",
        "gui",
        "sample",
        "--steps",
        "10",
        "--json",
        "--questions",
        "8",
        "--quick",
    ]
    done = subprocess.run(
        [*command, "--project", str(tmp_path / "Beispiel ü")],
        env={**os.environ, "HOMELAB_TUNER_HOME": str(TEST_HOME)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    data, scores = result["data"], result["scores"]
    assert data["kept"] + data["dropped"] == data["rows_read"] == 393
    assert scores["tuned"]["perplexity"] < 0.5 * scores["base"]["perplexity"]
    assert scores["base"]["format_share"] <= 0.05
    assert scores["tuned"]["format_share"] >= 0.8
    assert result["largest_difference"] == 0

"""Exports as strangers use them: other versions of the libraries, only the folder and its base.

Trains the sample model, dressed as bases with odd tokenizer files, for a few steps; exports; and
lets each Python load the export, render the same conversations, and answer until it stops::

    python -m tests.campaigns.export_elsewhere --packages /tmp/transformers-4.57
    python -m tests.campaigns.export_elsewhere --python /tmp/venv/bin/python

``--packages`` names a folder made with ``pip install --target``, which goes before the installed
packages; without it and ``--python`` the installed ones are tried.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from core.actions.examples import prepare
from core.actions.plans import choose, look
from core.actions.results import export
from core.actions.training import train
from core.commands.terminal import run_job
from core.project import Project
from tests.core.models.odd_bases import ODD_BASES, Change
from tests.models import kept_sample_model, make_tiny_model, write_numbers

READER = Path(__file__).with_name("export_reader.py")
_SECONDS = 900


def dressed(sample: Path, folder: Path, change: Change) -> Path:
    """Return a copy of the sample model with other tokenizer files; the weights take no room."""
    folder.mkdir()
    for path in sample.iterdir():
        if path.name == "model.safetensors":
            try:
                os.link(path, folder / path.name)
            except OSError:
                shutil.copyfile(path, folder / path.name)
        elif path.is_file() and path.name != "manifest.json":
            shutil.copyfile(path, folder / path.name)
    change(folder)
    return folder


def exported(base: Path, root: Path, steps: int) -> Path:
    """Train and export; return the export."""
    project = Project.create(root / "project")
    prepare(project, [write_numbers(root / "numbers.jsonl", 300)], run_job=run_job)
    values = {"max_steps": steps, "effective_batch": 8, "sample_answers": False}
    here = look(project, base)
    config = choose(here, values={**values, "validations_per_epoch": 1}).config
    train(here, config, run_job=run_job)
    return Path(export(project, "", root / "export", run_job=run_job).folder)


def tried(base: Path, export: Path, python: str, packages: str = "") -> dict[str, Any]:
    """Let another Python use the export; return what it found.

    Raises:
        RuntimeError: it could not.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    if packages:
        environment["PYTHONPATH"] = packages
    done = subprocess.run(
        [python, str(READER), str(base), str(export)],
        capture_output=True, text=True, timeout=_SECONDS, env=environment, cwd="/", check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def faults(found: dict[str, Any]) -> list[str]:
    """Return what is not as it should be."""
    return [name for name in ("same_text", "same_ids", "ended") if not found[name]]


def main() -> int:
    """Run the campaign; return the number of faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--packages", action="append", default=[])
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--only", action="append", default=[], help="names of bases")
    parser.add_argument(
        "--tiny", action="store_true", help="random weights, which may never find the end"
    )
    options = parser.parse_args()
    ways = [(python, "") for python in options.python]
    ways += [(sys.executable, packages) for packages in options.packages]
    count = 0
    for name in options.only or ODD_BASES:
        with tempfile.TemporaryDirectory() as scratch:
            root, sample = Path(scratch), kept_sample_model()
            sound = make_tiny_model(root / "tiny", sample) if options.tiny else sample
            base = dressed(sound, root / "base", ODD_BASES[name])
            export = exported(base, root, options.steps)
            for python, packages in ways or [(sys.executable, "")]:
                wrong = _report(name, base, export, python, packages)
                count += len(set(wrong) - ({"ended"} if options.tiny else set()))
    return count


def _report(name: str, base: Path, export: Path, python: str, packages: str) -> list[str]:
    try:
        found = tried(base, export, python, packages)
    except RuntimeError as error:
        sys.stdout.write(f"{name}: FAILED with {packages or python}\n{error}\n")
        return ["loaded"]
    wrong = faults(found)
    sys.stdout.write(
        f"{name}: transformers {found['transformers']}, peft {found['peft']}: "
        f"{found['tokens']} tokens, last {found['last']!r}, answer {found['answer']!r}, "
        f"{'NOT ' + ', '.join(wrong) if wrong else 'good'}\n"
    )
    sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(), 1))

"""Campaign: the power fails, and the disk has forgotten what was not synced.

    python -m tests.campaigns.power_cut --cases 1000 [--seed N] [--keep DIR]

What the product writes is recorded call by call: preferences, a project, wizard state and queue,
blind ratings, drafts and dataset versions, token tables, a whole training, an export. A case is one
state that a power cut after one of these calls may leave: unsynced contents are empty, torn, zeros
or there, unsynced names are there or not. Everything must be whole or absent, what was promised
must be there, and some trainings are resumed and must learn the same. A recording that misses its
end is a failure, too.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from pathlib import Path

from tests.campaigns.forgetful_disk import Record
from tests.campaigns.forked_runs import TINY, ForkedRuns, Tally, command, dice, single_thread
from tests.campaigns.power_cut_scenes import (
    Exported,
    Prepared,
    Promises,
    RatedBlindly,
    Scene,
    SmallFiles,
    Tokenised,
    Trained,
    wrong_with,
)

_CONFIG = TINY.with_values({"max_steps": 5})
_DEEP = 40  # every so manieth case of a training is resumed


def light_scenes() -> dict[str, Scene]:
    """Return what can be written without a model."""
    return {"small files": SmallFiles(), "ratings": RatedBlindly(), "data": Prepared()}


def all_scenes(root: Path) -> dict[str, Scene]:
    """Load a model, train once, and return everything that is recorded."""
    forks = ForkedRuns.open(root / "forks", _CONFIG)
    return {
        **light_scenes(),
        "tokens": Tokenised(forks),
        "training": Trained(forks),
        "export": Exported(forks),
    }


def recorded(scene: Scene, place: Path) -> Record:
    """Let a scene happen once; return its recording.

    Raises:
        RuntimeError: it did not come to its end.
    """
    place.mkdir(parents=True)
    code = ForkedRuns.wait(scene.start(place / "disk", place / "log"))
    if code:
        raise RuntimeError(f"the recording ended with {code}")
    return Record.load(place / "log")


def one_case(
    tally: Tally, scene: Scene, record: Record, place: Path, chance: random.Random, *, deep: bool
) -> None:
    """Cut the power once and judge what is left."""
    cut = chance.randrange(len(record.moments))
    promises: Promises = record.promises(cut)
    record.leave(cut, chance, place)
    wrong = wrong_with(scene, place, promises, deep=deep)
    tally.cases += 1
    if wrong:
        tally.fail(place, f"cut {cut} of {len(record.moments)}: {'; '.join(wrong)}")
    else:
        shutil.rmtree(place)


def play(scenes: dict[str, Scene], cases: int, seed: int, root: Path, tally: Tally) -> str:
    """Record each scene once, then cut the power ``cases`` times, in turn."""
    records = {}
    for name, scene in scenes.items():
        try:
            records[name] = recorded(scene, root / name)
        except RuntimeError as error:
            tally.cases += 1
            tally.fail(name, str(error))
    names = list(records)
    for case in range(cases if names else 0):
        name = names[case % len(names)]
        place = root / name / f"case {case}"
        deep = case // len(names) % _DEEP == 0
        one_case(tally, scenes[name], records[name], place, dice(seed, case), deep=deep)
    return ", ".join(f"{name}: {len(record.moments)} moments" for name, record in records.items())


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Cut the power ``options.cases`` times."""
    return play(all_scenes(root), options.cases, options.seed, root, tally)


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign as the command line says."""
    single_thread()
    return command(__doc__, 1000, run)(arguments)


if __name__ == "__main__":
    sys.exit(main())

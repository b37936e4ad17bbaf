"""Campaign: damage every file of a real checkpoint; all is found, named, and fallen back from.

    python -m tests.campaigns.bit_flips --cases 13000 [--seed N]

A real small training leaves two checkpoints. Each case damages one file of the newer one: a flipped
bit, a cut, a tail of zeros (what a disk leaves after a power cut), a lost or an added file. The
check must name the file and resuming must take the older checkpoint. A few cases of each kind also
resume in a real child.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from core.errors import UserFacingError
from core.events import Notice, Started
from core.jobs.supervisor import read_events
from core.project import RunFolder
from core.storage.files import read_json
from core.storage.transaction import MANIFEST, verify_folder
from core.training.checkpoints.checkpoint import StepFolders
from tests.campaigns.forked_runs import ForkedRuns, Tally, command, dice, is_finished, single_thread

KINDS = ("flip", "cut", "zeros", "lost", "added")
_RESUMED_EVERY = 1000  # cases


def damage(path: Path, kind: str, chance: random.Random) -> str:
    """Damage one file; return the name of what is wrong."""
    content = path.read_bytes()
    place = chance.randrange(len(content))
    if kind == "flip":
        flipped = content[place] ^ 1 << chance.randrange(8)
        path.write_bytes(content[:place] + bytes([flipped]) + content[place + 1 :])
    elif kind == "cut":
        path.write_bytes(content[:place])
    elif kind == "zeros":
        changed = content[:place] + bytes(len(content) - place)
        path.write_bytes(changed if changed != content else changed + b"\0")
    elif kind == "lost":
        path.unlink()
    else:
        extra = path.with_name(f"{path.name}.{chance.randrange(100)}")
        extra.write_bytes(b"")
        return extra.name
    return path.name


def is_harmless(path: Path, whole: bytes) -> bool:
    """Return whether only white space after the manifest's last bracket was lost."""
    if path.name != MANIFEST or not path.is_file():
        return False
    return path.read_bytes() == whole.rstrip()


def one_case(tally: Tally, folders: StepFolders, kind: str, chance: random.Random) -> None:
    """Damage the newest folder, look, and put everything back."""
    older, newer = folders.steps()[-2:]
    folder = folders.path(newer)
    path = chance.choice(sorted(p for p in folder.iterdir() if p.is_file()))
    whole = path.read_bytes()
    name = damage(path, kind, chance)
    tally.cases += 1
    if not is_harmless(path, whole):
        look(tally, folders, older, name, f"{kind} in {path.name}")
    for extra in folder.glob(f"{path.name}.*"):
        extra.unlink()
    path.write_bytes(whole)


def look(tally: Tally, folders: StepFolders, older: int, name: str, what: str) -> None:
    """Require that the damage is found and named, and that the older checkpoint is taken."""
    try:
        verify_folder(folders.path(folders.steps()[-1]))
        tally.fail(what, "not found")
    except UserFacingError as error:
        if f"“{name}”" not in error.what and MANIFEST not in what:
            tally.fail(what, f"found, but another file is named: {error.what}")
    if next((step for step, _ in folders.newest_whole()), -1) != older:
        tally.fail(what, "no fall back to the older checkpoint")


def resumed(tally: Tally, forks: ForkedRuns, folder: RunFolder, chance: random.Random) -> None:
    """Damage for good, and resume in a real child."""
    older, newer = StepFolders(folder.checkpoints).steps()[-2:]
    path = chance.choice(sorted((folder.checkpoints / f"step-{newer:08d}").iterdir()))
    path.write_bytes(path.read_bytes()[:-2])
    forks.wait(forks.fork(folder))
    events = read_events(folder)
    notices = [e for e in events if isinstance(e, Notice) and path.name in e.text]
    steps = [e.resumed_from_step for e in events if isinstance(e, Started)]
    if not is_finished(folder) or not notices or steps[-1] != older:
        tally.fail(folder.root, f"damage in {path.name}: resumed from {steps[-1:]}, {notices}")


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Damage ``options.cases`` times."""
    forks = ForkedRuns.open(root)
    done = next(iter(forks.project.runs("train")))
    folders = StepFolders(done.checkpoints)
    if read_json(done.facts_file)["steps"] != folders.steps()[-1]:
        tally.fail(done.root, "no checkpoint at the end")
    for case in range(options.cases):
        one_case(tally, folders, KINDS[case % len(KINDS)], dice(options.seed, case))
        if case % _RESUMED_EVERY == 0:
            resumed(tally, forks, done, dice(options.seed, case))
    return f"{1 + (options.cases - 1) // _RESUMED_EVERY} of them resumed in a real child"


def main(arguments: list[str] | None = None) -> int:
    single_thread()
    return command(__doc__, 13_000, run)(arguments)


if __name__ == "__main__":
    sys.exit(main())

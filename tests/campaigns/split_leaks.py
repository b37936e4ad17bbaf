"""Campaign of leaks: no copy, near copy or question on two sides of a split, by brute force.

``python -m tests.campaigns.split_leaks [FILE…] [--cases 100]`` splits each file, and random sets
full of copies that were changed again and again, with all findings ignored and with the default
choices. Every example is compared with every example of the other parts, without the application's
own search. Prints ``cases N, failures M`` last.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from core.data.cleaning import Choices
from core.data.draft import Draft, ScanOptions
from core.data.findings.kinds import Action, Kind
from core.data.preparation import prepare
from core.data.scan import scan
from core.data.splitting import SplitOptions
from tests.core.data.examples import clean_pair, crossings, write_jsonl

_EVERYTHING_IGNORED = Choices(actions=dict.fromkeys(Kind, Action.IGNORE))
_SOME_FIXED = Choices(actions=dict.fromkeys((Kind.HTML, Kind.SECRET), Action.FIX))
_WORDS = ["lamp", "river", "seven", "green", "house", "slowly", "under", "music", "stone", "winter"]


def random_set(rng: random.Random) -> list[dict[str, str]]:
    """Return rows of which many are changed copies of one another."""
    pairs = [clean_pair(rng) for _ in range(rng.randint(40, 120))]
    for _ in range(rng.randint(50, 200)):
        question, answer = rng.choice(pairs)
        pairs.append(_changed(rng, question, answer))
    rng.shuffle(pairs)
    return [{"question": question, "answer": answer} for question, answer in pairs]


def _changed(rng: random.Random, question: str, answer: str) -> tuple[str, str]:
    kind = rng.randrange(5)
    if kind == 0:
        return question.upper(), f"  {answer}"
    if kind == 1:
        return question, clean_pair(rng)[1]
    if kind == 2:
        return f"<b>{question}</b>", answer
    words = answer.split()
    for _ in range(rng.randint(1, 3)):
        words[rng.randrange(len(words))] = rng.choice(_WORDS)
    return question if kind == 3 else clean_pair(rng)[0], " ".join(words)


def leaks(path: Path, seed: int, threshold: float = 0.8) -> list[str]:
    """Return what stands on two sides of the splits of ``path``."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scan([path], ScanOptions(near_threshold=threshold), folder / "draft")
        with Draft(folder / "draft") as draft:
            options = SplitOptions(held_out=0.3, seed=seed)
            for choices in (Choices(), _EVERYTHING_IGNORED, _SOME_FIXED):  # the test part is frozen
                version = prepare(draft, choices, options, folder / "versions")
                found += [f"{one!r} and {two!r}" for one, two in crossings(version, threshold)]
    return found


def main(arguments: list[str]) -> int:
    """Run the campaign as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    failures = 0
    for path in options.files:
        wrong = leaks(path, options.seed)
        sys.stdout.write(f"{path.name}: {len(wrong)} crossings\n")
        failures += bool(wrong)
    for seed in range(options.seed, options.seed + options.cases):
        with tempfile.TemporaryDirectory() as folder:
            rng = random.Random(seed)
            path = write_jsonl(Path(folder) / "rows.jsonl", random_set(rng))
            wrong = leaks(path, seed, rng.choice([0.7, 0.8, 0.9]))
        failures += bool(wrong)
        for text in wrong[:3]:
            sys.stdout.write(f"seed {seed}: {text[:400]}\n")
    sys.stdout.write(f"cases {len(options.files) + options.cases}, failures {failures}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

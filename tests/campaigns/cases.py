"""Campaign of odd inputs: what comes out of a folder of cases, to be compared by a person.

``python -m tests.campaigns.cases --folder DIR [--only NAME...] [--examples N]`` reads each folder
below ``DIR`` (its files but ``want.txt``) as ``inspect`` does and prints what came out: rows,
shape, columns, findings, notices, problems, the first examples, and last what ``want.txt`` asks
for. It ends with ``cases N, failures M``. A failure is an exception that is no sentence for people,
or another outcome than ``case_wants`` names for a folder of this name.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from core.data.draft import Draft, ScanOptions
from core.data.example import BadRow, Example
from core.data.scan import scan
from core.errors import UserFacingError
from tests.campaigns.case_wants import WANTS

_WANT = "want.txt"
_SHOWN = 160


def cases_in(folder: Path, only: list[str]) -> Iterator[tuple[Path, list[Path]]]:
    """Yield each case's folder with its inputs; folders without inputs are no cases."""
    for case in sorted(path for path in folder.iterdir() if path.is_dir()):
        inputs = sorted(path for path in case.iterdir() if path.name != _WANT)
        wanted = not only or any(case.name.startswith(name) for name in only)
        if inputs and wanted and not any(path.suffix == ".py" for path in inputs):
            yield case, inputs


def outcome(inputs: list[Path], examples: int, name: str = "") -> tuple[list[str], bool]:
    """Return in lines what came out of a case, and whether it ended as it may."""
    with tempfile.TemporaryDirectory(prefix="homelab-cases-") as scratch:
        begin = time.perf_counter()
        try:
            scan(inputs, ScanOptions(), Path(scratch))
            with Draft(Path(scratch)) as draft:
                lines = list(_lines(draft, examples, time.perf_counter() - begin))
                differs = _differs(name, draft)
                return [*lines, *differs], not differs
        except UserFacingError as error:
            return [f"refused: {error.code}: {error.what} {error.todo} [{error.details}]"], True
        except Exception:
            return ["NOT FORESEEN", traceback.format_exc(limit=-3)], False


def _lines(draft: Draft, examples: int, seconds: float) -> Iterator[str]:
    summary = draft.summary
    yield (
        f"rows {summary.rows}, {summary.format}, {summary.shape}, sure {summary.confidence:.2f}, "
        f"{seconds:.1f} s"
    )
    yield f"columns: {summary.mapping} of {list(summary.columns)}"
    yield f"findings: { {kind.value: count for kind, count in summary.findings.items()} }"
    for notice in getattr(summary, "notices", ()):
        yield f"notice: {notice}"
    for problem in summary.problems[:5]:
        yield f"problem: {problem.file}, line {problem.line}: {problem.reason}"
    good = [row for n in range(len(draft)) if isinstance(row := draft.row(n), Example)]
    for example in good[:examples]:
        yield from (f"  {line}" for line in _turns(example))
    bad = [row for n in range(len(draft)) if isinstance(row := draft.row(n), BadRow)]
    yield f"examples {len(good)}, unreadable {len(bad)}"


def found_in(draft: Draft) -> tuple[int, int, str, str]:
    """Return in the form of ``case_wants`` what was read."""
    rows = [draft.row(number) for number in range(len(draft))]
    good = [row for row in rows if isinstance(row, Example)]
    speaks = ""
    for turn in good[0].messages if good else ():
        letter = turn.role[0]
        speaks += "r" if turn.reasoning else ""
        speaks += letter.upper() if turn.trained is False else letter
    said = sorted({notice.kind for notice in draft.summary.notices})
    return len(good), len(rows) - len(good), speaks, " ".join(said)


def _differs(name: str, draft: Draft) -> list[str]:
    if name not in WANTS:
        return []
    found, wanted = found_in(draft), WANTS[name]
    said = set(wanted[3].split()) <= set(found[3].split())
    return [] if found[:3] == wanted[:3] and said else [f"DIFFERS: {found}, not {wanted}"]


def _turns(example: Example) -> Iterator[str]:
    for message in example.messages:
        trained = {None: "", True: " (learned)", False: " (not learned)"}[message.trained]
        reasoning = getattr(message, "reasoning", "")
        thought = f" thinks {reasoning[:_SHOWN]!r}" if reasoning else ""
        yield f"{message.role}{trained}{thought}: {message.content[:_SHOWN]!r}"


def main(arguments: list[str]) -> int:
    """Run the campaign; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--examples", type=int, default=1)
    options = parser.parse_args(arguments)
    count = failures = 0
    for case, inputs in cases_in(options.folder, options.only):
        lines, is_well = outcome(inputs, options.examples, case.name)
        count, failures = count + 1, failures + (not is_well)
        want = case / _WANT
        wanted = want.read_text("utf-8").strip() if want.is_file() else "-"
        sys.stdout.write("\n".join([f"== {case.name}", *lines, f"want: {wanted}", "", ""]))
    sys.stdout.write(f"cases {count}, failures {failures}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""Campaign of families: tiny random models in real layouts, from inspection to the export.

    python -m tests.campaigns.families [--only gpt2 gemma3] [--steps 10]

Each family is inspected, planned, probed, trained for some steps, evaluated and exported, and the
export is loaded by plain peft. A row tells the way that it took, the share of its linear weights
that were adapted, its losses, and how far the logits of the export are from those of the trained
model; or why it is refused, or why no tiny model of it could be made here. The last line is
``families N, trained M, refused K, failures F``. A failure is anything but a trained model or a
refusal in words.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from core.config.training import TrainingConfig, save_config
from core.data.dataset import EXAMPLES_FILE, META_FILE, DatasetVersion, VersionMeta
from core.data.example import Example, Message, Part, Source, to_json
from core.errors import UserFacingError
from core.evaluation.everyday import general
from core.evaluation.job import run_evaluate
from core.evaluation.prompts import room
from core.evaluation.tuned import load_tuned
from core.events import Notice, TrainStep
from core.export.adapter import write_adapter
from core.jobs.link import JobLink
from core.jobs.spec import EvaluateParams, TrainParams, write_spec
from core.jobs.supervisor import read_events
from core.models.inspection import inspect_model
from core.planning.planner import Room, fused, planned_settings
from core.project import Project, RunFolder
from core.training.job import run_train
from core.training.result import best_adapter
from core.training.targets import decoder_of
from tests.campaigns.family_models import NOT_MADE, make_model
from tests.family_table import FILE

CONFIG = TrainingConfig(
    learning_rate=1e-2, rank=4, alpha=8, epochs=50, effective_batch=4, micro_batch_tokens=256,
    max_length=128, validations_per_epoch=1, patience_epochs=0, sample_answers=False, seed=3,
)  # fmt: skip
_NEAR, _SHARE = 0.25, 0.25  # of a logit; of what the adapter changes
_PROMPTS = {
    False: [[1, 60, 70, 80, 90, 61, 71]],
    # Where two experts are nearly as good as each other, rounding chooses; then all later tokens of
    # the prompt differ, too. Of many short ones that happens to few.
    True: [[first, 60 + first] for first in range(3, 27)],
}


@dataclass
class Outcome:
    """What happened to one family."""

    family: str
    stage: str = "made"
    way: str = ""
    share: float = 0.0
    losses: list[float] = field(default_factory=list)
    apart: float | None = None
    refusal: str = ""
    fault: str = ""
    missing: str = ""

    @property
    def trained(self) -> bool:
        """Whether everything worked."""
        return self.stage == "exported" and not self.fault

    def row(self) -> str:
        """Return one line of the table."""
        if self.missing:
            return f"{self.family:24}not made: {self.missing}"
        if self.refusal or self.fault:
            word = "refused" if self.refusal else "FAILED"
            return f"{self.family:24}{word} after “{self.stage}”: {self.refusal or self.fault}"
        first, last = self.losses[0], self.losses[-1]
        return (
            f"{self.family:24}{self.way:16}{self.share:>7.1%}{first:>8.3f}{last:>8.3f}"
            f"{self.apart:>9.4f}"
        )


def main() -> int:
    """Try every family, print a row as each ends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", help="these model types (default: all)")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--traces", action="store_true", help="print where a failure is")
    arguments = parser.parse_args()
    chosen = arguments.only or list(known())
    sys.stdout.write(f"{'family':24}{'way':16}{'share':>7}{'first':>8}{'last':>8}{'export':>9}\n")
    outcomes = []
    for name in chosen:
        with tempfile.TemporaryDirectory() as place:
            outcomes.append(tried(name, Path(place), arguments.steps, traces=arguments.traces))
        sys.stdout.write(outcomes[-1].row() + "\n")
        sys.stdout.flush()
        gc.collect()
    trained, refused = (sum(map(bool, s)) for s in (
        [o.trained for o in outcomes], [o.refusal for o in outcomes]))  # fmt: skip
    missing = sum(bool(o.missing) for o in outcomes)
    failures = len(outcomes) - trained - refused - missing
    sys.stdout.write(
        f"families {len(outcomes)}, trained {trained}, refused {refused}, failures {failures}"
        + (f", not made {missing}\n" if missing else "\n")
    )
    return 1 if failures else 0


def known() -> dict[str, str]:
    """Return every family of the table with its class."""
    classes: dict[str, str] = json.loads(FILE.read_bytes())["classes"]
    return classes


def tried(family: str, place: Path, steps: int = 10, *, traces: bool = False) -> Outcome:
    """Take one family the whole way."""
    outcome = Outcome(family)
    if family in NOT_MADE:
        outcome.missing = NOT_MADE[family]
        return outcome
    try:
        folder = make_model(family, known()[family], place / f"tiny-{family}")
        _walk(outcome, folder, place, steps)
    except UserFacingError as error:
        outcome.refusal = f"{error.code}: {error.what}"
        if traces:
            outcome.refusal += f"\n    {error.todo}\n    {error.details[:1000]}"
    except Exception as error:  # the campaign is there to find these
        outcome.fault = f"{type(error).__name__}: {str(error)[:300]}"
        if traces:
            traceback.print_exc()
    return outcome


def _walk(outcome: Outcome, folder: Path, place: Path, steps: int) -> None:
    facts = inspect_model(folder)
    outcome.stage = "inspected"
    config = CONFIG.with_values({"max_steps": steps})
    planned_settings(facts.shape, config, Room("gpu", 8 << 30, 16 << 30), facts.model_type)
    outcome.way = "fast" if fused(config, facts.model_type) else "peft"
    outcome.stage = "planned"
    project = Project.create(place / "project")
    run, params = _prepared(project, folder, config)
    with JobLink(run) as link:
        run_train(run, params, link)
    _read_run(outcome, run)
    outcome.stage = "trained"
    project_run = project.run(run.name)
    evaluation = project.new_run("evaluate")
    with JobLink(evaluation) as link, _short_answers():
        run_evaluate(evaluation, EvaluateParams(run=run.name, questions=2, everyday=24), link)
    outcome.stage = "evaluated"
    tuned = load_tuned(project, project_run)
    decoder = decoder_of(tuned.model.get_base_model())
    outcome.share = decoder.share(decoder.adapted())
    outcome.apart = _export_apart(tuned, place / "export")
    if outcome.apart > _NEAR:
        raise AssertionError(f"the export is {outcome.apart} apart")
    outcome.stage = "exported"


@contextmanager
def _short_answers() -> Iterator[None]:
    """Random models never end an answer: let them write little, and answer few questions."""
    kept, questions = dict(room._ROOM), general.general_questions()[:2]
    ask, general.general_questions = general.general_questions, lambda: questions
    room._ROOM.update(cpu=(4, 8), cuda=(4, 8))
    try:
        yield
    finally:
        general.general_questions = ask
        room._ROOM.update(kept)


def _read_run(outcome: Outcome, run: RunFolder) -> None:
    events = list(read_events(run))
    outcome.losses = [event.loss for event in events if isinstance(event, TrainStep)]
    codes = {event.code for event in events if isinstance(event, Notice)}
    if "training.no_fast_path" in codes:
        outcome.way = "peft"
    if "training.one_by_one" in codes:
        outcome.way += ", alone"
    if outcome.losses[-1] >= outcome.losses[0]:
        raise AssertionError(f"nothing was learned: {outcome.losses}")


def _export_apart(tuned: Any, folder: Path) -> float:
    """Load the export as anybody would, and return how far its logits are from the trained ones.

    Plain peft rounds an adapter together with an expert's weights, and packed weights are
    multiplied otherwise than unpacked ones. So a random router may send a token to another expert,
    and random layers enlarge what rounding makes: the median of all logits counts.
    """
    import torch
    from peft import PeftModel

    from core.models.experts.modules import experts_of
    from core.models.loading import load_config, loader_of, nf4_config

    base_folder = Path(tuned.facts.base_model)
    folder.mkdir()
    write_adapter(best_adapter(tuned.run), "somebody/base", folder)
    base = loader_of(load_config(base_folder)).from_pretrained(
        base_folder, dtype=torch.bfloat16, quantization_config=nf4_config()
    )
    _give_experts(base, tuned.model)
    with warnings.catch_warnings():  # peft looks for ranks of experts' matrices among modules
        warnings.filterwarnings("ignore", message="The following rank_pattern")
        strange = PeftModel.from_pretrained(base, folder).eval()
    ids = torch.tensor(_PROMPTS[bool(list(experts_of(tuned.model)))])
    with torch.no_grad():
        theirs = strange(input_ids=ids, use_cache=False).logits.float()
        ours = tuned.model(input_ids=ids, use_cache=False).logits.float()
        with tuned.model.disable_adapter():
            base_logits = tuned.model(input_ids=ids, use_cache=False).logits.float()
    if not (ours - base_logits).abs().max() > 0:
        raise AssertionError("the adapter changes nothing")
    learned = float((ours - base_logits).abs().median())
    apart = float((theirs - ours).abs().median())
    if apart > _SHARE * learned:
        raise AssertionError(f"the export is {apart} apart, where {learned} was learned")
    return apart


def _give_experts(strange: Any, ours: Any) -> None:
    """Give a plain model, whose experts stay in 16 bits, what the 4 bits left of them here."""
    import torch

    from core.models.experts.modules import experts_of, matrices
    from core.models.experts.packing import ExpertsOfBytes

    for (_, module), (_, mine) in zip(experts_of(strange), experts_of(ours), strict=True):
        for name in matrices(mine):
            if isinstance(packed := getattr(mine, name), ExpertsOfBytes):
                unpacked = torch.nn.Parameter(packed.unpacked(), requires_grad=False)
                setattr(module, name, unpacked)


def _prepared(
    project: Project, base: Path, config: TrainingConfig
) -> tuple[RunFolder, TrainParams]:
    version = _write_version(project)
    run = project.new_run("train")
    save_config(config, run.config_file)
    params = TrainParams(dataset_version=version.folder.name, base_model=str(base))
    write_spec(run, params)
    return run, params


def _write_version(project: Project) -> DatasetVersion:
    parts: list[Part] = ["train"] * 12 + ["validation"] * 4 + ["test"] * 2
    lines = [
        orjson.dumps({**to_json(_example(number)), "part": part})
        for number, part in enumerate(parts)
    ]
    content = b"\n".join(lines) + b"\n"
    name = hashlib.sha256(content).hexdigest()[:32]
    counts = {part: parts.count(part) for part in ("train", "validation", "test")}
    meta = VersionMeta(content_hash=name, counts=counts, seed=0, held_out=0.1, near_threshold=0.9)
    folder = project.versions / name
    folder.mkdir()
    (folder / EXAMPLES_FILE).write_bytes(content)
    (folder / META_FILE).write_text(meta.model_dump_json(), encoding="utf-8")
    return DatasetVersion.load(folder)


def _example(number: int) -> Example:
    messages = (Message("user", f"What is {number}?"), Message("assistant", f"`{number}` it is."))
    return Example(messages, Source("numbers.jsonl", number + 1))


if __name__ == "__main__":
    with suppress(ValueError):
        os.nice(5)
    sys.exit(main())

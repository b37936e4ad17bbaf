"""Time of the whole evaluation as the window asks for it after a run, part by part.

    python -m tests.benchmarks.evaluation --shape llama-8b [--unseen 200] [--cases 200]

A random model of a real shape in NF4 and a random adapter of rank 16 on every linear layer, read
from the disk like any other; 50 questions for both models, all everyday questions, the base with 1,
3 and 5 examples before 20 questions (without any: the 50), and enough questions of your own that
the set of invented facts has ``--cases`` cases. Random weights never end an answer, so each ends
after a number of tokens drawn at random (log-normal); what counts as its text are words of the
sample's own tokens, so that scores and facts have something to look at. A processor takes the shape
``tiny`` or ``smollm2-135m``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import torch

from core.chat.everyday import everyday_questions
from core.config.training import TrainingConfig, save_config
from core.data.dataset import EXAMPLES_FILE, META_FILE, DatasetVersion, VersionMeta
from core.data.example import Example, Message, Part, Source, to_json
from core.evaluation import job
from core.evaluation.measuring import sides
from core.evaluation.own_questions import OwnQuestion, write_own_questions
from core.generation import answers
from core.jobs.link import JobLink
from core.jobs.spec import EvaluateParams, TrainingFacts
from core.models.loading import never_repack
from core.project import Project, RunFolder
from core.training.checkpoints.checkpoint import StepFolders
from tests.benchmarks.engine_shapes import SHAPES, make
from tests.benchmarks.exports import CONFIG, TARGETS, WEIGHTS, random_adapter
from tests.campaigns.card_project import rows_of_the_sample

_RANK, _VALIDATION, _TRAINING = 16, 40, 1000
_SPREAD = 0.6  # of the logarithm of an answer's length


def main() -> int:
    """Make what is evaluated, evaluate it, and write a line for each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--unseen", type=int, default=200, help="examples of the test part")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--prompted", type=int, default=20)
    parser.add_argument("--everyday", type=int, default=0, help="0 for all")
    parser.add_argument("--cases", type=int, default=200, help="looked through for invented facts")
    parser.add_argument("--answer", type=int, default=120, help="tokens of an answer, the median")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary one)")
    options = parser.parse_args()
    never_repack()
    with tempfile.TemporaryDirectory(prefix="evaluation-") as temporary:
        started = time.perf_counter()
        run = _made(options.folder or Path(temporary), options)
        sys.stdout.write(f"made in {time.perf_counter() - started:.1f} s\n")
        _evaluated(run, options)
    return 0


def _evaluated(run: RunFolder, options: argparse.Namespace) -> None:
    project = Project.of_run(run)
    watch = Watch()
    watch.over(job, "load_tuned", "loading the base and the adapter")
    watch.over(sides, "example_losses", "perplexity of unseen examples, both")
    watch.over(sides, "generate_answers", "answers of both")
    watch.over(job, "_everyday", "everyday questions, both")
    watch.over(job, "_everyday_losses", "everyday answers, both")
    watch.over(job, "_prompted", "the base with examples in its prompt")
    watch.over(job, "_fact_cases", "invented facts marked")
    counted = _end_like_real_ones(options.answer)
    params = EvaluateParams(
        run=run.name,
        questions=options.questions,
        prompted=options.prompted,
        everyday=options.everyday,
    )
    folder = project.new_run("evaluate")
    with JobLink(folder) as link:
        started = time.perf_counter()
        job.run_evaluate(folder, params, link)
        whole = time.perf_counter() - started
    found = json.loads(run.evaluation_file.read_text(encoding="utf-8"))
    watch.parts["scores, intervals, the file"] = whole - sum(watch.parts.values())
    for name, seconds in watch.parts.items():
        sys.stdout.write(f"{seconds:8.1f} s  {name}\n")
    sys.stdout.write(f"{whole:8.1f} s  the whole evaluation ({whole / 60:.1f} min)\n")
    sys.stdout.write(
        f"{counted['answers']} answers with {counted['tokens']} tokens in {counted['calls']} calls;"
        f" {found['examples']} unseen examples, {len(found['cases'])} cases, "
        f"{len(everyday_questions(options.everyday))} everyday questions, "
        f"with {[one['shots'] for one in found['prompted']]} examples before a question\n"
    )
    if torch.cuda.is_available():
        peak = torch.cuda.max_memory_reserved() / 2**30
        sys.stdout.write(f"{peak:.1f} GiB reserved on {torch.cuda.get_device_name()}\n")


class Watch:
    """Seconds by part, in the order in which the parts came first."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}

    def over(self, module: Any, name: str, part: str) -> None:
        """Count the time of a function of ``module`` for ``part``."""
        function: Callable[..., Any] = getattr(module, name)

        def timed(*arguments: Any, **more: Any) -> Any:
            started = _now()
            result = function(*arguments, **more)
            self.parts[part] = self.parts.get(part, 0.0) + _now() - started
            return result

        setattr(module, name, timed)


def _now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def _end_like_real_ones(median: int) -> dict[str, int]:
    """Let every answer end after a length drawn at random; return what was written."""
    write, decoded = answers.write_all, answers._answers
    numbers = np.random.default_rng(0)
    counted = {"calls": 0, "answers": 0, "tokens": 0}

    def write_some(decoder, prompts, stops, most, progress):  # type: ignore[no-untyped-def]
        drawn = numbers.lognormal(math.log(median), _SPREAD, len(prompts)).astype(int)
        limits = [max(1, min(pair)) for pair in zip(drawn.tolist(), most, strict=True)]
        written = write(decoder, prompts, (), limits, progress)
        counted["calls"] += 1
        counted["answers"] += len(written)
        counted["tokens"] += sum(map(len, written))
        return written

    def decode(tokenizer, tokens, stops):  # type: ignore[no-untyped-def]
        known = len(tokenizer)
        return decoded(
            tokenizer, [[*(t % known for t in some), stops[0]] for some in tokens], stops
        )

    answers.write_all, answers._answers = write_some, decode
    return counted


def _made(root: Path, options: argparse.Namespace) -> RunFolder:
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    base = root / "base"
    make(options.shape, base, device)
    _tokenizer(SHAPES[options.shape][0]).save_pretrained(base)
    project = Project.create(root / "project")
    version = _version(project, options.unseen)
    project.update_info(dataset_version=version)
    own = options.cases - options.questions - 40
    write_own_questions(project, [_own(number) for number in range(max(0, own))])
    run = project.new_run("train")
    save_config(TrainingConfig(), run.config_file)
    facts = TrainingFacts(
        dataset_version=version, base_model=str(base), steps=9, best_step=9, best_loss=1.0,
        base_loss=2.0,
    )  # fmt: skip
    run.facts_file.write_text(facts.model_dump_json(), encoding="utf-8")
    StepFolders(run.best).save(9, lambda folder: _adapter(options.shape, base, folder))
    return run


def _adapter(shape: str, base: Path, folder: Path) -> None:
    config = {
        "r": _RANK, "lora_alpha": 32, "peft_type": "LORA", "task_type": "CAUSAL_LM",
        "target_modules": TARGETS, "base_model_name_or_path": str(base),
    }  # fmt: skip
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    random_adapter(shape, folder / WEIGHTS)


def _version(project: Project, unseen: int) -> str:
    parts: list[Part] = ["train"] * _TRAINING + ["validation"] * _VALIDATION + ["test"] * unseen
    lines = [
        orjson.dumps({**to_json(_example(number)), "part": part})
        for number, part in enumerate(parts)
    ]
    content = b"\n".join(lines) + b"\n"
    counts = {part: parts.count(part) for part in ("train", "validation", "test")}
    name = hashlib.sha256(content).hexdigest()[:32]
    meta = VersionMeta(content_hash=name, counts=counts, seed=0, held_out=0.1, near_threshold=0.9)
    folder = project.versions / name
    folder.mkdir()
    (folder / EXAMPLES_FILE).write_bytes(content)
    (folder / META_FILE).write_text(meta.model_dump_json(), encoding="utf-8")
    assert DatasetVersion.load(folder).counts == counts
    return name


_ROWS = [row for row in rows_of_the_sample() if row["output"].strip()]


def _example(number: int) -> Example:
    """The sample's rows again and again, each time with another number in the question."""
    row = _ROWS[number % len(_ROWS)]
    question = f"{row['instruction']} (No. {number})\n\n{row['input'][:1500]}"
    messages = Message("user", question), Message("assistant", row["output"])
    return Example(messages, Source("sample", number + 1))


def _own(number: int) -> OwnQuestion:
    row = _ROWS[-1 - number % len(_ROWS)]
    text = f"What is wrong here (case {number})?\n{row['input'][:600]}"
    return OwnQuestion(question=text, answer=row["output"] if number % 2 else "")


def _tokenizer(most: int) -> Any:
    """Learn the parts of words of the sample and of the everyday questions."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    everyday = (f"{q.question} {q.right} {' '.join(q.wrong)}" for q in everyday_questions())
    texts = [*(json.dumps(row, ensure_ascii=False) for row in _ROWS), *everyday]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=min(most, 8000),
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )


if __name__ == "__main__":
    sys.exit(main())

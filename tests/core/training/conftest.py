"""A real small training: tiny random Llama in NF4, real tokenizer, real files."""

import random

import pytest

from core.config.training import TrainingConfig
from core.data.example import Example, Message, Source
from core.jobs.link import JobLink
from core.jobs.supervisor import read_events
from core.project import RunFolder
from core.training.adapter import adapter_weights

TINY = TrainingConfig(
    learning_rate=5e-3,
    rank=4,
    alpha=8,
    epochs=2.0,
    effective_batch=8,
    micro_batch_tokens=256,
    max_length=128,
    seed=3,
    sample_answers=False,
)


def examples(count: int, seed: int = 0) -> list[Example]:
    """Questions about numbers with a fixed form of answer."""
    dice = random.Random(seed)
    return [
        Example(
            (
                Message("user", f"What comes after {n}? " + "Think. " * dice.randrange(6)),
                Message("assistant", f"`{n}`: The next number is {n + 1}."),
            ),
            Source("numbers.jsonl", i + 1),
        )
        for i, n in enumerate(dice.choices(range(1000), k=count))
    ]


@pytest.fixture
def make_run(tiny_model, tokenizer, tmp_path):
    """Return a function that loads a fresh run in a folder, as the job does."""
    from core.chat.tokens import build_table
    from core.models.loading import load_base
    from core.training.adapter import add_adapter
    from core.training.checkpoints.checkpoint import Position, StepFolders
    from core.training.loss import TrainingLoss
    from core.training.memory.fallback import MemoryFallback
    from core.training.run import Run
    from core.training.schedule import Schedule
    from core.training.step import make_optimizer

    opened = []

    def make(name: str = "train-001", config: TrainingConfig = TINY, rows: int = 32) -> Run:
        folder = RunFolder(tmp_path / name)
        folder.root.mkdir(exist_ok=True)
        link = JobLink(folder).__enter__()
        opened.append(link)
        length = config.max_length
        training = build_table(tokenizer, examples(rows), length, folder.tokens / "train.arrow")
        unseen = build_table(tokenizer, examples(8, 9), length, folder.tokens / "validation.arrow")
        base = load_base(tiny_model, config.quantisation, "cpu")
        model = add_adapter(base, config)
        return Run(
            config=config,
            schedule=Schedule(config, len(training)),
            model=model,
            optimizer=make_optimizer(model, config),
            train=training,
            validation=unseen,
            device="cpu",
            link=link,
            checkpoints=StepFolders(folder.checkpoints),
            best=StepFolders(folder.best),
            position=Position(fingerprint="f"),
            fallback=MemoryFallback(
                config.micro_batch_tokens,
                max(*training.lengths, *unseen.lengths),
                TrainingLoss(model, config, "cpu"),
            ),
        )

    yield make
    for link in opened:
        link.__exit__(None, None, None)


def told(run, kind):
    return [event for event in read_events(run.link.folder) if isinstance(event, kind)]


def same(left, right):
    import torch

    a, b = adapter_weights(left.model), adapter_weights(right.model)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)

"""A small project as one version of the application left it, kept in git beside this file.

    python -m tests.old_project        makes ``old_project.zip`` again, with the present code

Later versions must open it and finish what it began. In it are a base model with 320 words (made
here; its weights are random), a dataset version with its draft, a label preview, a training that
went to its end (``train-001``: compared, rated, exported), one with the same settings that was
killed after its third step (``train-002``), one that started from the first one's adapter and was
killed after its second step (``train-003``), and one that waits in the queue (``train-004``).
Beside it are the adapters that the two killed ones came to when nothing killed them.

``origin.json`` says on which kind of processor it was made: only there can the same arithmetic give
the same bits.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from core.actions.examples import prepare
from core.actions.plans import choose, look
from core.actions.results import evaluate, export
from core.actions.training import enqueue_choice, train
from core.commands.terminal import run_job
from core.config.training import save_config
from core.evaluation.rating.ratings import Ratings, pairs_from
from core.evaluation.stored import read_evaluation
from core.events import CheckpointSaved
from core.jobs.link import JobLink
from core.jobs.spec import TrainParams, training_params, write_spec
from core.models import sample
from core.project import Project
from core.storage.files import write_json
from core.training.job import run_train
from core.training.setup.warm_start import best_adapter, params_for_warm_start
from tests.models import write_numbers

ARCHIVE = Path(__file__).with_suffix(".zip")
RATED = ("a", "tie", "b")
WHOLE, KILLED, MORE, QUEUED = (f"train-{number:03d}" for number in range(1, 5))
_VALUES: dict[str, Any] = {
    "learning_rate": 5e-3,
    "rank": 2,
    "alpha": 4,
    "dropout": 0.1,
    "epochs": 100.0,
    "max_steps": 6,
    "effective_batch": 4,
    "micro_batch_tokens": 64,
    "max_length": 64,
    "patience_epochs": 0.0,
    "seed": 5,
    "sample_answers": False,
    "checkpoint_minutes": 1e-9,
}
_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


class Killed(BaseException):
    """Stands in for a death that no code notices."""


def origin() -> dict[str, str]:
    """Return on what the arithmetic of this process depends."""
    import torch

    return {
        "torch": torch.__version__,
        "processor": torch.backends.cpu.get_cpu_capability(),
        "mkl": str(torch.backends.mkl.is_available()),
    }


def make_base(folder: Path, texts: list[str]) -> Path:
    """Write a two-layer random Llama, 32 wide, with a byte-level tokenizer of 320 words."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    words.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=320, special_tokens=_SPECIAL, initial_alphabet=alphabet),
    )
    PreTrainedTokenizerFast(
        tokenizer_object=words,
        bos_token=_SPECIAL[1],
        eos_token=_SPECIAL[2],
        pad_token=_SPECIAL[2],
        unk_token=_SPECIAL[0],
        chat_template=_TEMPLATE,
    ).save_pretrained(folder)
    values = {
        **sample.CONFIG,
        "vocab_size": len(words.get_vocab()),
        "max_position_embeddings": 512,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
    }
    torch.manual_seed(7)
    LlamaForCausalLM(LlamaConfig(**values)).to(torch.bfloat16).save_pretrained(folder)
    return folder


def adapter_of(project: Project, name: str) -> bytes:
    """Return the weights that a run gave."""
    return (best_adapter(project.run(name)) / "adapter_model.safetensors").read_bytes()


def train_until(project: Project, name: str, params: TrainParams, step: int = 0) -> None:
    """Train in this process, and let the run die as soon as ``step`` (if any) is saved."""
    folder = project.run(name)
    real = JobLink.emit

    def emit(link: JobLink, event: Any) -> None:
        real(link, event)
        if step and isinstance(event, CheckpointSaved) and event.step == step:
            raise Killed

    JobLink.emit = emit  # type: ignore[method-assign]
    try:
        with JobLink(folder) as link:
            run_train(folder, params, link)
    except Killed:
        pass
    finally:
        JobLink.emit = real  # type: ignore[method-assign]


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, and make its folder."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def drop_older_checkpoints(project: Project) -> None:
    """Leave only the newest checkpoint of each run: git keeps them all for ever."""
    for run in project.runs("train"):
        for old in sorted(run.checkpoints.glob("step-*"))[:-1]:
            shutil.rmtree(old)


def make(root: Path) -> None:
    """Make ``project`` and ``tiny-base`` in ``root``."""
    source = write_numbers(root / "numbers.jsonl", 60)
    base = make_base(root / "tiny-base", source.read_text(encoding="utf-8").splitlines())
    project = Project.create(root / "project", "Numbers")
    project.update_info(answer_format=r"`\d+`: .*")
    prepare(project, [source], base=base, run_job=run_job)
    here = look(project, base)
    choice = choose(here, values=_VALUES)
    config = choice.config
    train(here, config, run_job=run_job)
    whole = project.run(WHOLE)
    params = training_params(whole)
    further = params_for_warm_start(whole, params.dataset_version)
    for name, wanted, stop in ((KILLED, params, 3), (MORE, further, 2)):
        run = project.new_run("train")
        assert run.name == name
        save_config(config, run.config_file)
        train_until(project, name, wanted)
        write_bytes(root / "expected" / f"{name}.safetensors", adapter_of(project, name))
        shutil.rmtree(run.root)
        run.root.mkdir()
        save_config(config, run.config_file)
        write_spec(run, wanted)
        train_until(project, name, wanted, stop)
    assert adapter_of(project, WHOLE) == (root / "expected" / f"{KILLED}.safetensors").read_bytes()
    assert enqueue_choice(here, choice) == QUEUED
    evaluate(project, WHOLE, questions=4, run_job=run_job)
    with Ratings(project.ratings_file) as ratings:
        pairs = pairs_from(read_evaluation(whole).answers)
        session = ratings.session(WHOLE, pairs, seed=1)
        for choice in RATED:
            question = session.next_question()
            assert question is not None
            session.rate(question, choice)  # type: ignore[arg-type]
    export(project, WHOLE, project.root / "exports" / "adapter", run_job=run_job)
    drop_older_checkpoints(project)
    write_json(root / "origin.json", origin())


def main() -> int:
    """Make the archive again."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ["HOMELAB_TUNER_HOME"] = str(root / "home")
        make(root)
        kept = [root / "origin.json"]
        for name in ("tiny-base", "expected", "project"):
            kept += (root / name).rglob("*")
        with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(kept):
                if path.suffix != ".lock":
                    archive.write(path, path.relative_to(root))
    print(json.dumps({"bytes": ARCHIVE.stat().st_size}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

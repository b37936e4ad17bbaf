"""The papers of an export: what it is, what it was made from, how well it did.

They are in English in every language of the application, since others read them.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, SerializeAsAny

from core.evaluation.metrics import measured_on
from core.evaluation.stored import read_evaluation
from core.evaluation.tuned import Tuned
from core.hardware.system.energy import JOULES_PER_KWH, Usage, cost, covers, money
from core.jobs.spec import EvaluationResult, TrainingFacts
from core.models.inspection import inspect_model
from core.settings import load_settings
from core.storage.ordinary import is_ordinary_file


class BaseFacts(BaseModel):
    """The base model; ``contents`` is the hash of its weights."""

    name: str
    architecture: str
    licence: str
    fingerprint: str
    contents: str


class DataFacts(BaseModel):
    """The dataset version that was trained on."""

    content_hash: str
    counts: dict[str, int]


class Cost(BaseModel):
    """Energy and money, and in words what both count."""

    energy_kwh: float
    money: float
    currency: str
    covers: str


class Card(BaseModel):
    """Everything that is known about a fine-tune, as ``card.json`` holds it.

    ``scores`` only after an evaluation, ``cost`` only where power was measured.
    """

    name: str
    base: BaseFacts
    data: DataFacts
    training: SerializeAsAny[TrainingFacts]
    scores: SerializeAsAny[EvaluationResult] | None
    cost: Cost | None


def card_of(tuned: Tuned) -> Card:
    """Return everything that is known about the fine-tune."""
    base = inspect_model(Path(tuned.facts.base_model))
    return Card(
        name=tuned.project.name,
        base=BaseFacts(
            name=base.name,
            architecture=base.architecture,
            licence=base.licence,
            fingerprint=base.fingerprint,
            contents=tuned.facts.base_contents,
        ),
        data=DataFacts(content_hash=tuned.version.content_hash, counts=tuned.version.counts),
        training=tuned.facts.model_copy(
            update={"base_model": base.name, "judged_questions": ()}  # nobody else's business
        ),
        scores=_scores(tuned),
        cost=_cost(tuned.facts),
    )


def _scores(tuned: Tuned) -> EvaluationResult | None:
    if not is_ordinary_file(tuned.run.evaluation_file):
        return None
    return read_evaluation(tuned.run).scores


def _cost(training: TrainingFacts) -> Cost | None:
    """Nothing is claimed where power could not be read."""
    if training.energy_joules is None:
        return None
    settings = load_settings()
    seconds, missed = training.energy_seconds or 0.0, training.energy_missed or 0.0
    used = Usage(training.energy_joules, seconds, missed)
    whole = used.whole(settings.extra_watts)
    return Cost(
        energy_kwh=round(whole / JOULES_PER_KWH, 4),
        money=round(cost(whole, settings.tariff), 4),
        currency=settings.currency,
        covers=covers(settings.extra_watts, used.measured).english,
    )


def readme(card: Card, quantisation: str) -> str:
    """Return the card as Markdown, with the front matter that the Hub reads."""
    base = card.base
    lines = [  # not shown: read by others
        *heading(card, "peft"),
        f"A LoRA adapter for **{base.name}**. It works only with this base model: keep both.",
        "",
        *fact_lines(card),
        "",
        _USE.format(base=base.name, quantisation=_LOADING if quantisation == "nf4" else ""),
    ]
    return "\n".join(lines) + "\n"


def heading(card: Card, library: str) -> list[str]:
    """Return the front matter that the Hub reads, and the title."""
    return [  # not shown: read by others
        "---",
        f"library_name: {library}",
        f"license: {card.base.licence}",
        f"base_model: {card.base.name}",
        "---",
        f"# {card.name}",
        "",
    ]


def fact_lines(card: Card) -> list[str]:
    """Return the table of what is known, as lines of Markdown."""
    base, data, training = card.base, card.data, card.training
    counts = ", ".join(f"{part} {count}" for part, count in data.counts.items())
    return [  # not shown: read by others
        "| fact | value |",
        "|---|---|",
        f"| base model | {base.name} ({base.architecture}, licence {base.licence}) |",
        f"| base fingerprint | `{base.fingerprint}` |",
        f"| dataset version | `{data.content_hash}` ({counts}) |",
        *(["| learned from | ratings, after the examples |"] if training.preferences else []),
        f"| steps | {training.steps} of {training.total_steps}, best at {training.best_step} |",
        f"| time | {training.seconds / 60:.1f} min on {training.device} |",
        *_score_lines(card.scores),
        *_cost_lines(card.cost),
    ]


_USE = (  # not shown: read by others
    """## Use

```python
import torch
from peft import PeftModel
from transformers import (
    AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, GenerationConfig)

base = AutoModelForCausalLM.from_pretrained("PATH/TO/{base}", dtype=torch.bfloat16{quantisation})
model = PeftModel.from_pretrained(base, "PATH/TO/THIS/FOLDER")
tokenizer = AutoTokenizer.from_pretrained("PATH/TO/THIS/FOLDER")  # with the chat template
ends = GenerationConfig.from_pretrained("PATH/TO/THIS/FOLDER")  # where its answers end

question = tokenizer.apply_chat_template(
    [{{"role": "user", "content": "…"}}], add_generation_prompt=True, tokenize=False)
tokens = tokenizer(question, add_special_tokens=False, return_tensors="pt").to(model.device)
answer = model.generate(
    input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"],
    generation_config=ends, max_new_tokens=500)
print(tokenizer.decode(answer[0, tokens["input_ids"].shape[1]:], skip_special_tokens=True))
```

It was tried with transformers 4.57 and 5. `training_config.yaml` holds the settings, `card.json`
all facts, `proof.json` how this folder was loaded again and compared before it was saved,
`manifest.json` the SHA-256 of every file.
"""
)


_LOADING = (  # not shown: read by others
    """,
    quantization_config=BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16)"""
)


def _score_lines(scores: EvaluationResult | None) -> list[str]:
    if scores is None:
        return []
    base, tuned = scores.base, scores.tuned
    measured = measured_on(scores.part, scores.examples, nested=scores.nested).english
    lines = [  # not shown: read by others
        f"| perplexity on {measured} | {base.perplexity:.2f} before, {tuned.perplexity:.2f} after |"
    ]
    if base.format_share is not None and tuned.format_share is not None:
        lines.append(  # not shown: read by others
            f"| answers in the requested format | {base.format_share:.0%} before, "
            f"{tuned.format_share:.0%} after |"
        )
    return lines


def _cost_lines(costs: Cost | None) -> list[str]:
    if costs is None:
        return []
    price = money(costs.money, costs.currency).english
    used = f"{costs.energy_kwh:.3f} kWh"
    return [f"| energy ({costs.covers}) | {used}, {price} |"]  # not shown: read by others

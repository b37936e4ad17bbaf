"""The papers of an export: what it is, what it was made from, how well it did.

They are in English in every language of the application, since others read them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.evaluation.job import Tuned
from core.evaluation.metrics import measured_on
from core.evaluation.stored import read_evaluation
from core.hardware.energy import JOULES_PER_KWH, Usage, cost, covers, money
from core.models.inspection import inspect_model
from core.ordinary import is_ordinary_file
from core.settings import load_settings


def card_facts(tuned: Tuned) -> dict[str, Any]:
    """Return everything that is known about the fine-tune, as ``card.json`` holds it.

    Keys: ``name``, ``base`` (name, fingerprint, licence, architecture), ``data`` (hash, counts,
    receipt), ``training`` (facts of the run), ``scores`` (evaluation, if there was one), ``cost``
    (kWh and money, only where power was measured).
    """
    base = inspect_model(Path(tuned.facts["base_model"]))
    scores = read_evaluation(tuned.run) if is_ordinary_file(tuned.run.evaluation_file) else None
    if scores:
        scores.pop("answers", None)
    return {
        "name": tuned.project.name,
        "base": {
            "name": base.name,
            "architecture": base.architecture,
            "licence": base.licence,
            "fingerprint": base.fingerprint,
            "contents": tuned.facts.get("base_contents", ""),
        },
        "data": {
            "content_hash": tuned.version.content_hash,
            "counts": tuned.version.counts,
        },
        "training": {**tuned.facts, "base_model": base.name},
        "scores": scores,
        "cost": _cost(tuned.facts),
    }


def _cost(training: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing is claimed where power could not be read."""
    joules = training.get("energy_joules")
    if joules is None:
        return None
    settings = load_settings()
    seconds, missed = (training.get(f"energy_{name}") or 0.0 for name in ("seconds", "missed"))
    used = Usage(joules, seconds, missed)
    whole = used.whole(settings.extra_watts)
    return {
        "energy_kwh": round(whole / JOULES_PER_KWH, 4),
        "money": round(cost(whole, settings.tariff), 4),
        "currency": settings.currency,
        "covers": covers(settings.extra_watts, used.measured).english,
    }


def readme(facts: dict[str, Any]) -> str:
    """Return the card as Markdown, with the front matter that the Hub reads."""
    base, data, training = facts["base"], facts["data"], facts["training"]
    counts = ", ".join(f"{part} {count}" for part, count in data["counts"].items())
    lines = [  # not shown: read by others
        "---",
        "library_name: peft",
        f"license: {base['licence']}",
        f"base_model: {base['name']}",
        "---",
        f"# {facts['name']}",
        "",
        f"A LoRA adapter for **{base['name']}**. It works only with this base model: keep both.",
        "",
        "| fact | value |",
        "|---|---|",
        f"| base model | {base['name']} ({base['architecture']}, licence {base['licence']}) |",
        f"| base fingerprint | `{base['fingerprint']}` |",
        f"| dataset version | `{data['content_hash']}` ({counts}) |",
        f"| steps | {training['steps']} of {training['total_steps']}, best at "
        f"{training['best_step']} |",
        f"| time | {training['seconds'] / 60:.1f} min on {training['device']} |",
        *_score_lines(facts["scores"]),
        *_cost_lines(facts["cost"]),
        "",
        _USE.format(base=base["name"], quantisation=_loading(training)),
    ]
    return "\n".join(lines) + "\n"


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


def _loading(training: dict[str, Any]) -> str:
    if training.get("quantisation", "nf4") != "nf4":
        return ""
    return (  # not shown: read by others
        """,
    quantization_config=BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16)"""
    )


def _score_lines(scores: dict[str, Any] | None) -> list[str]:
    if not scores:
        return []
    base, tuned = scores["base"], scores["tuned"]
    measured = measured_on(scores["part"], scores["examples"]).english
    lines = [  # not shown: read by others
        f"| perplexity on {measured} | "
        f"{base['perplexity']:.2f} before, {tuned['perplexity']:.2f} after |"
    ]
    if tuned.get("format_share") is not None:
        lines.append(  # not shown: read by others
            f"| answers in the wanted format | {base['format_share']:.0%} before, "
            f"{tuned['format_share']:.0%} after |"
        )
    return lines


def _cost_lines(costs: dict[str, Any] | None) -> list[str]:
    if not costs:
        return []
    price = money(costs["money"], costs["currency"]).english
    used = f"{costs['energy_kwh']:.3f} kWh"
    return [f"| energy ({costs['covers']}) | {used}, {price} |"]  # not shown: read by others

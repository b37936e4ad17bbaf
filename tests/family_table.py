"""Which families the installed transformers knows: what ``resources/families.json`` must hold.

    python -m tests.family_table      write it again, after another version of transformers

It is a file because the window, which looks into model folders, never loads transformers.
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "resources" / "families.json"
_NO_DECODERS = """
bart bert bert-generation big_bird bigbird_pegasus blenderbot blenderbot-small camembert
data2vec-text electra ernie gemma4_assistant gemma4_unified_assistant git got_ocr2 marian
mbart megatron-bert moshi moss_transcribe_diarize musicgen musicgen_melody mvp pegasus plbart
prophetnet reformer rembert roberta roberta-prelayernorm roc_bert roformer trocr whisper xlm
xlm-roberta xlm-roberta-xl xlnet xmod
"""  # encoders, halves of translators, drafters, and models of speech and sound
_WITH_PICTURES = """
aria aya_vision cohere2_vision exaone4_5 gemma3 gemma3n gemma4 gemma4_unified glm4v
granite4_vision idefics2 idefics3 internvl lfm2_vl lfm3_vl llama4 llava llava_next
llava_onevision mistral3 mllama ovis2 paligemma perception_lm qwen2_5_vl qwen2_vl qwen3_5
qwen3_5_moe qwen3_vl qwen3_vl_moe qwen4_exp smolvlm vipllava
"""  # their text part is trained


def known_to_transformers() -> dict[str, Any]:
    """Return the table as it must be for the installed version."""
    import transformers
    from transformers.models.auto import modeling_auto as auto

    causal = dict(auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
    pictures = dict(auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES)
    models = {kind: name for kind, name in causal.items() if kind not in _NO_DECODERS.split()}
    models |= {kind: pictures[kind] for kind in _WITH_PICTURES.split() if kind not in models}
    also = {k: pictures[k] for k in _WITH_PICTURES.split() if models[k] != pictures.get(k)}
    eager = [k for k, name in models.items() if not getattr(transformers, name)._supports_sdpa]
    return {
        "classes": dict(sorted(models.items())),
        "also": {kind: name for kind, name in sorted(also.items()) if kind in pictures},
        "eager": sorted(eager),
        "experts": sorted(k for k, name in models.items() if _has_experts(transformers, name)),
    }


def _has_experts(transformers: Any, class_name: str) -> bool:
    """Whether a family's experts are in the one layout that all mixtures share by now."""
    source = sys.modules[getattr(transformers, class_name).__module__]
    return "@use_experts_implementation" in inspect.getsource(source)


if __name__ == "__main__":
    FILE.write_text(json.dumps(known_to_transformers(), indent=1) + "\n", encoding="utf-8")

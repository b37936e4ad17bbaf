"""What anybody would do with an export: nothing of this project is imported here.

Usage: python export_reader.py BASE EXPORT; prints one JSON document.
"""

import json
import sys
from pathlib import Path

import bitsandbytes.nn.modules
import peft
import torch
import transformers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    GenerationConfig,
)

MOST_TOKENS = 120


def main(base_folder: str, export: str) -> dict[str, object]:
    """Load the export on its base; return whether it reads, renders, computes and stops alike."""
    # Else bitsandbytes rounds the scales of the weights, on some processors only.
    bitsandbytes.nn.modules.has_avx512bf16 = lambda: False
    four_bits = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    base = AutoModelForCausalLM.from_pretrained(
        base_folder, dtype=torch.bfloat16, quantization_config=four_bits
    )
    model = peft.PeftModel.from_pretrained(base, export).eval()
    tokenizer = AutoTokenizer.from_pretrained(export)
    settings = GenerationConfig.from_pretrained(export)
    proof = json.loads((Path(export) / "proof.json").read_text(encoding="utf-8"))
    prompts = [
        tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        for chat in proof["chats"]
    ]
    ids = [tokenizer(prompt, add_special_tokens=False)["input_ids"] for prompt in prompts]
    tokens = torch.tensor([ids[0]])
    with torch.no_grad():
        answer = model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            generation_config=settings,
            max_new_tokens=MOST_TOKENS,
        )[0, tokens.shape[1] :]
    ends = settings.eos_token_id
    return {
        "transformers": transformers.__version__,
        "peft": peft.__version__,
        "same_text": prompts == proof["prompts"],
        "same_ids": ids == proof["ids"],
        "answer": tokenizer.decode(answer, skip_special_tokens=True).strip(),
        "expected": proof["answer"],
        "tokens": len(answer),
        "ended": int(answer[-1]) in (ends if isinstance(ends, list) else [ends]),
        "last": tokenizer.convert_ids_to_tokens(int(answer[-1])),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:]), ensure_ascii=False) + "\n")

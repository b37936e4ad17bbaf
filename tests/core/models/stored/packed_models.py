"""Tiny models in the formats in which large ones are published: FP8 in blocks, MXFP4."""

import json

import torch
from safetensors.torch import load_file, save_file


def to_fp8(folder, block=32):
    """Store the linears of a folder's model in 8 bits; return the weights that they then hold."""
    path, held, stored = folder / "model.safetensors", {}, {}
    for name, tensor in load_file(path).items():
        if "_proj.weight" not in name:
            stored[name] = tensor
            continue
        rows, columns = (-(-size // block) for size in tensor.shape)
        padded = torch.zeros(rows * block, columns * block)
        padded[: tensor.shape[0], : tensor.shape[1]] = tensor.float()
        grid = padded.view(rows, block, columns, block)
        scales = grid.abs().amax((1, 3)).clamp(min=1e-6) / 448
        small = (grid / scales[:, None, :, None]).to(torch.float8_e4m3fn)
        whole = (small.float() * scales[:, None, :, None]).view(padded.shape)
        held[name] = whole[: tensor.shape[0], : tensor.shape[1]].to(torch.bfloat16)
        small = small.view(padded.shape)[: tensor.shape[0], : tensor.shape[1]].contiguous()
        stored |= {name: small, f"{name}_scale_inv": scales}
    save_file(stored, path, {"format": "pt"})
    _say(folder, {"quant_method": "fp8", "weight_block_size": [block, block]})
    return held


def to_mxfp4(folder, seed=1):
    """Give the experts of a folder's gpt-oss random values of 4 bits; return what they are."""
    path, held = folder / "model.safetensors", {}
    stored = load_file(path)
    dice = torch.Generator().manual_seed(seed)
    levels = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6])
    levels = torch.cat((levels, -levels))
    for name in [n for n in stored if n.endswith(("gate_up_proj", "down_proj"))]:
        count, inputs, outputs = stored.pop(name).shape
        codes = torch.randint(0, 16, (count, outputs, inputs // 32, 32), generator=dice)
        exponents = torch.randint(121, 125, codes.shape[:-1], generator=dice)
        values = levels[codes] * torch.exp2(exponents.float() - 127)[..., None]
        held[name] = values.flatten(-2).transpose(1, 2).to(torch.bfloat16)
        low, high = codes[..., ::2], codes[..., 1::2]
        stored[f"{name}_blocks"] = (low + 16 * high).to(torch.uint8)
        stored[f"{name}_scales"] = exponents.to(torch.uint8)
    save_file(stored, path, {"format": "pt"})
    _say(folder, {"quant_method": "mxfp4", "modules_to_not_convert": ["model.embed_tokens"]})
    return held


def _say(folder, packed):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "quantization_config": packed}))

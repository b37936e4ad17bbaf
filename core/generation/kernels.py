"""Triton kernels for a few rows: products with 4-bit weights, and each row's own adapter.

bitsandbytes has a kernel for one row; for more it writes the whole weight out in 16 bits, which
takes eight times the memory traffic of reading it. Here up to 16 rows share one reading. The 16
codes are unpacked as bf16; the scale of a block of 64 weights is applied, in float32, to what the
block adds up to.

Shapes: m rows, K inputs, N outputs, S parts of K that are summed apart, F fine-tunes, R ranks.
"""
# mypy: ignore-errors
# ruff: noqa: N803, PLR0917
# WORKAROUND: Triton reads the source of the decorated functions, so they take no annotations but
# its own, and its constants are written in capitals.

from __future__ import annotations

import torch
import triton
import triton.language as tl

MOST_ROWS = 16
_BLOCK = 64


NF4 = (
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
    -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
    0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
)  # fmt: skip
"""What the 16 codes stand for (Dettmers et al., 2023, *QLoRA*), in the numbers of bitsandbytes."""


def _unpacking() -> str:
    """Return PTX that turns four bytes of codes ($4) into four pairs of bf16 ($0 to $3).

    ``prmt`` looks four codes up at once in a table of eight bytes. So each byte of the 16 bf16
    takes two looks, for codes below 8 and for the others, of which bit 3 of the code chooses. The
    first weight of a byte is its high half and becomes the low half of the pair.
    """
    bits = torch.tensor(NF4).to(torch.bfloat16).view(torch.int16).int() & 0xFFFF
    lines = [".reg .b32 a,b,m,n,u,v,h,l,z,h0,h1,h2,h3,l0,l1,l2,l3;", "mov.b32 z, 0;"]
    for name, some in (("h", bits >> 8), ("l", bits & 0xFF)):
        for i, four in enumerate(some.view(4, 4).tolist()):
            word = sum(byte << (8 * place) for place, byte in enumerate(four))
            lines.append(f"mov.b32 {name}{i}, {word:#x};")
    lines += [
        "and.b32 a, $4, 0x77777777;",
        "shr.u32 b, a, 16;",
        "shr.u32 m, $4, 3;",
        "and.b32 m, m, 0x11111111;",
        "shr.u32 n, m, 16;",
        "mov.b32 u, 0xff00;",  # a byte of ones where bit 3 is set
        "prmt.b32 m, u, z, m;",
        "prmt.b32 n, u, z, n;",
    ]
    for codes, mask, first in (("a", "m", 0), ("b", "n", 2)):
        for name in "hl":
            lines += [
                f"prmt.b32 u, {name}0, {name}1, {codes};",
                f"prmt.b32 v, {name}2, {name}3, {codes};",
                f"lop3.b32 {name}, u, v, {mask}, 0xd8;",  # mask ? v : u
            ]
        lines += [f"prmt.b32 ${first}, l, h, 0x4051;", f"prmt.b32 ${first + 1}, l, h, 0x6273;"]
    return "{ " + " ".join(lines) + " }"


_UNPACK = tl.constexpr(_unpacking())


@triton.jit
def _few_rows(
    x, packed, scales, codes, coarse, offset, out, ROWS, N, K, PER_SPLIT,
    NESTED: tl.constexpr, BLOCK_N: tl.constexpr, M: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    split = tl.program_id(1)
    rows = tl.arange(0, M)
    word = tl.arange(0, 8)  # a block of 64 weights has 8 words of 8
    whole = tl.arange(0, 64)
    inside = n < N
    blocks = K // 64
    number = n * blocks
    from_packed = packed + n.to(tl.int64)[:, None] * (K // 8) + word[None, :]
    from_x = x + rows[:, None] * K + whole[None, :]
    reads = (rows < ROWS)[:, None] & (whole < 64)[None, :]
    acc = tl.zeros([BLOCK_N, M], dtype=tl.float32)
    wide = tl.load(offset) if NESTED else 0.0
    first = split * PER_SPLIT
    for b in range(first, tl.minimum(first + PER_SPLIT, blocks)):
        eight = tl.load(from_packed + b * 8, mask=inside[:, None], other=0)
        p0, p1, p2, p3 = tl.inline_asm_elementwise(
            _UNPACK, "=&r,=&r,=&r,=&r,r", [eight],
            dtype=(tl.int32, tl.int32, tl.int32, tl.int32), is_pure=True, pack=1,
        )  # fmt: skip
        pair = tl.reshape(tl.join(tl.join(p0, p2), tl.join(p1, p3)), (BLOCK_N, 32))
        even = (pair << 16).to(tl.float32, bitcast=True).to(tl.bfloat16)
        odd = (pair & -65536).to(tl.float32, bitcast=True).to(tl.bfloat16)
        some = tl.load(from_x + b * 64, mask=reads, other=0.0)
        x_even, x_odd = tl.split(tl.reshape(some, (M, 32, 2)))
        part = tl.dot(even, tl.trans(x_even))
        part = tl.dot(odd, tl.trans(x_odd), part)
        if NESTED:
            fine = tl.load(codes + tl.load(scales + number + b, mask=inside, other=0).to(tl.int32))
            s = fine * tl.load(coarse + (number + b) // 256, mask=inside, other=0.0) + wide
        else:
            s = tl.load(scales + number + b, mask=inside, other=0.0)
        acc += part * s[:, None]
    to = out + (split * ROWS + rows[None, :]) * N + n[:, None]
    tl.store(to, acc, mask=(rows < ROWS)[None, :] & inside[:, None])


def few_rows(x, weight):
    """Return the parts [S, m, N] in float32 that sum to ``x`` [m, K] times an NF4 weight [N, K].

    S is enough to fill the card.

    Args:
        x: bf16, m up to ``MOST_ROWS``.
    """
    state = weight.quant_state
    size, width = state.shape
    total = width // _BLOCK
    block = 128
    programs = 4 * torch.cuda.get_device_properties(x.device).multi_processor_count
    splits = max(1, min(16, programs // triton.cdiv(size, block), total // 2))
    per_split = triton.cdiv(total, splits)
    splits = triton.cdiv(total, per_split)
    out = torch.empty(splits, x.shape[0], size, dtype=torch.float32, device=x.device)
    nested = state.nested
    _few_rows[(triton.cdiv(size, block), splits)](
        x, weight.data.view(-1).view(torch.int32), state.absmax, state.state2.code if nested else x,
        state.state2.absmax if nested else x, state.offset if nested else x, out,
        x.shape[0], size, width, per_split,
        NESTED=nested, BLOCK_N=block, M=MOST_ROWS, num_warps=4, num_stages=1,
    )  # fmt: skip
    return out


@triton.jit
def _reduced(x, a, index, out, K, R: tl.constexpr, BLOCK_K: tl.constexpr):
    row, rank = tl.program_id(0), tl.program_id(1)
    chosen = tl.load(index + row).to(tl.int64)
    from_a = a + (chosen * R + rank) * K
    acc = tl.zeros([BLOCK_K], dtype=tl.float32)
    for k in range(0, K, BLOCK_K):
        at = k + tl.arange(0, BLOCK_K)
        some = tl.load(x + row * K + at, mask=at < K, other=0.0).to(tl.float32)
        acc += some * tl.load(from_a + at, mask=at < K, other=0.0).to(tl.float32)
    tl.store(out + row * R + rank, tl.sum(acc, 0))


def reduced(x, a, index):
    """Return ``x`` [m, K] times each row's own A, [m, R] in float32.

    Args:
        a: [F, R, K].
        index: [m], which of them.
    """
    rows, width = x.shape
    rank = a.shape[1]
    out = torch.empty(rows, rank, dtype=torch.float32, device=x.device)
    _reduced[(rows, rank)](x, a, index, out, width, R=rank, BLOCK_K=1024, num_warps=4)
    return out


@triton.jit
def _finished(
    parts, low, b, index, bias, out, ROWS, N, SPLITS, R: tl.constexpr, RANKS: tl.constexpr,
    ADAPTED: tl.constexpr, BIAS: tl.constexpr, BLOCK_N: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0)
    n = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    inside = n < N
    acc = tl.zeros([BLOCK_N], dtype=tl.float32)
    for s in range(SPLITS):
        acc += tl.load(parts + (s * ROWS + row) * N + n, mask=inside, other=0.0)
    if ADAPTED:
        ranks = tl.arange(0, RANKS)
        chosen = tl.load(index + row).to(tl.int64)
        h = tl.load(low + row * R + ranks, mask=ranks < R, other=0.0)
        at = (chosen * N + n)[:, None] * R + ranks[None, :]
        mine = tl.load(b + at, mask=inside[:, None] & (ranks < R)[None, :], other=0.0)
        acc += tl.sum(mine.to(tl.float32) * h[None, :], 1)
    if BIAS:
        acc += tl.load(bias + n, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + row * N + n, acc, mask=inside)


def finished(parts, dtype, bias=None, adapters=None):
    """Return the sum of ``parts`` [S, m, N], with bias [N] and each row's adapter, as [m, N].

    Args:
        adapters: (x A^T [m, R] from :func:`reduced`, B [F, N, R], index [m]).
    """
    splits, rows, size = parts.shape
    out = torch.empty(rows, size, dtype=dtype, device=parts.device)
    low, b, index = adapters or (parts, parts, parts)
    rank = b.shape[-1] if adapters else 1
    block = 128
    _finished[(rows, triton.cdiv(size, block))](
        parts, low, b, index, parts if bias is None else bias, out, rows, size, splits,
        R=rank, RANKS=triton.next_power_of_2(rank), ADAPTED=adapters is not None,
        BIAS=bias is not None, BLOCK_N=block, num_warps=4,
    )  # fmt: skip
    return out


@triton.jit
def _rms_norm(h, w, out, cols, eps, offset, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, BLOCK)
    inside = at < cols
    x = tl.load(h + row * cols + at, mask=inside, other=0.0).to(tl.float32)
    x = x / tl.sqrt(tl.sum(x * x, 0) / cols + eps)
    scale = tl.load(w + at, mask=inside, other=0.0).to(tl.float32) + offset
    tl.store(out + row * cols + at, x * scale, mask=inside)


def rms_norm(h, weight, eps, offset):
    """Return the norm of ``h`` [m, K], which is contiguous, times (``weight`` [K] + offset)."""
    rows, cols = h.shape
    out = torch.empty_like(h)
    block = triton.next_power_of_2(cols)
    warps = 8 if block >= 2048 else 4
    _rms_norm[(rows,)](h, weight, out, cols, eps, offset, BLOCK=block, num_warps=warps)
    return out

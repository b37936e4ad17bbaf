"""Triton kernels and their launchers; each has a plain PyTorch twin in the module that calls it.

All arithmetic is fp32 in registers; what is stored is rounded once.
"""
# mypy: ignore-errors
# ruff: noqa: N803, PLR0917
# WORKAROUND: Triton reads the source of the decorated functions, so they take no annotations but
# its own, and its constants are written in capitals.

from __future__ import annotations

import torch
import triton
import triton.language as tl


@triton.jit
def _rms_norm(h, w, out, rstd, cols, h_stride, out_stride, eps, offset, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, BLOCK)
    inside = at < cols
    x = tl.load(h + row * h_stride + at, mask=inside, other=0.0).to(tl.float32)
    r = 1.0 / tl.sqrt(tl.sum(x * x, 0) / cols + eps)
    scale = tl.load(w + at, mask=inside, other=0.0).to(tl.float32) + offset
    tl.store(out + row * out_stride + at, x * r * scale, mask=inside)
    tl.store(rstd + row, r)


def rms_norm(h, weight, eps, offset, out):
    """Write the norm of ``h`` [T, K] into ``out`` (rows may be strided); returns rstd [T]."""
    rows, cols = h.shape
    rstd = torch.empty(rows, dtype=torch.float32, device=h.device)
    block = triton.next_power_of_2(cols)
    _rms_norm[(rows,)](
        h, weight, out, rstd, cols, h.stride(0), out.stride(0), eps, offset,
        BLOCK=block, num_warps=8 if block >= 2048 else 4,
    )  # fmt: skip
    return rstd


@triton.jit
def _rms_norm_backward(
    dx, h, w, rstd, residual, out, cols, dx_stride, h_stride, residual_stride, out_stride, offset,
    RESIDUAL: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, BLOCK)
    inside = at < cols
    r = tl.load(rstd + row)
    normed = tl.load(h + row * h_stride + at, mask=inside, other=0.0).to(tl.float32) * r
    scale = tl.load(w + at, mask=inside, other=0.0).to(tl.float32) + offset
    g = tl.load(dx + row * dx_stride + at, mask=inside, other=0.0).to(tl.float32) * scale
    result = r * (g - normed * (tl.sum(g * normed, 0) / cols))
    if RESIDUAL:
        beside = tl.load(residual + row * residual_stride + at, mask=inside, other=0.0)
        result += beside.to(tl.float32)
    tl.store(out + row * out_stride + at, result, mask=inside)


def rms_norm_backward(dx, h, rstd, weight, offset, residual, out):
    """Write d loss / d ``h``, plus ``residual`` where there is one, into ``out`` [T, K].

    The rows of each may be strided, as those of a part of a wider product are.
    """
    rows, cols = h.shape
    block = triton.next_power_of_2(cols)
    beside = dx if residual is None else residual
    _rms_norm_backward[(rows,)](
        dx, h, weight, rstd, beside, out, cols, dx.stride(0), h.stride(0), beside.stride(0),
        out.stride(0), offset, RESIDUAL=residual is not None, BLOCK=block,
        num_warps=8 if block >= 2048 else 4,
    )  # fmt: skip


@triton.jit
def _rotate(
    src, dst, cos, sin, heads, s_row, s_head, d_row, d_head, table, sign,
    HALF: tl.constexpr, HEADS: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    head = tl.arange(0, HEADS)[:, None]
    at = tl.arange(0, HALF)[None, :]
    inside = head < heads
    c = tl.load(cos + row * table + at).to(tl.float32)
    s = tl.load(sin + row * table + at).to(tl.float32) * sign
    first = src + row * s_row + head * s_head + at
    a = tl.load(first, mask=inside).to(tl.float32)
    b = tl.load(first + HALF, mask=inside).to(tl.float32)
    to = dst + row * d_row + head * d_head + at
    tl.store(to, a * c - b * s, mask=inside)
    tl.store(to + HALF, b * c + a * s, mask=inside)


def rotate(src, dst, cos, sin, sign):
    """Turn the first P of D in ``src`` [T, H, D] into ``dst``, which may be ``src``.

    ``cos`` is [T, P / 2], of which P / 2 is a power of 2.
    """
    rows, heads = src.shape[:2]
    _rotate[(rows,)](
        src, dst, cos, sin, heads, src.stride(0), src.stride(1), dst.stride(0), dst.stride(1),
        cos.stride(0), sign, HALF=cos.shape[1], HEADS=triton.next_power_of_2(heads),
    )  # fmt: skip


@triton.jit
def _turn_back(src, dst, c, s, heads, HALF: tl.constexpr, HEADS: tl.constexpr):
    head = tl.arange(0, HEADS)[:, None]
    at = tl.arange(0, HALF)[None, :]
    inside = head < heads
    first = head * (2 * HALF) + at
    a = tl.load(src + first, mask=inside).to(tl.float32)
    b = tl.load(src + first + HALF, mask=inside).to(tl.float32)
    tl.store(dst + first, a * c + b * s, mask=inside)
    tl.store(dst + first + HALF, b * c - a * s, mask=inside)


@triton.jit
def _gather_heads(
    dq, dk, dv, out, cos, sin, q_heads, k_heads, table,
    HALF: tl.constexpr, Q_HEADS: tl.constexpr, K_HEADS: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    width = (q_heads + 2 * k_heads) * (2 * HALF)
    q_width, k_width = q_heads * (2 * HALF), k_heads * (2 * HALF)
    at = tl.arange(0, HALF)[None, :]
    c = tl.load(cos + row * table + at).to(tl.float32)
    s = tl.load(sin + row * table + at).to(tl.float32)
    to = out + row * width
    _turn_back(dq + row * q_width, to, c, s, q_heads, HALF, Q_HEADS)
    _turn_back(dk + row * k_width, to + q_width, c, s, k_heads, HALF, K_HEADS)
    copied = tl.arange(0, K_HEADS * 2 * HALF)
    values = tl.load(dv + row * k_width + copied, mask=copied < k_width)
    tl.store(to + q_width + k_width + copied, values, mask=copied < k_width)


def gather_heads(dq, dk, dv, cos, sin, out):
    """Turn dq [T, H, D] and dk [T, G, D] back and lay them and dv side by side in ``out``."""
    rows, q_heads, dim = dq.shape
    k_heads = dk.shape[1]
    _gather_heads[(rows,)](
        dq, dk, dv, out, cos, sin, q_heads, k_heads, cos.stride(0), HALF=dim // 2,
        Q_HEADS=triton.next_power_of_2(q_heads), K_HEADS=triton.next_power_of_2(k_heads),
    )  # fmt: skip


@triton.jit
def _inner(g, GELU: tl.constexpr):
    """Either activation is g * sigmoid(inner(g)): tanh x = 2 sigmoid 2x - 1."""
    return 1.5957691216057308 * (g + 0.044715 * g * g * g) if GELU else g


@triton.jit
def _gate(gate_up, out, cols, stride, GELU: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = at < cols
    g = tl.load(gate_up + row * 2 * cols + at, mask=inside, other=0.0).to(tl.float32)
    u = tl.load(gate_up + row * 2 * cols + cols + at, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + row * stride + at, g * tl.sigmoid(_inner(g, GELU)) * u, mask=inside)


def gate(gate_up, out, activation):
    """``out`` [T, F] = activation(gate) * up, side by side in ``gate_up`` [T, 2F]."""
    rows, cols = out.shape
    grid = (rows, triton.cdiv(cols, 2048))
    gelu = activation == "gelu_tanh"
    _gate[grid](gate_up, out, cols, out.stride(0), GELU=gelu, BLOCK=2048, num_warps=8)


@triton.jit
def _gate_backward(gate_up, d_out, cols, GELU: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = at < cols
    gate = gate_up + row * 2 * cols + at
    g = tl.load(gate, mask=inside, other=0.0).to(tl.float32)
    u = tl.load(gate + cols, mask=inside, other=0.0).to(tl.float32)
    d = tl.load(d_out + row * cols + at, mask=inside, other=0.0).to(tl.float32)
    s = tl.sigmoid(_inner(g, GELU))
    steep = 1.5957691216057308 * (1 + 0.134145 * g * g) if GELU else 1.0
    active = g * s
    tl.store(gate, d * u * s * (1 + g * (1 - s) * steep), mask=inside)
    tl.store(gate + cols, d * active, mask=inside)
    tl.store(d_out + row * cols + at, active * u, mask=inside)


def gate_backward(gate_up, d_out, activation):
    """In place: ``gate_up`` [T, 2F] becomes its gradient, ``d_out`` [T, F] the forward output."""
    rows, cols = d_out.shape
    grid = (rows, triton.cdiv(cols, 2048))
    gelu = activation == "gelu_tanh"
    _gate_backward[grid](gate_up, d_out, cols, GELU=gelu, BLOCK=2048, num_warps=8)


@triton.jit
def _nf4(
    packed, scales, scale_code, scale_scales, offset, code, out, tile, blocks, per_row, stride,
    NESTED: tl.constexpr, NESTED_BLOCK: tl.constexpr, HALF: tl.constexpr, BLOCKS: tl.constexpr,
):  # fmt: skip
    block = tile * BLOCKS + tl.arange(0, BLOCKS)
    inside = block < blocks
    scale = tl.load(scales + block, mask=inside)
    if NESTED:
        outer = tl.load(scale_scales + block // NESTED_BLOCK, mask=inside)
        scale = tl.load(scale_code + scale.to(tl.int32), mask=inside) * outer + tl.load(offset)
    at = block[:, None] * HALF + tl.arange(0, HALF)[None, :]
    byte = tl.load(packed + at, mask=inside[:, None], other=0).to(tl.int32)
    high = tl.load(code + (byte >> 4)) * scale[:, None]
    low = tl.load(code + (byte & 15)) * scale[:, None]
    values = tl.reshape(tl.join(high, low), (BLOCKS, 2 * HALF))
    row = block // per_row
    start = row * stride + (block - row * per_row) * (2 * HALF)
    to = out + start[:, None] + tl.arange(0, 2 * HALF)[None, :]
    tl.store(to, values, mask=inside[:, None])


@triton.jit
def _place(b, values, row, col, rows, rank):
    inside = (row >= 0) & (row < rows) & (col >= 0) & (col < rank)
    return values + tl.load(b + row * rank + col, mask=inside, other=0.0)


@triton.jit
def _nf4_group(
    p0, s0, c0, n0, o0, k0, p1, s1, c1, n1, o1, k1, p2, s2, c2, n2, o2, k2, b0, b1, b2, out,
    rows0, rows1, rows2, rank0, rank1, rank2, per_row, stride, tiles0, tiles1, tiles,
    NESTED: tl.constexpr, NESTED_BLOCK: tl.constexpr, HALF: tl.constexpr, BLOCKS: tl.constexpr,
    EXTRA: tl.constexpr, ROWS: tl.constexpr,
):  # fmt: skip
    tile = tl.program_id(0)
    if tile < tiles0:
        _nf4(p0, s0, c0, n0, o0, k0, out, tile, rows0 * per_row, per_row, stride,
             NESTED, NESTED_BLOCK, HALF, BLOCKS)  # fmt: skip
    elif tile < tiles1:
        _nf4(p1, s1, c1, n1, o1, k1, out + rows0 * stride, tile - tiles0, rows1 * per_row,
             per_row, stride, NESTED, NESTED_BLOCK, HALF, BLOCKS)  # fmt: skip
    elif tile < tiles:
        _nf4(p2, s2, c2, n2, o2, k2, out + (rows0 + rows1) * stride, tile - tiles1,
             rows2 * per_row, per_row, stride, NESTED, NESTED_BLOCK, HALF, BLOCKS)  # fmt: skip
    elif EXTRA > 0:
        row = (tile - tiles) * ROWS + tl.arange(0, ROWS)[:, None]
        for start in tl.static_range(0, EXTRA, 64):
            col = start + tl.arange(0, 64)[None, :]
            values = tl.zeros((ROWS, 64), out.dtype.element_ty)
            values = _place(b0, values, row, col, rows0, rank0)
            values = _place(b1, values, row - rows0, col - rank0, rows1, rank1)
            values = _place(b2, values, row - rows0 - rows1, col - rank0 - rank1, rows2, rank2)
            to = out + row * stride + per_row * (2 * HALF) + col
            tl.store(to, values, mask=row < rows0 + rows1 + rows2)


def write_out(weights, out, adapters=()):
    """Write up to three 4-bit weights one below the other into ``out`` [N, K], in one launch.

    With ``adapters``, one B [N_i, r_i] for each weight, the memory behind each row of ``out`` gets
    their block diagonal, filled up with zeros.
    """
    states = [weight.quant_state for weight in weights]
    first, size = states[0], states[0].blocksize
    blocks = max(1, 2048 // size)
    per_row, extra = out.shape[1] // size, out.stride(0) - out.shape[1] if adapters else 0
    pointers, rows, ends = [], [0, 0, 0], [0, 0, 0]
    for i in range(3):
        weight, state = weights[min(i, len(weights) - 1)], states[min(i, len(weights) - 1)]
        inner = state.state2 if state.nested else state
        offset = state.offset if state.nested else state.absmax
        pointers += [weight, state.absmax, inner.code, inner.absmax, offset, state.code]
        rows[i] = state.shape[0] if i < len(weights) else 0
        ends[i] = (ends[i - 1] if i else 0) + triton.cdiv(rows[i] * per_row, blocks)
    b = [adapters[min(i, len(adapters) - 1)] if adapters else out for i in range(3)]
    ranks = [b[i].shape[1] if i < len(adapters) else 0 for i in range(3)]
    programs = ends[2] + (triton.cdiv(sum(rows), 64) if extra else 0)
    _nf4_group[(programs,)](
        *pointers, *b, out, *rows, *ranks, per_row, out.stride(0), *ends, NESTED=first.nested,
        NESTED_BLOCK=first.state2.blocksize if first.nested else 1, HALF=size // 2, BLOCKS=blocks,
        EXTRA=extra, ROWS=64, num_warps=2,
    )  # fmt: skip


@triton.jit
def _cross_entropy(
    logits, targets, losses, stride, COLS: tl.constexpr, GRADIENT: tl.constexpr, BLOCK: tl.constexpr
):
    row = tl.program_id(0).to(tl.int64)
    base = logits + row * stride
    target = tl.load(targets + row)
    target_logit = tl.load(base + target).to(tl.float32)
    highest = tl.full((BLOCK,), float("-inf"), tl.float32)
    total = tl.zeros((BLOCK,), tl.float32)
    for start in range(0, COLS, BLOCK):
        at = start + tl.arange(0, BLOCK)
        x = tl.load(base + at, mask=at < COLS, other=-1e30).to(tl.float32)
        above = tl.maximum(highest, x)
        total = total * tl.exp(highest - above) + tl.exp(x - above)
        highest = above
    top = tl.max(highest, 0)
    log_total = top + tl.log(tl.sum(total * tl.exp(highest - top), 0))
    tl.store(losses + row, log_total - target_logit)
    if GRADIENT:
        for start in range(0, COLS, BLOCK):
            at = start + tl.arange(0, BLOCK)
            x = tl.load(base + at, mask=at < COLS, other=-1e30).to(tl.float32)
            grad = tl.exp(x - log_total) - tl.where(at == target, 1.0, 0.0)
            tl.store(base + at, grad, mask=at < COLS)


def cross_entropy(logits, targets, gradient):
    """Losses [R] of ``logits`` [R, V]; with ``gradient`` the logits become their own gradient."""
    rows, cols = logits.shape
    losses = torch.empty(rows, dtype=torch.float32, device=logits.device)
    _cross_entropy[(rows,)](
        logits,
        targets,
        losses,
        logits.stride(0),
        COLS=cols,
        GRADIENT=gradient,
        BLOCK=4096,
        num_warps=8,
    )
    return losses


@triton.jit
def _rows_to_fp8(x, scale, out, stride, COLS: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    by = 1.0 / tl.load(scale + row)
    for start in range(0, COLS, BLOCK):
        at = start + tl.arange(0, BLOCK)
        values = tl.load(x + row * stride + at, mask=at < COLS, other=0.0).to(tl.float32) * by
        values = tl.minimum(tl.maximum(values, -448.0), 448.0)
        tl.store(out + row * COLS + at, values.to(out.dtype.element_ty), mask=at < COLS)


def rows_to_fp8(x, scale, out):
    """Write ``x`` [M, K], each row divided by its scale [M, 1], into ``out`` [M, K] (8 bits)."""
    rows, cols = x.shape
    _rows_to_fp8[(rows,)](x, scale, out, x.stride(0), COLS=cols, BLOCK=1024, num_warps=4)


@triton.jit
def _columns_to_fp8(x, scale, out, rows, cols, stride, SIDE: tl.constexpr):
    row = tl.program_id(0) * SIDE + tl.arange(0, SIDE)
    col = tl.program_id(1) * SIDE + tl.arange(0, SIDE)
    from_ = x + row[:, None].to(tl.int64) * stride + col[None, :]
    inside = (row[:, None] < rows) & (col[None, :] < cols)
    by = 1.0 / tl.load(scale + col, mask=col < cols, other=1.0)
    values = tl.load(from_, mask=inside, other=0.0).to(tl.float32) * by[None, :]
    values = tl.trans(tl.minimum(tl.maximum(values, -448.0), 448.0))
    to = out + col[:, None].to(tl.int64) * rows + row[None, :]
    tl.store(
        to, values.to(out.dtype.element_ty), mask=(col[:, None] < cols) & (row[None, :] < rows)
    )


def columns_to_fp8(x, scale, out):
    """Write the transpose of ``x`` [M, K], divided by its rows' scales [K, 1], into ``out``."""
    rows, cols = x.shape
    grid = (triton.cdiv(rows, 64), triton.cdiv(cols, 64))
    _columns_to_fp8[grid](x, scale, out, rows, cols, x.stride(0), SIDE=64, num_warps=4)

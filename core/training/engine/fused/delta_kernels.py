"""Triton kernels of gated delta-net layers; the plain PyTorch twin is ``engine.delta``.

The product before the states is read and its gradient written where the columns lie, without
copies. Sums are in fp32; factors of the large products are in the type of the product, as flash
attention has them. Shapes as in the twin: T tokens, H value heads of V, G key heads of D, W taps,
C tokens of a chunk, N chunks, each of one segment.

Source of the gradients: the chunked form of Yang et al., 2024, differentiated by hand. With the
system (I + A) c = r of a chunk, d r = (I + A)^-T d c =: y and d A = -y c^T.
"""
# mypy: ignore-errors
# ruff: noqa: N803, PLR0915, PLR0917
# WORKAROUND: Triton reads the source of the decorated functions, so they take no annotations but
# its own, and its constants are written in capitals.

from __future__ import annotations

import triton
import triton.language as tl

TOKENS = 32  # of a program that works token by token
VALUES = 64  # columns of a program that follows the states; 32 is miscompiled for Hopper


@triton.jit
def _product(a, b, EXACT: tl.constexpr):
    """Return a b in fp32; factors of 32 bits are rounded to TF32 unless EXACT."""
    if EXACT:
        return tl.dot(a, b, input_precision="ieee")
    return tl.dot(a, b)


@triton.jit
def _convolved(x, taps, places, row, stride, at, tokens, WIDTH: tl.constexpr):
    """Return the causal convolution of the rows ``row`` [R] of ``x`` in their segments [R, K]."""
    place = tl.load(places + row, mask=row < tokens, other=0)
    total = tl.zeros([row.shape[0], at.shape[0]], dtype=tl.float32)
    for back in tl.static_range(WIDTH):
        inside = (row < tokens) & (place >= back)
        tap = tl.load(taps + at * WIDTH + (WIDTH - 1 - back)).to(tl.float32)
        earlier = x + (row - back).to(tl.int64)[:, None] * stride + at[None, :]
        total += tl.load(earlier, mask=inside[:, None], other=0.0).to(tl.float32) * tap[None, :]
    return total


@triton.jit
def _taken(
    x, taps, places, out, tokens, stride, out_stride, scale,
    NORM: tl.constexpr, WIDTH: tl.constexpr, ROWS: tl.constexpr, K: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    at = tl.program_id(1) * K + tl.arange(0, K)
    before = _convolved(x, taps, places, row, stride, at, tokens, WIDTH)
    y = before * tl.sigmoid(before)
    if NORM:
        y = y * (tl.rsqrt(tl.sum(y * y, 1) + 1e-6) * scale)[:, None]
    to = out + row.to(tl.int64)[:, None] * out_stride + at[None, :]
    tl.store(to, y, mask=(row < tokens)[:, None])


def taken(x, taps, places, out, scale):
    """Write the heads of ``x`` [T, n K] into ``out`` [T, n, K]: convolved, through SiLU.

    Where ``scale`` is not 0, each head is brought to that length.
    """
    tokens, heads, size = out.shape
    _taken[(triton.cdiv(tokens, TOKENS), heads)](
        x, taps, places, out, tokens, x.stride(0), out.stride(0), scale,
        NORM=scale != 0, WIDTH=taps.shape[1], ROWS=TOKENS, K=size,
    )  # fmt: skip


@triton.jit
def _taken_back(
    x, taps, places, d, weight, out, tokens, stride, heads, scale,
    NORM: tl.constexpr, WIDTH: tl.constexpr, SERVED: tl.constexpr, ROWS: tl.constexpr,
    K: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    head = tl.program_id(1)
    at = head * K + tl.arange(0, K)
    inside = row < tokens
    before = _convolved(x, taps, places, row, stride, at, tokens, WIDTH)
    row = row.to(tl.int64)
    s = tl.sigmoid(before)
    g = tl.zeros([ROWS, K], dtype=tl.float32)
    for one in tl.static_range(SERVED):
        columns = (head * SERVED + one) * K + tl.arange(0, K)
        there = d + row[:, None] * (heads * SERVED * K) + columns[None, :]
        g += tl.load(there, mask=inside[:, None], other=0.0).to(tl.float32)
    if NORM:
        y = before * s
        r = tl.rsqrt(tl.sum(y * y, 1) + 1e-6)[:, None]
        g = scale * r * (g - y * (r * r * tl.sum(g * y, 1)[:, None]))
    else:
        g = g * tl.load(weight + row * heads + head, mask=inside, other=0.0)[:, None]
    g = g * s * (1.0 + before * (1.0 - s))
    tl.store(out + row[:, None] * (heads * K) + at[None, :], g, mask=inside[:, None])


@triton.jit
def _convolved_back(
    d, taps, places, d_x, tokens, width, stride,
    WIDTH: tl.constexpr, ROWS: tl.constexpr, K: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    at = tl.program_id(1) * K + tl.arange(0, K)
    total = tl.zeros([ROWS, K], dtype=tl.float32)
    for ahead in tl.static_range(WIDTH):  # the tokens that this one took part in
        later = row + ahead
        place = tl.load(places + later, mask=later < tokens, other=0)
        inside = (later < tokens) & (place >= ahead)
        tap = tl.load(taps + at * WIDTH + (WIDTH - 1 - ahead)).to(tl.float32)
        there = d + later.to(tl.int64)[:, None] * width + at[None, :]
        total += tl.load(there, mask=inside[:, None], other=0.0).to(tl.float32) * tap[None, :]
    to = d_x + row.to(tl.int64)[:, None] * stride + at[None, :]
    tl.store(to, total, mask=(row < tokens)[:, None])


def taken_back(x, taps, places, d, weight, d_x, size, scale):
    """Write the gradient of ``x`` [T, n K] into ``d_x``, from that of the heads that it became.

    ``d`` [T, H, K] has H / n heads for each; it is summed. Where ``scale`` is 0 it is multiplied by
    ``weight`` [T, H].
    """
    tokens, width, many = len(d), taps.shape[1], x.shape[1] // size
    grid = triton.cdiv(tokens, TOKENS), many
    before = x.new_empty(x.shape)
    _taken_back[grid](
        x, taps, places, d, weight, before, tokens, x.stride(0), many, scale,
        NORM=scale != 0, WIDTH=width, SERVED=d.shape[1] // many, ROWS=TOKENS, K=size,
    )  # fmt: skip
    _convolved_back[grid](
        before, taps, places, d_x, tokens, x.shape[1], d_x.stride(0),
        WIDTH=width, ROWS=TOKENS, K=size,
    )  # fmt: skip


@triton.jit
def _prepared(
    k, write, forget, rate, bias, begins, sizes, summed, weight, inverse, heads, served, stride,
    C: tl.constexpr, D: tl.constexpr, EXACT: tl.constexpr,
):  # fmt: skip
    chunk, head = tl.program_id(0).to(tl.int64), tl.program_id(1)
    i = tl.arange(0, C)
    row = tl.load(begins + chunk).to(tl.int64) + i
    inside = i < tl.load(sizes + chunk)
    f = tl.load(forget + row * stride + head, mask=inside, other=0.0).to(tl.float32)
    f += tl.load(bias + head).to(tl.float32)
    # softplus, without overflow
    soft = tl.maximum(f, 0.0) + tl.log(1.0 + tl.exp(-tl.abs(f)))
    decay = -tl.exp(tl.load(rate + head).to(tl.float32)) * soft
    g = tl.cumsum(tl.where(inside, decay, 0.0), 0)
    b = tl.sigmoid(tl.load(write + row * stride + head, mask=inside, other=0.0).to(tl.float32))
    b = tl.where(inside, b, 0.0)
    tl.store(summed + row * heads + head, g, mask=inside)
    tl.store(weight + row * heads + head, b, mask=inside)
    keys = k + row[:, None] * (heads // served * D) + head // served * D + tl.arange(0, D)[None, :]
    x = tl.load(keys, mask=inside[:, None], other=0.0)
    between = tl.where(i[:, None] > i[None, :], g[:, None] - g[None, :], float("-inf"))
    a = -_product(x, tl.trans(x), EXACT) * b[:, None] * tl.exp(between)
    for n in range(1, C):  # row by row: powers of A would lose all digits where keys are alike
        this = tl.sum(tl.where((i == n)[:, None], a, 0.0), 0)
        this += tl.sum(this[:, None] * a, 0)
        a = tl.where((i == n)[:, None], this[None, :], a)
    a += tl.where(i[:, None] == i[None, :], 1.0, 0.0)
    to = inverse + (chunk * heads + head) * C * C + i[:, None] * C + i[None, :]
    tl.store(to, a)


def prepared(k, write, forget, rate, bias, chunks, summed, weight, inverse):
    """Write what the chunks need beside queries, keys and values.

    Args:
        k: keys [T, G, D] of length 1.
        write, forget: columns [T, H] of the product.
        rate, bias: of forgetting [H].
        chunks: first token and number of tokens [N] of each.
        summed: logarithm of what is kept since the chunk's begin [T, H], out.
        weight: how much is written [T, H], out.
        inverse: of each chunk's system [N, H, C, C], out.
    """
    heads = write.shape[1]
    _prepared[(len(inverse), heads)](
        k, write, forget, rate, bias, *chunks, summed, weight, inverse, heads, heads // k.shape[1],
        write.stride(0), C=inverse.shape[-1], D=k.shape[-1], EXACT=k.element_size() == 4,
        num_warps=2,
    )  # fmt: skip


@triton.jit
def _chunk(begins, sizes, summed, weight, chunk, head, heads, C: tl.constexpr):
    """Return the rows of a chunk, which are inside, their summed decay and weight, and the last."""
    i = tl.arange(0, C)
    size = tl.load(sizes + chunk)
    row = tl.load(begins + chunk).to(tl.int64) + i
    inside = i < size
    g = tl.load(summed + row * heads + head, mask=inside, other=0.0)
    b = tl.load(weight + row * heads + head, mask=inside, other=0.0)
    last = tl.sum(tl.where(i == size - 1, g, 0.0), 0)
    # Behind the last token nothing more is forgotten: 0 there, less a sum of -100 before it, would
    # be an infinite factor, and that times nothing is no number.
    return row, inside, tl.where(inside, g, last), b, last


@triton.jit
def _inside(q, k, g, C: tl.constexpr, EXACT: tl.constexpr):
    """Return how much each token of a chunk reads of what each wrote [C, C]."""
    i = tl.arange(0, C)
    between = tl.where(i[:, None] >= i[None, :], g[:, None] - g[None, :], float("-inf"))
    return _product(q, tl.trans(k), EXACT) * tl.exp(between)


@triton.jit
def _scan(
    q, k, v, inverse, summed, weight, begins, sizes, firsts, counts, out, corrected, states, heads,
    served, KEEP: tl.constexpr, C: tl.constexpr, D: tl.constexpr, V: tl.constexpr,
    BLOCK: tl.constexpr, EXACT: tl.constexpr,
):  # fmt: skip
    segment, head = tl.program_id(0), tl.program_id(1)
    i, d = tl.arange(0, C), tl.arange(0, D)
    e = tl.program_id(2) * BLOCK + tl.arange(0, BLOCK)
    first = tl.load(firsts + segment).to(tl.int64)
    state = tl.zeros([D, BLOCK], dtype=tl.float32)
    count = tl.load(counts + segment)
    for turn in range(count):
        chunk = first + turn
        row, inside, g, b, last = _chunk(begins, sizes, summed, weight, chunk, head, heads, C)
        at = row[:, None] * (heads // served * D) + head // served * D + d[None, :]
        queries = tl.load(q + at, mask=inside[:, None], other=0.0)
        keys = tl.load(k + at, mask=inside[:, None], other=0.0)
        here = row[:, None] * (heads * V) + head * V + e[None, :]
        values = tl.load(v + here, mask=inside[:, None], other=0.0).to(tl.float32)
        if KEEP:
            to = states + ((chunk * heads + head) * D + d[:, None]) * V + e[None, :]
            tl.store(to, state)
        there = state.to(keys.dtype)
        r = b[:, None] * (values - tl.exp(g)[:, None] * _product(keys, there, EXACT))
        system = inverse + (chunk * heads + head) * C * C + i[:, None] * C + i[None, :]
        c = _product(tl.load(system), r, EXACT)
        if KEEP:
            tl.store(corrected + here, c, mask=inside[:, None])
        c = c.to(keys.dtype)
        said = tl.exp(g)[:, None] * _product(queries, there, EXACT)
        read = _inside(queries, keys, g, C, EXACT).to(keys.dtype)
        said += _product(read, c, EXACT)
        tl.store(out + here, said, mask=inside[:, None])
        keys = (keys.to(tl.float32) * tl.exp(last - g)[:, None]).to(keys.dtype)
        state = tl.exp(last) * state + _product(tl.trans(keys), c, EXACT)


def scan(heads, system, chunks, segments, out, kept=None):
    """Write what each token reads from its segment's state.

    Args:
        heads: q and k [T, G, D], v [T, H, V].
        system: what :func:`prepared` wrote: summed decay and weight [T, H], inverse [N, H, C, C].
        chunks: first token and number of tokens [N] of each.
        segments: first chunk and number of chunks of each.
        out: what is read [T, H, V], out.
        kept: corrections [T, H, V] and the state before each chunk [N, H, D, V], out.
    """
    q, k, v = heads
    summed, weight, inverse = system
    corrected, states = (out, out) if kept is None else kept
    _scan[(len(segments[0]), v.shape[1], v.shape[2] // min(VALUES, v.shape[2]))](
        q, k, v, inverse, summed, weight, *chunks, *segments, out, corrected, states, v.shape[1],
        v.shape[1] // k.shape[1], KEEP=kept is not None, C=inverse.shape[-1], D=k.shape[2],
        V=v.shape[2], BLOCK=min(VALUES, v.shape[2]), EXACT=k.element_size() == 4, num_warps=4,
        num_stages=1,
    )  # fmt: skip


@triton.jit
def _scan_back(
    q, k, inverse, summed, weight, begins, sizes, firsts, counts, d_said, d_states, d_right, heads,
    served, C: tl.constexpr, D: tl.constexpr, V: tl.constexpr, BLOCK: tl.constexpr,
    EXACT: tl.constexpr,
):  # fmt: skip
    segment, head = tl.program_id(0), tl.program_id(1)
    i, d = tl.arange(0, C), tl.arange(0, D)
    e = tl.program_id(2) * BLOCK + tl.arange(0, BLOCK)
    first = tl.load(firsts + segment).to(tl.int64)
    count = tl.load(counts + segment)
    state = tl.zeros([D, BLOCK], dtype=tl.float32)
    for turn in range(count):
        chunk = first + count - 1 - turn
        row, inside, g, b, last = _chunk(begins, sizes, summed, weight, chunk, head, heads, C)
        at = row[:, None] * (heads // served * D) + head // served * D + d[None, :]
        queries = tl.load(q + at, mask=inside[:, None], other=0.0)
        keys = tl.load(k + at, mask=inside[:, None], other=0.0)
        here = row[:, None] * (heads * V) + head * V + e[None, :]
        said = tl.load(d_said + here, mask=inside[:, None], other=0.0)
        to = d_states + ((chunk * heads + head) * D + d[:, None]) * V + e[None, :]
        tl.store(to, state)
        later = (keys.to(tl.float32) * tl.exp(last - g)[:, None]).to(keys.dtype)
        read = _inside(queries, keys, g, C, EXACT).to(keys.dtype)
        c = _product(tl.trans(read), said, EXACT)
        c += _product(later, state.to(keys.dtype), EXACT)
        system = inverse + (chunk * heads + head) * C * C + i[:, None] * C + i[None, :]
        y = _product(tl.trans(tl.load(system)), c, EXACT)
        tl.store(d_right + here, y, mask=inside[:, None])
        kept = tl.exp(g)[:, None]
        said = (said.to(tl.float32) * kept).to(keys.dtype)
        state = tl.exp(last) * state + _product(tl.trans(queries), said, EXACT)
        state -= _product(tl.trans(keys), (y * b[:, None] * kept).to(keys.dtype), EXACT)


def scan_back(heads, system, chunks, segments, d_said, found):
    """Follow the states backwards, from the gradient ``d_said`` [T, H, V] of what was read.

    ``found``: gradients of the state after each chunk [N, H, D, V] and of the right side of each
    chunk's system [T, H, V], out. The others as in :func:`scan`.
    """
    q, k, v = heads
    summed, weight, inverse = system
    _scan_back[(len(segments[0]), v.shape[1], v.shape[2] // min(VALUES, v.shape[2]))](
        q, k, inverse, summed, weight, *chunks, *segments, d_said, *found, v.shape[1],
        v.shape[1] // k.shape[1], C=inverse.shape[-1], D=k.shape[2], V=v.shape[2],
        BLOCK=min(VALUES, v.shape[2]), EXACT=k.element_size() == 4, num_warps=4, num_stages=1,
    )  # fmt: skip


@triton.jit
def _chunk_back(
    q, k, v, summed, weight, begins, sizes, corrected, states, d_said, d_states, d_right, forget,
    rate, bias, d_q, d_k, d_write, d_forget, heads, served, stride, d_stride,
    C: tl.constexpr, D: tl.constexpr, V: tl.constexpr, BLOCK: tl.constexpr, EXACT: tl.constexpr,
):  # fmt: skip
    chunk, head = tl.program_id(0).to(tl.int64), tl.program_id(1)
    i, d = tl.arange(0, C), tl.arange(0, D)
    row, inside, g, b, last = _chunk(begins, sizes, summed, weight, chunk, head, heads, C)
    at = row[:, None] * (heads // served * D) + head // served * D + d[None, :]
    queries = tl.load(q + at, mask=inside[:, None], other=0.0)
    keys = tl.load(k + at, mask=inside[:, None], other=0.0)
    kept, left = tl.exp(g), tl.exp(last - g)
    dq = tl.zeros([C, D], dtype=tl.float32)
    dk = tl.zeros([C, D], dtype=tl.float32)
    d_read = tl.zeros([C, C], dtype=tl.float32)
    d_system = tl.zeros([C, C], dtype=tl.float32)
    dg = tl.zeros([C], dtype=tl.float32)
    db = tl.zeros([C], dtype=tl.float32)
    d_last = 0.0
    for block in range(0, V, BLOCK):
        e = block + tl.arange(0, BLOCK)
        here = row[:, None] * (heads * V) + head * V + e[None, :]
        there = ((chunk * heads + head) * D + d[:, None]) * V + e[None, :]
        state, d_state = tl.load(states + there), tl.load(d_states + there)
        d_last += tl.exp(last) * tl.sum(tl.sum(state * d_state, 1), 0)
        state, d_state = state.to(keys.dtype), d_state.to(keys.dtype)
        c = tl.load(corrected + here, mask=inside[:, None], other=0.0)
        y = tl.load(d_right + here, mask=inside[:, None], other=0.0)
        said = tl.load(d_said + here, mask=inside[:, None], other=0.0)
        values = tl.load(v + here, mask=inside[:, None], other=0.0).to(tl.float32)
        d_read += _product(said, tl.trans(c), EXACT)
        d_system -= _product(y, tl.trans(c), EXACT)
        wide = y.to(tl.float32)
        known = kept[:, None] * _product(keys, state, EXACT)
        db += tl.sum(wide * (values - known), 1)
        dg -= tl.sum(wide * b[:, None] * known, 1)
        d_known = (-wide * (b * kept)[:, None]).to(keys.dtype)
        dk += _product(d_known, tl.trans(state), EXACT)
        wide = said.to(tl.float32) * kept[:, None]
        dg += tl.sum(wide * _product(queries, state, EXACT), 1)
        dq += _product(wide.to(keys.dtype), tl.trans(state), EXACT)
        added = _product(c, tl.trans(d_state), EXACT) * left[:, None]
        dk += added
        spent = tl.sum(keys.to(tl.float32) * added, 1)
        dg -= spent
        d_last += tl.sum(spent, 0)
    between = tl.where(i[:, None] >= i[None, :], g[:, None] - g[None, :], float("-inf"))
    between = tl.exp(between)
    d_read = d_read * between
    told = d_read * _product(queries, tl.trans(keys), EXACT)
    dg += tl.sum(told, 1) - tl.sum(told, 0)
    d_read = d_read.to(keys.dtype)
    dq += _product(d_read, keys, EXACT)
    dk += _product(tl.trans(d_read), queries, EXACT)
    d_system = d_system * tl.where(i[:, None] > i[None, :], between, 0.0)
    told = d_system * _product(keys, tl.trans(keys), EXACT)
    db += tl.sum(told, 1)
    told = told * b[:, None]
    dg += tl.sum(told, 1) - tl.sum(told, 0)
    d_system = (d_system * b[:, None]).to(keys.dtype)
    dk += _product(d_system, keys, EXACT) + _product(tl.trans(d_system), keys, EXACT)
    to = row[:, None] * (heads * D) + head * D + d[None, :]
    tl.store(d_q + to, dq, mask=inside[:, None])
    tl.store(d_k + to, dk, mask=inside[:, None])
    dg += tl.where(i == tl.load(sizes + chunk) - 1, d_last, 0.0)
    d_decay = tl.sum(tl.where(i[None, :] >= i[:, None], dg[None, :], 0.0), 1)
    f = tl.load(forget + row * stride + head, mask=inside, other=0.0).to(tl.float32)
    f += tl.load(bias + head).to(tl.float32)
    df = -d_decay * tl.exp(tl.load(rate + head).to(tl.float32)) * tl.sigmoid(f)
    tl.store(d_forget + row * d_stride + head, df, mask=inside)
    tl.store(d_write + row * d_stride + head, db * b * (1.0 - b), mask=inside)


def chunk_back(heads, system, chunks, kept, d_said, found, gates, out):
    """Write the gradients of queries, keys and gates, chunk by chunk.

    Args:
        heads, system, chunks: as in :func:`scan`.
        kept: what :func:`scan` kept.
        d_said: gradient of what was read [T, H, V].
        found: what :func:`scan_back` found.
        gates: column of the product that forgets [T, H], its rate and bias [H].
        out: gradients of q and k for each value head [T, H, D], of the columns that write and
            forget [T, H].
    """
    q, k, v = heads
    forget, rate, bias = gates
    _chunk_back[(len(kept[1]), v.shape[1])](
        q, k, v, *system[:2], *chunks, *kept, d_said, *found, forget, rate, bias, *out, v.shape[1],
        v.shape[1] // k.shape[1], forget.stride(0), out[2].stride(0), C=system[2].shape[-1],
        D=k.shape[2], V=v.shape[2], BLOCK=min(VALUES, v.shape[2]), EXACT=k.element_size() == 4,
        num_warps=8, num_stages=1,
    )  # fmt: skip


@triton.jit
def _gated(
    x, gates, norm, d, out, d_gates, tokens, eps, stride, d_stride, dg_stride,
    BACK: tl.constexpr, ROWS: tl.constexpr, V: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    row, inside = row.to(tl.int64)[:, None], (row < tokens)[:, None]
    e = tl.arange(0, V)
    at = (tl.program_id(1) * V + e)[None, :]
    width = tl.num_programs(1) * V
    value = tl.load(x + row * width + at, mask=inside, other=0.0).to(tl.float32)
    z = tl.load(gates + row * stride + at, mask=inside, other=0.0).to(tl.float32)
    w = tl.load(norm + e).to(tl.float32)[None, :]
    r = tl.rsqrt(tl.sum(value * value, 1) / V + eps)[:, None]
    value, s = value * r, tl.sigmoid(z)
    if not BACK:
        tl.store(out + row * d_stride + at, w * value * z * s, mask=inside)
        return
    g = tl.load(d + row * d_stride + at, mask=inside, other=0.0).to(tl.float32) * w
    d_z = g * value * s * (1.0 + z * (1.0 - s))
    tl.store(d_gates + row * dg_stride + at, d_z, mask=inside)
    g = g * z * s
    g = r * (g - value * (tl.sum(g * value, 1) / V)[:, None])
    tl.store(out + row * width + at, g, mask=inside)


def gated(said, gates, norm, eps, out):
    """Write ``said`` [T, H, V], normed by head and gated by ``gates`` [T, H V], into ``out``."""
    tokens, heads, size = said.shape
    _gated[(triton.cdiv(tokens, TOKENS), heads)](
        said, gates, norm, said, out, said, tokens, eps, gates.stride(0), out.stride(0), 0,
        BACK=False, ROWS=TOKENS, V=size,
    )  # fmt: skip


def gated_back(said, gates, norm, eps, d, d_said, d_gates):
    """Write the gradients of :func:`gated`'s inputs, from ``d`` [T, H V]."""
    tokens, heads, size = said.shape
    _gated[(triton.cdiv(tokens, TOKENS), heads)](
        said, gates, norm, d, d_said, d_gates, tokens, eps, gates.stride(0), d.stride(0),
        d_gates.stride(0), BACK=True, ROWS=TOKENS, V=size,
    )  # fmt: skip

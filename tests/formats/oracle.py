# SPDX-License-Identifier: Apache-2.0
"""Number formats again, from their published definitions and in another language: OCP Microscaling Formats (MX) v1.0 with
the rules of its authors' reference implementation, NVFP4 as TransformerEngine computes it, VS-Quant (Dai et al., MLSys 2021).
Shares nothing with the models. Elements are found by a search among all values that the standard lists, not by rounding
mantissas.
"""
import numpy as np

F = np.float32


def minifloat(exponent_bits, mantissa_bits, bias, top):
    """Every magnitude up to `top`, by code."""
    values = []
    for code in range(1 << (exponent_bits + mantissa_bits)):
        e, m = code >> mantissa_bits, code & ((1 << mantissa_bits) - 1)
        v = m * 2.0 ** (1 - bias - mantissa_bits) if e == 0 else (1 + m / 2.0**mantissa_bits) * 2.0 ** (e - bias)
        if v > top:
            break
        values.append(v)
    return np.array(values)


# magnitudes, largest exponent, stored mantissa bits, bit of the sign (None: two's complement)
ELEMENTS = {
    "fp4_e2m1": (minifloat(2, 1, 1, 6), 2, 1, 3),
    "fp6_e2m3": (minifloat(2, 3, 1, 7.5), 2, 3, 5),
    "fp6_e3m2": (minifloat(3, 2, 3, 28), 4, 2, 5),
    "fp8_e4m3": (minifloat(4, 3, 7, 448), 8, 3, 7),
    "fp8_e5m2": (minifloat(5, 2, 15, 57344), 15, 2, 7),
    "int8": (np.arange(128) / 64.0, 0, 6, None),
    "int4": (np.arange(8) / 4.0, 0, 2, None),
}


def integer_element(bits):
    return (np.arange(1 << (bits - 1)) / 2.0 ** (bits - 2), 0, bits - 2, None)


def nearest(magnitudes, y, away):
    """Index of the nearest magnitude; ties to the even index, or to the larger."""
    above = np.clip(np.searchsorted(magnitudes, y, side="left"), 1, len(magnitudes) - 1)
    low, high = y - magnitudes[above - 1], magnitudes[above] - y
    up = high < low
    tie = high == low
    up |= tie & (away | (above % 2 == 0))
    return np.where(up, above, above - 1)


def signed_codes(element, y, away):
    magnitudes, _, _, sign_bit = element
    index = nearest(magnitudes, np.abs(y), away)
    values = np.where(np.signbit(y), -magnitudes[index], magnitudes[index])
    if sign_bit is None:
        return np.where(np.signbit(y), -index, index).astype(np.int64), values + 0.0
    return index | (np.signbit(y).astype(np.int64) << sign_bit), values


def in_blocks(x, length):
    """[R][C] -> [R][blocks][length], the last block filled with zeros."""
    rows, channels = x.shape
    blocks = -(-channels // length)
    padded = np.zeros((rows, blocks * length), x.dtype)
    padded[:, :channels] = x
    return padded.reshape(rows, blocks, length)


def flat(blocks, channels):
    return blocks.reshape(blocks.shape[0], -1)[:, :channels]


def floor_log2(v):
    return np.frexp(v)[1].astype(np.int64) - 1


def mx(x, element, length, rule="floor", ties="even"):
    magnitudes, emax, mantissa_bits, _ = element
    blocks = in_blocks(x.astype(np.float64), length)
    amax = np.abs(blocks).max(axis=2)
    amax = np.where(amax == 0, 2.0**-126, amax)
    if rule == "ceil":
        ratio = amax / magnitudes[-1]
        fraction, exponent = np.frexp(ratio)
        shared = np.where(fraction == 0.5, exponent - 1, exponent).astype(np.int64)
    elif rule == "even":
        unit = np.exp2(floor_log2(amax) - mantissa_bits)
        shared = floor_log2(np.rint(amax / unit) * unit) - emax
    else:
        shared = floor_log2(amax) - emax
    scales = np.where(shared > 127, 255, np.maximum(shared, -127) + 127)
    power = np.exp2(np.maximum(shared, -127).astype(np.float64))[:, :, None]
    codes, values = signed_codes(element, blocks / power, ties == "away")
    is_nan = (scales == 255)[:, :, None]
    codes = np.where(is_nan, 0, codes)
    values = np.where(is_nan, np.nan, values * power)
    return flat(codes, x.shape[1]), scales, flat(values, x.shape[1]).astype(F)


def nvfp4(x, variant="plain"):
    fp4, e4m3 = ELEMENTS["fp4_e2m1"], ELEMENTS["fp8_e4m3"]
    rows, channels = x.shape
    blocks = in_blocks(x.astype(F), 16)
    amax = np.abs(blocks).max(axis=2)
    largest = np.abs(x).max(axis=1) if variant == "rows" else np.full(rows, np.abs(x).max())
    with np.errstate(divide="ignore", over="ignore"):
        g = np.minimum(F(448 * 6) / largest.astype(F), np.finfo(F).max).astype(F)
    g = np.where(largest == 0, F(1), g).astype(F)[:, None]
    if variant == "squares":
        for top in range(0, rows, 16):
            amax[top : top + 16] = amax[top : top + 16].max(axis=0)

    def block(grow):
        wanted = (amax * (g * (F(1) / F(6)))).astype(F)
        if grow != 1:
            wanted = (wanted * F(grow)).astype(F)
        d = nearest(e4m3[0], np.minimum(wanted, F(448)).astype(np.float64), False)
        number = e4m3[0][d].astype(F)
        with np.errstate(divide="ignore", over="ignore"):
            enc = np.minimum(F(1) / (number * (F(1) / g)), np.finfo(F).max).astype(F)
            y = np.clip((blocks * enc[:, :, None]).astype(F), F(-6), F(6))
        codes, values = signed_codes(fp4, y.astype(np.float64), False)
        real = values * number[:, :, None].astype(np.float64) / g[:, :, None].astype(np.float64)
        return codes, d, real, values.astype(F) * number[:, :, None] / g[:, :, None]

    codes, d, real, values = block(1)
    if variant == "four_over_six":
        other_codes, other_d, other_real, other_values = block(1.5)

        def error(numbers):  # in channel order
            squares = (blocks.astype(np.float64) - numbers) ** 2
            total = np.zeros(squares.shape[:2])
            for i in range(16):
                total = total + squares[:, :, i]
            return total

        better = error(other_real) < error(real)
        codes = np.where(better[:, :, None], other_codes, codes)
        values = np.where(better[:, :, None], other_values, values)
        d = np.where(better, other_d, d)
    return flat(codes, channels), d, flat(values, channels).astype(F), g[:, 0] if variant == "rows" else g[:1, 0]


def half_up(v):
    below = np.floor(v)
    return below + (v - below >= 0.5)


def vsquant(x, bits, scale_bits, length):
    largest_code, largest_scale = 2 ** (bits - 1) - 1, 2**scale_bits - 1
    blocks = in_blocks(x.astype(np.float64), length)
    amax = np.abs(blocks).max(axis=2)
    gamma = (np.abs(x.astype(np.float64)).max(axis=1) / largest_code / largest_scale).astype(F)
    gamma = np.where(gamma == 0, F(1), gamma).astype(F)
    scales = np.clip(half_up(amax / (largest_code * gamma.astype(np.float64))[:, None]), 0, largest_scale)
    codes = half_up(blocks * largest_code / np.where(amax == 0, 1, amax)[:, :, None])
    values = (codes * scales[:, :, None] + 0.0) * gamma.astype(np.float64)[:, None, None]
    return flat(codes, x.shape[1]).astype(np.int64), scales.astype(np.int64), flat(values, x.shape[1]).astype(F), gamma


def tender(x, bits, groups, subtract):
    """Tender (Lee et al., ISCA 2024): channels by largest magnitude, their middle subtracted, scales powers of two apart."""
    largest_code = 2 ** (bits - 1) - 1
    low, high = x.min(axis=0).astype(np.float64), x.max(axis=0).astype(np.float64)
    middle = ((low + high) / 2 if subtract else 0 * low).astype(F)
    x = (x.astype(F) - middle).astype(np.float64)
    magnitude = np.abs(x).max(axis=0)
    largest = magnitude.max() if magnitude.max() > 0 else 1.0
    # The number of bounds largest / 2, largest / 4, ... that a channel does not exceed.
    bounds = largest * 0.5 ** np.arange(1, groups)
    group = (magnitude[:, None] <= bounds[None, :]).sum(axis=1)
    step = largest / largest_code * 0.5**group
    # Half up, decided by comparing products: code - 1/2 <= x / step < code + 1/2.
    wanted = x * largest_code * 2.0**group
    codes = np.clip(np.rint(x / step), -largest_code, largest_code)
    codes += 2 * wanted >= (2 * codes + 1) * largest
    codes -= 2 * wanted < (2 * codes - 1) * largest
    codes = np.clip(codes, -largest_code, largest_code)
    with np.errstate(over="ignore"):
        values = (codes * step + middle.astype(np.float64)).astype(F)
    parts = codes.astype(np.int64), group[None, :], values, np.array([largest / largest_code]).astype(F)
    return parts + (middle,) if subtract else parts

# SPDX-License-Identifier: Apache-2.0
"""Holds `igqsim quantize` against oracle.py, to the bit: codes, scales, values.
usage: test_oracle.py IGQSIM [VALUES]      VALUES of each format, 120000 unless told
Skipped (77) without numpy.
"""
import json
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: no numpy (Debian: python3-numpy)")
    sys.exit(77)
import oracle

DTYPES = {"F32": np.float32, "U8": np.uint8, "I8": np.int8, "U16": np.uint16}


def write(path, tensors):
    header, data = {}, b""
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.astype("<f4").tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = np.frombuffer(data[8 + length + begin : 8 + length + end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def inputs(num, rng):
    """Ties, zeros, subnormals, maxima at and beside powers of two, rows all zero, ends that are no whole block."""
    channels = 207
    rows = max(num // channels // 4, 20)
    few_bits = (1 + rng.integers(0, 32, (rows, channels)) / 32 + rng.integers(-1, 2, (rows, channels)) * 2.0**-23) * np.exp2(
        rng.integers(-7, 7, (rows, channels))
    )
    few_bits *= rng.choice([-1, 1, 0], (rows, channels), p=[0.45, 0.45, 0.1])
    few_bits[::17] = 0
    normal = rng.standard_normal((rows, channels)) * np.exp(rng.standard_normal((rows, 1)))
    wide = rng.choice([-1, 1], (rows, channels)) * np.exp2(rng.uniform(-149, 127.9, (rows, channels)))
    tiny = np.exp2(rng.integers(-149, -120, (rows, channels))) * rng.choice([-1, 0, 1], (rows, channels))
    powers = np.exp2(rng.integers(-3, 3, (rows, channels))) * rng.choice([-1, 1], (rows, channels))
    powers[:, ::5] *= 1.75
    columns = few_bits * np.exp2(-(np.arange(channels) % 18.0))
    return {
        "few_bits": few_bits.astype(np.float32),
        "normal": normal.astype(np.float32),
        "wide": wide.astype(np.float32),
        "tiny": tiny.astype(np.float32),
        "powers": powers.astype(np.float32),
        "columns": columns.astype(np.float32),
        "zeros": np.zeros((3, 40), np.float32),
    }


def cases():
    for element in oracle.ELEMENTS:
        for rule, ties, length in (("floor", "even", 32), ("ceil", "away", 32), ("even", "even", 24), ("floor", "away", 7)):
            sets = {"mx.element": element, "mx.scale_rule": rule, "mx.rounding": ties, "mx.block_length": length}
            yield f"mx {element} {rule} {ties} {length}", ["--scheme", "mx"], sets, lambda x, a=(element, length, rule, ties): oracle.mx(
                x, oracle.ELEMENTS[a[0]], *a[1:]
            )
    for variant in ("plain", "squares", "rows", "four_over_six"):
        yield f"nvfp4 {variant}", ["--scheme", "nvfp4"], {"nvfp4.variant": variant}, lambda x, v=variant: oracle.nvfp4(x, v)
    for bits, length in ((2, 16), (4, 16), (6, 100), (8, 5)):
        yield f"bfp {bits} {length}", ["--scheme", "bfp", "--bits", str(bits)], {"bfp.block_length": length}, lambda x, a=(
            bits,
            length,
        ): oracle.mx(x, oracle.integer_element(a[0]), a[1])
    for bits, scale_bits, length in ((4, 4, 16), (4, 6, 16), (8, 10, 64), (6, 8, 5)):
        sets = {"vsquant.weight_scale_bits": scale_bits, "mac_array.vector_length": length}
        yield f"vsquant {bits} {scale_bits} {length}", ["--scheme", "vsquant", "--bits", str(bits)], sets, lambda x, a=(
            bits,
            scale_bits,
            length,
        ): oracle.vsquant(x, *a)
    for bits, groups, subtract in ((2, 1, True), (4, 8, False), (4, 8, True), (6, 16, True), (8, 3, False)):
        words = ["--scheme", "tender", "--bits", str(bits)]
        sets = {"num_groups": groups, "tender.subtract_middle": "yes" if subtract else "no"}
        yield f"tender {bits} {groups} {subtract}", words, sets, lambda x, a=(bits, groups, subtract): oracle.tender(x, *a)


def same(got, wanted):
    """Bits of floats: the sign of zero counts, a NaN is a NaN."""
    if got.dtype != np.float32:
        return got.shape == wanted.shape and (got.astype(np.int64) == wanted).all()
    nan = np.isnan(got) & np.isnan(wanted)
    return got.shape == wanted.shape and (nan | (got.view(np.uint32) == wanted.view(np.uint32))).all()


def main():
    igqsim, num = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 120000
    rng = np.random.default_rng(14)
    failures = total = 0
    with tempfile.TemporaryDirectory() as folder:
        source, coded = folder + "/x.safetensors", folder + "/codes.safetensors"
        tensors = inputs(num, rng)
        write(source, tensors)
        for name, words, sets, expected in cases():
            if "vsquant" in name:  # its scales are real numbers; at the ends of float they are not defined
                used = {k: v for k, v in tensors.items() if k not in ("wide", "tiny")}
            else:
                used = tensors
            write(source, used)
            command = [igqsim, "quantize", "-i", source, "-o", coded] + words
            for key, value in sets.items():
                command += ["--set", f"{key}={value}"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            found = read(coded)
            values = 0
            for tensor, x in used.items():
                parts = expected(x)
                values += x.size
                for part, wanted in zip(("codes", "scales", "values", "tensor_scale", "middles"), parts):
                    if not same(found[f"{tensor}/{part}"], wanted):
                        failures += 1
                        got = found[f"{tensor}/{part}"]
                        at = np.argwhere(got.astype(np.float64) != wanted)[:3].tolist() if got.shape == wanted.shape else got.shape
                        print(f"{name}: {tensor}/{part} differs at {at}")
            total += values
            print(f"{name}: {values} values")
        # What is no number is refused.
        for bad in (np.nan, np.inf, -np.inf):
            write(source, {"x": np.array([[1, bad]], np.float32)})
            result = subprocess.run([igqsim, "quantize", "-i", source, "-o", coded, "--scheme", "mx"], capture_output=True, text=True)
            if result.returncode != 1 or "tensor x" not in result.stderr:
                failures += 1
                print(f"{bad} is not refused: {result.returncode} {result.stderr}")
    print(f"{total} values, {failures} failures")
    return 1 if failures else 0


sys.exit(main())

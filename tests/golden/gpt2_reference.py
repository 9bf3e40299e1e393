# SPDX-License-Identifier: Apache-2.0
"""A small GPT-2 with drawn weights, as a Hugging Face folder (config.json, two shards, an index), executed by igqsim and
computed here once more from its definition (Radford et al., 2019), all tokens at once and without a cache. Full precision
must agree to a relative 1e-4.
usage: gpt2_reference.py IGQSIM
"""
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

WORDS, DIM, DEPTH, HEADS, POSITIONS, EPSILON = 41, 16, 2, 4, 12, 1e-5
PROMPT, DECODED = 5, 4


def write(path, tensors):
    header, data = {}, b""
    for name, (kind, shape, values) in tensors.items():
        raw = struct.pack("<%d%s" % (len(values), "f" if kind == "F32" else "q"), *values)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read(path, name):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    begin, end = json.loads(data[8 : 8 + length])[name]["data_offsets"]
    return struct.unpack("<%df" % ((end - begin) // 4), data[8 + length + begin : 8 + length + end])


def draw(rng):
    """Values as float32 has them, of the deviations that such networks have."""
    def tensor(*shape, mean=0.0, deviation=0.3):
        num = math.prod(shape)
        return "F32", list(shape), struct.unpack("<%df" % num, struct.pack("<%df" % num, *(rng.gauss(mean, deviation) for _ in range(num))))

    weights = {"wte.weight": tensor(WORDS, DIM, deviation=1.0), "wpe.weight": tensor(POSITIONS, DIM)}
    for norm in ["ln_f"] + ["h.%d.ln_%d" % (block, i) for block in range(DEPTH) for i in (1, 2)]:
        weights[norm + ".weight"] = tensor(DIM, mean=1.0)
        weights[norm + ".bias"] = tensor(DIM)
    for block in range(DEPTH):
        for part, inputs, outputs in (("attn.c_attn", DIM, 3 * DIM), ("attn.c_proj", DIM, DIM), ("mlp.c_fc", DIM, 4 * DIM), ("mlp.c_proj", 4 * DIM, DIM)):
            weights["h.%d.%s.weight" % (block, part)] = tensor(inputs, outputs)
            weights["h.%d.%s.bias" % (block, part)] = tensor(outputs)
    return weights


def norm(x, weights, name):
    mean = sum(x) / DIM
    deviation = math.sqrt(sum((v - mean) ** 2 for v in x) / DIM + EPSILON)
    return [(v - mean) / deviation * g + b for v, g, b in zip(x, weights[name + ".weight"][2], weights[name + ".bias"][2])]


def linear(x, weights, name):
    _, (inputs, outputs), values = weights[name + ".weight"]
    return [sum(x[i] * values[i * outputs + o] for i in range(inputs)) + weights[name + ".bias"][2][o] for o in range(outputs)]


def gelu(v):
    return 0.5 * v * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)))


def attend(q, k, v):
    """Token by token, over itself and those before it."""
    size, out = DIM // HEADS, []
    for t in range(len(q)):
        row = []
        for first in range(0, DIM, size):
            part = slice(first, first + size)
            weight = [math.exp(sum(a * b for a, b in zip(q[t][part], k[s][part])) / math.sqrt(size)) for s in range(t + 1)]
            row += [sum(w * v[s][c] for s, w in enumerate(weight)) / sum(weight) for c in range(first, first + size)]
        out.append(row)
    return out


def forward(ids, weights):
    rows = lambda name: [weights[name][2][i * DIM : (i + 1) * DIM] for i in range(weights[name][1][0])]
    words, positions = rows("wte.weight"), rows("wpe.weight")
    x = [[a + b for a, b in zip(words[word], positions[t])] for t, word in enumerate(ids)]
    for block in range(DEPTH):
        h = "h.%d." % block
        qkv = [linear(norm(row, weights, h + "ln_1"), weights, h + "attn.c_attn") for row in x]
        mixed = attend(*([row[i * DIM : (i + 1) * DIM] for row in qkv] for i in range(3)))
        x = [[a + b for a, b in zip(row, linear(m, weights, h + "attn.c_proj"))] for row, m in zip(x, mixed)]
        hidden = [[gelu(v) for v in linear(norm(row, weights, h + "ln_2"), weights, h + "mlp.c_fc")] for row in x]
        x = [[a + b for a, b in zip(row, linear(m, weights, h + "mlp.c_proj"))] for row, m in zip(x, hidden)]
    x = [norm(row, weights, "ln_f") for row in x]
    return [sum(a * b for a, b in zip(row, word)) for row in x for word in words]


def main():
    rng = random.Random(1)
    weights = draw(rng)
    ids = [rng.randrange(WORDS) for _ in range(PROMPT + DECODED)]
    with tempfile.TemporaryDirectory() as folder:
        config = {"model_type": "gpt2", "vocab_size": WORDS, "n_embd": DIM, "n_layer": DEPTH, "n_head": HEADS, "n_positions": POSITIONS,
                  "layer_norm_epsilon": EPSILON, "activation_function": "gelu_new"}  # fmt: skip
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(config, file)
        places = {}
        for shard in range(2):
            name = "model-%05d-of-00002.safetensors" % (shard + 1)
            part = {"transformer." + key: value for i, (key, value) in enumerate(weights.items()) if i % 2 == shard}
            write(os.path.join(folder, name), part)
            places.update({key: name for key in part})
        with open(os.path.join(folder, "model.safetensors.index.json"), "w") as file:
            json.dump({"weight_map": places}, file)
        write(os.path.join(folder, "ids.safetensors"), {"input_ids": ("I64", [1, len(ids)], ids)})
        wanted = forward(ids, weights)
        for block in (0, 2):
            out = os.path.join(folder, "out.safetensors")
            subprocess.run(
                [sys.argv[1], "run", "-a", "configs/accelerators/igq_shared.yaml", "-w", os.path.join(folder, "config.json"), "--weights", folder,
                 "--inputs", os.path.join(folder, "ids.safetensors"), "--outputs", out, "--set", "network.prefill_tokens=%d" % PROMPT,
                 "--set", "network.decode_tokens=%d" % DECODED, "--set", "network.causal_block=%d" % block, "--set", "network.logits=all",
                 "--no-html", "-q", "-o", os.path.join(folder, "out")],
                check=True)  # fmt: skip
            got = read(out, "fp32/logits")
            assert len(got) == len(wanted), (len(got), len(wanted))
            off = max(abs(a - b) for a, b in zip(got, wanted)) / max(map(abs, wanted))
            print("causal blocks of %d: largest difference over largest logit %.1e" % (block, off))
            assert off < 1e-4, "full precision is not GPT-2"


main()

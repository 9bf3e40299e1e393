// SPDX-License-Identifier: Apache-2.0
// Full precision against another framework: runs an ONNX network in onnxruntime on lines of 48 x 320 pixels, writes them
// as tensors for igqsim, and compares the outputs.
//   node check.mjs write NETWORK.onnx INPUTS.safetensors EXPECTED.safetensors IMAGE...   needs ImageMagick's convert
//   node check.mjs compare EXPECTED.safetensors OUTPUTS.safetensors TENSOR               prints the relative error
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readTensor } from './text.mjs';

const HEIGHT = 48;
const WIDTH = 320;

function readImage(path) {
  const rgb = execFileSync('convert', [path, '-depth', '8', 'rgb:-']);
  const pixels = new Float32Array(3 * HEIGHT * WIDTH);
  for (let i = 0; i < HEIGHT * WIDTH; i++)
    for (let channel = 0; channel < 3; channel++)
      pixels[channel * HEIGHT * WIDTH + i] = (rgb[3 * i + channel] / 255 - 0.5) / 0.5;
  return pixels;
}

function writeTensor(path, name, shape, data) {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  let header = JSON.stringify({ [name]: { dtype: 'F32', shape, data_offsets: [0, bytes.length] } });
  header += ' '.repeat((8 - (header.length % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([length, Buffer.from(header), bytes]));
}

async function write(network, inputs, expected, images) {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(network);
  const pixels = new Float32Array(images.length * 3 * HEIGHT * WIDTH);
  images.forEach((image, i) => pixels.set(readImage(image), i * 3 * HEIGHT * WIDTH));
  const shape = [images.length, 3, HEIGHT, WIDTH];
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  const result = (await session.run({ [input]: new Tensor('float32', pixels, shape) }))[output];
  writeTensor(inputs, input, shape, pixels);
  writeTensor(expected, output, result.dims.map(Number), result.data);
}

function compare(expected, outputs, name) {
  const wanted = readTensor(expected, name).data;
  const got = readTensor(outputs, `fp32/${name}`).data;
  let largest = 0;
  let off = 0;
  wanted.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    off = Math.max(off, Math.abs(value - got[i]));
  });
  console.log(wanted.length === got.length ? off / largest : NaN);
}

const [command, ...rest] = process.argv.slice(2);
if (command === 'write') await write(rest[0], rest[1], rest[2], rest.slice(3));
else compare(...rest);

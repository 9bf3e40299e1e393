// SPDX-License-Identifier: Apache-2.0
// What stands in tensors of igqsim run --outputs: lines of text as PP-OCR reads them, most likely class of each column,
// repetitions and blanks left out (Graves et al., ICML 2006).
//   node text.mjs DICTIONARY OUTPUTS.safetensors TENSOR            prints a line for each sample
//   node text.mjs DICTIONARY OUTPUTS.safetensors TENSOR LINES.txt  how many letters of these lines are wrong
import { readFileSync } from 'node:fs';

// Class 0 is the blank, the last one a space.
export function readDictionary(path) {
  const words = readFileSync(path, 'utf8').split(/\r?\n/);
  if (words.at(-1) === '') words.pop();
  return ['', ...words, ' '];
}

export function readTensor(path, name) {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const entry = JSON.parse(bytes.toString('utf8', 8, 8 + length))[name];
  if (!entry) throw new Error(`${path}: no tensor ${name}`);
  const [first, end] = entry.data_offsets.map((offset) => offset + 8 + length);
  return { shape: entry.shape, data: new Float32Array(bytes.buffer.slice(bytes.byteOffset + first, bytes.byteOffset + end)) };
}

// tensor [samples][columns][classes]
export function readLines({ shape, data }, dictionary) {
  const [samples, columns, classes] = shape;
  if (classes !== dictionary.length) throw new Error(`${classes} classes, the dictionary has ${dictionary.length}`);
  return Array.from({ length: samples }, (_, sample) => {
    let text = '';
    let before = 0;
    for (let column = 0; column < columns; column++) {
      const row = data.subarray((sample * columns + column) * classes, (sample * columns + column + 1) * classes);
      const likeliest = row.indexOf(row.reduce((most, value) => Math.max(most, value), -Infinity));
      if (likeliest !== before) text += dictionary[likeliest];
      before = likeliest;
    }
    return text.trim();
  });
}

// Letters to change, add or take away until one text is the other (Levenshtein, 1966).
export function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [dictionary, outputs, tensor, expected] = process.argv.slice(2);
  const lines = readLines(readTensor(outputs, tensor), readDictionary(dictionary));
  if (expected) {
    const wanted = readFileSync(expected, 'utf8').trimEnd().split('\n');
    console.log(lines.reduce((sum, line, i) => sum + distance(line, wanted[i]), 0));
  } else {
    for (const line of lines) console.log(line);
  }
}

// Checks the exported folders with ONNX Runtime against reference.json. Needs onnxruntime-node 1.29 (check_export.sh runs it):
//   node check_export.mjs MODELS_FOLDER OUT_FOLDER, in the folder that has node_modules
// OUT_FOLDER holds the decoders with a float32 cache (float_cache.py) and held-out token sequences (export.py).
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ort = createRequire(join(process.cwd(), "package.json"))("onnxruntime-node");
const [models, out] = process.argv.slice(2);
const json = path => JSON.parse(readFileSync(path, "utf8"));
const options = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: "all" };
const int64 = (values, shape) => new ort.Tensor("int64", BigInt64Array.from(values, BigInt), shape);
const largest = values => values.reduce((best, value, i) => value > values[best] ? i : best, 0);
let failures = 0;

function report(what, value, ok) {
  console.log(`${ok ? "ok    " : "FAILED"} ${what}: ${value}`);
  failures += ok ? 0 : 1;
}

async function checkRouter() {
  const folder = join(models, "router-nano");
  const session = await ort.InferenceSession.create(join(folder, "model.onnx"), options);
  const texts = json(join(folder, "reference.json")).texts;
  const embed = async (rows, length, filler) => {
    const ids = rows.flatMap(row => [...row, ...Array(length - row.length).fill(filler)]);
    const mask = rows.flatMap(row => [...row.map(() => 1), ...Array(length - row.length).fill(0)]);
    const shape = [rows.length, length];
    return (await session.run({ input_ids: int64(ids, shape), attention_mask: int64(mask, shape) })).sentence_embedding;
  };
  const difference = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

  let alone = 0, padded = 0;
  const longest = Math.max(...texts.map(t => t.ids.length));
  const batch = await embed(texts.map(t => t.ids), longest, 7);
  const size = batch.dims[1];
  for (const [i, text] of texts.entries()) {
    alone = Math.max(alone, difference([...(await embed([text.ids], text.ids.length, 0)).data], text.embedding));
    padded = Math.max(padded, difference([...batch.data.slice(i * size, (i + 1) * size)], text.embedding));
  }
  report("router-nano: embedding against PyTorch, alone", alone.toExponential(1), alone < 1e-4);
  report("router-nano: embedding against PyTorch, padded batch", padded.toExponential(1), padded < 1e-4);

  for (const length of [16, 64, 128, 512]) {
    const row = Array.from({ length }, (_, i) => 300 + (i * 7919) % 12000);
    const times = [];
    for (let i = 0; i < 200; i++) {
      const start = performance.now();
      await embed([row], length, 0);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    console.log(`       router-nano: ${length} tokens, 1 thread: p50 ${times[100].toFixed(2)} ms, p95 ${times[190].toFixed(2)} ms`);
  }
}

class Decoder {
  static async open(path, heads) {
    const decoder = new Decoder();
    decoder.session = await ort.InferenceSession.create(path, options);
    decoder.heads = heads;
    decoder.type = path.includes("float-kv") ? "float32" : "int8";
    decoder.reset();
    return decoder;
  }

  reset() {
    this.cache = {};
    this.length = 0;
    for (const [layer, { count, size }] of this.heads.entries())
      for (const part of ["key", "value"])
        this.cache[`past_key_values.${layer}.${part}`] =
          new ort.Tensor(this.type, this.type === "int8" ? new Int8Array(0) : new Float32Array(0), [1, count, 0, size]);
  }

  async append(ids) {
    this.length += ids.length;
    const outputs = await this.session.run({
      ...this.cache, input_ids: int64(ids, [1, ids.length]), attention_mask: int64(Array(this.length).fill(1), [1, this.length])
    });
    for (const name of Object.keys(this.cache)) this.cache[name] = outputs[name.replace("past_key_values", "present")];
    return outputs.logits.data;
  }
}

async function checkSample(name) {
  const folder = join(models, name);
  const config = json(join(folder, "config.json"));
  const heads = config.layer_types.map(type => type === "full_attention"
    ? { count: config.num_global_key_value_heads, size: config.global_head_dim }
    : { count: config.num_key_value_heads, size: config.head_dim });
  const float = await Decoder.open(join(out, `${name}-float-kv.onnx`), heads);
  const int8 = await Decoder.open(join(folder, "model.onnx"), heads);

  let whole = 0, parts = 0, quantised = 0;
  for (const { ids, topIds, topLogits } of json(join(folder, "reference.json")).prompts) {
    const difference = logits => Math.max(...topIds.map((id, i) => Math.abs(logits[id] - topLogits[i])));
    float.reset();
    whole = Math.max(whole, difference(await float.append(ids)));
    float.reset();
    await float.append(ids.slice(0, 5));
    await float.append(ids.slice(5, -1));
    parts = Math.max(parts, difference(await float.append(ids.slice(-1))));
    int8.reset();
    quantised = Math.max(quantised, difference(await int8.append(ids)));
  }
  report(`${name}: float32 cache, logits against PyTorch, in one piece`, whole.toExponential(1), whole < 1e-3);
  report(`${name}: float32 cache, logits against PyTorch, in three pieces`, parts.toExponential(1), parts < 1e-3);
  console.log(`       ${name}: int8 cache, largest logit difference to PyTorch ${quantised.toFixed(3)}`);

  let same = 0, positions = 0;
  for (const { ids, answer } of json(join(out, `${name}-held-out.json`))) {
    float.reset();
    int8.reset();
    let a = await float.append(ids.slice(0, answer)), b = await int8.append(ids.slice(0, answer));
    for (let at = answer; ; at++) {
      same += largest(a) === largest(b);
      positions++;
      if (at === ids.length) break;
      a = await float.append([ids[at]]);
      b = await int8.append([ids[at]]);
    }
  }
  const path = join(folder, "reference.json");
  writeFileSync(path, JSON.stringify({ ...json(path), int8KvTop1Agreement: same / positions, int8KvPositions: positions }) + "\n");
  report(`${name}: int8 cache, same top token as float32`, `${(100 * same / positions).toFixed(2)} % of ${positions}`, same / positions > 0.9);
}

await checkRouter();
for (const name of ["sample-coding", "sample-reasoning"]) await checkSample(name);
process.exit(failures ? 1 : 0);

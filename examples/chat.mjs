// npm install --prefix examples && node examples/chat.mjs "your prompt" [http://localhost:8080]      (Node.js 22 or newer)
// Streams one answer through the gateway; prints the decision, the text as it comes, and how fast it came.
import OpenAI from 'openai';

const [prompt = 'Write a Python function that reverses a list.', gateway = 'http://localhost:8080'] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: 'unused' });
const started = performance.now();
const { data: stream, response } = await client.chat.completions
  .create({
    model: 'auto',
    messages: [{ role: 'user', content: prompt }],
    max_tokens: 120,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  })
  .withResponse();

const header = (name) => response.headers.get(`x-router-${name}`);
console.log(`route ${header('route')} (${header('outcome')} ${header('confidence')}), model ${header('model')}\n`);

let firstToken;
let usage;
for await (const chunk of stream) {
  const text = chunk.choices[0]?.delta?.content;
  if (text) {
    firstToken ??= performance.now();
    process.stdout.write(text);
  }
  usage = chunk.usage ?? usage;
}

const ended = performance.now();
const rate = ((usage.completion_tokens - 1) / (ended - firstToken)) * 1000;
console.log(`\n\nfirst token after ${(firstToken - started).toFixed(0)} ms, then ${rate.toFixed(0)} tokens/s (${usage.completion_tokens} tokens)`);

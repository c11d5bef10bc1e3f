// Drives the gateway with the npm openai client as an application would; prints what it saw as one JSON line.
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: 'unused', maxRetries: 0 });
const prompt = process.argv[3];
const seen = {};

const { data: whole, response } = await client.chat.completions
  .create({ model: 'auto', messages: [{ role: 'user', content: prompt }], max_tokens: 24, temperature: 0 })
  .withResponse();
seen.route = response.headers.get('x-router-route');
seen.outcome = response.headers.get('x-router-outcome');
seen.requestId = whole._request_id;
seen.text = whole.choices[0].message.content;
seen.finish = whole.choices[0].finish_reason;
seen.usage = whole.usage;

const stream = await client.chat.completions.create({
  model: 'auto',
  messages: [{ role: 'user', content: prompt }],
  max_tokens: 24,
  temperature: 0,
  stream: true,
  stream_options: { include_usage: true },
});
seen.streamed = '';
seen.deltas = 0;
for await (const chunk of stream) {
  const delta = chunk.choices[0]?.delta?.content;
  if (delta) {
    seen.streamed += delta;
    seen.deltas++;
  }
  seen.streamUsage = chunk.usage ?? seen.streamUsage;
}

try {
  await client.chat.completions.create({ model: 'no-such-model', messages: [{ role: 'user', content: 'hi' }] });
} catch (e) {
  seen.error = { name: e.constructor.name, status: e.status, code: e.code, param: e.param, requestId: e.requestID };
}

seen.models = [];
for await (const model of client.models.list()) seen.models.push(model.id);

console.log(JSON.stringify(seen));

// The openai client and fetch with the gateway's tools, as docs/frameworks.md shows it.
import OpenAI from 'openai';

const [, , base, key, weatherUrl] = process.argv;

const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: key });

{
  const registered = await fetch(`${base}/v1/tools`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      name: 'get_weather', description: 'Weather of a city', leaseTtl: '1h', type: 'http', http: { url: weatherUrl },
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    }),
  });
  console.log(registered.status);
}

{
  const runner = client.chat.completions.runTools({
    model: 'auto', stream: true, messages: [{ role: 'user', content: 'What time is it in Oslo?' }],
    tools: [{
      type: 'function',
      function: {
        name: 'get_time', description: 'Time in a city', parse: JSON.parse, function: ({ city }) => `12:00 in ${city}`,
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    }],
  });
  console.log(await runner.finalContent());
}

{
  const answer = await client.chat.completions.create({
    model: 'auto', messages: [{ role: 'user', content: 'How is the weather in Bergen?' }],
    tool_selection: { names: ['get_weather'] }, tool_execution: { max_rounds: 2 },
  });
  console.log(answer.choices[0].message.content);
}

{
  const stream = await client.chat.completions.create({
    model: 'auto', stream: true, messages: [{ role: 'user', content: 'How is the weather in Hamar?' }],
    tool_selection: 'auto', tool_execution: 'gateway',
  });
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  console.log();
}

// LangChain against the gateway, as docs/frameworks.md shows it.
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { ChatOpenAI } from '@langchain/openai';
import { createAgent, tool } from 'langchain';
import { z } from 'zod';

const [, , base, key] = process.argv;

const model = new ChatOpenAI({ model: 'auto', apiKey: key, configuration: { baseURL: `${base}/v1` } });

const getTime = tool(async ({ city }) => `12:00 in ${city}`, {
  name: 'get_time', description: 'Time in a city', schema: z.object({ city: z.string() }),
});

{
  const agent = createAgent({ model, tools: [getTime] });
  const question = { messages: [{ role: 'user', content: 'What time is it in Oslo?' }] };
  for await (const [chunk] of await agent.stream(question, { streamMode: 'messages' })) {
    if (chunk.type === 'ai') process.stdout.write(chunk.text);
  }
  console.log();
}

{
  const mcp = new MultiServerMCPClient({
    gateway: { transport: 'http', url: `${base}/mcp`, headers: { Authorization: `Bearer ${key}` } },
  });
  const agent = createAgent({ model, tools: await mcp.getTools() });
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'How is the weather in Bergen?' }] });
  console.log(messages.at(-1).text);
  await mcp.close();
}

{
  const model = new ChatOpenAI({
    model: 'auto', apiKey: key, configuration: { baseURL: `${base}/v1` },
    modelKwargs: { tool_selection: 'auto', tool_execution: 'gateway' },
  });
  for await (const chunk of await model.stream('How is the weather in Hamar?')) process.stdout.write(chunk.text);
  console.log();

  const agent = createAgent({ model, tools: [getTime] }); // get_time runs here, the gateway's tools run there
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'Time and weather in Voss?' }] });
  console.log(messages.at(-1).text);
}

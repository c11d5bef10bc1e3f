// The OpenAI Agents SDK against the gateway, as docs/frameworks.md shows it.
import { Agent, MCPServerStreamableHttp, run, setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';

const [, , base, key] = process.argv;

setDefaultOpenAIClient(new OpenAI({ baseURL: `${base}/v1`, apiKey: key }));
setOpenAIAPI('chat_completions');
setTracingDisabled(true); // traces would go to OpenAI

const getTime = tool({
  name: 'get_time', description: 'Time in a city', parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `12:00 in ${city}`,
});

{
  const agent = new Agent({ name: 'Clock', model: 'auto', tools: [getTime] });
  const answer = await run(agent, 'What time is it in Oslo?', { stream: true });
  for await (const delta of answer.toTextStream()) process.stdout.write(delta);
  console.log();
}

{
  const mcp = new MCPServerStreamableHttp({
    url: `${base}/mcp`, requestInit: { headers: { Authorization: `Bearer ${key}` } },
  });
  await mcp.connect();
  const agent = new Agent({ name: 'Weather', model: 'auto', mcpServers: [mcp] });
  console.log((await run(agent, 'How is the weather in Bergen?')).finalOutput);
  await mcp.close();
}

{
  const modelSettings = { providerData: { tool_selection: 'auto', tool_execution: 'gateway' } };
  const agent = new Agent({ name: 'Weather', model: 'auto', modelSettings });
  const answer = await run(agent, 'How is the weather in Hamar?', { stream: true });
  for await (const delta of answer.toTextStream()) process.stdout.write(delta);
  console.log();

  const both = new Agent({ name: 'Both', model: 'auto', modelSettings, tools: [getTime] }); // get_time runs here, the gateway's tools run there
  console.log((await run(both, 'Time and weather in Voss?')).finalOutput);
}

// The Vercel AI SDK against the gateway, as docs/frameworks.md shows it.
import { createMCPClient } from '@ai-sdk/mcp';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';

const [, , base, key] = process.argv;

const router = createOpenAICompatible({ name: 'router', baseURL: `${base}/v1`, apiKey: key, includeUsage: true });

const tools = {
  get_time: tool({
    description: 'Time in a city', inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `12:00 in ${city}`,
  }),
};

{
  const answer = streamText({
    model: router('auto'), tools, stopWhen: isStepCount(5), prompt: 'What time is it in Oslo?',
  });
  for await (const delta of answer.textStream) process.stdout.write(delta);
  console.log();
}

{
  const mcp = await createMCPClient({
    transport: { type: 'http', url: `${base}/mcp`, headers: { Authorization: `Bearer ${key}` } },
  });
  const { text } = await generateText({
    model: router('auto'), tools: await mcp.tools(), stopWhen: isStepCount(5), prompt: 'How is the weather in Bergen?',
  });
  console.log(text);
  await mcp.close();
}

{
  const providerOptions = { router: { tool_selection: 'auto', tool_execution: 'gateway' } }; // under the provider's name
  const answer = streamText({ model: router('auto'), providerOptions, prompt: 'How is the weather in Hamar?' });
  for await (const delta of answer.textStream) process.stdout.write(delta);
  console.log();

  const { text } = await generateText({ // get_time runs here, the gateway's tools run there
    model: router('auto'), providerOptions, tools, stopWhen: isStepCount(5), prompt: 'Time and weather in Voss?',
  });
  console.log(text);
}

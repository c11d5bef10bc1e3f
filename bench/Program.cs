using System.Reflection;
using BenchmarkDotNet.Running;
using RouterGateway.Benchmarks.Clients;
using RouterGateway.Benchmarks.Conversations;

// dotnet run -c Release --project bench -- --filter '*'                 results: docs/benchmarks.md
// dotnet run -c Release --project bench -- clients --file dev.jsonl     accuracy and times by number of clients
// dotnet run -c Release --project bench -- conversations                what kept prefixes save, and a soak of ten minutes
if (args is ["conversations", ..])
{
    return await ConversationsCommand.RunAsync(args.AsMemory(1));
}

if (args is ["clients", ..])
{
    return await ClientsCommand.RunAsync(args.AsMemory(1));
}

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;

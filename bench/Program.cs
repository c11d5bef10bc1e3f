using System.Reflection;
using BenchmarkDotNet.Running;
using RouterGateway.Benchmarks.Clients;

// dotnet run -c Release --project bench -- --filter '*'                 results: docs/benchmarks.md
// dotnet run -c Release --project bench -- clients --file dev.jsonl     accuracy and times by number of clients
if (args is ["clients", ..])
{
    return await ClientsCommand.RunAsync(args.AsMemory(1));
}

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;

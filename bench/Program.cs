using System.Reflection;
using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench -- --filter '*'        results: docs/benchmarks.md
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);

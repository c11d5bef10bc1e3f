using System.CommandLine;
using RouterGateway.Gateway.Cli;

var root = ServeCommand.Create(); // no verb: serve
root.Add(InferenceCommand.Create());
root.Add(ValidateCommand.Create());
root.Add(ExplainCommand.Create());
root.Add(EvalCommand.Create());
root.Add(ModelsCommand.Create());
root.Add(BenchCommand.Create());
root.Add(CacheCommand.Create());

// the host itself ends on Ctrl-C and SIGTERM, after its requests; System.CommandLine would cut it short after two seconds
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

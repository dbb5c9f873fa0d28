using System.CommandLine;
using ServerlessTrace.LocalHost.Commands;

// A stop may take as long as draining and Azurite's last write do; a second signal does not cut it short.
var untilDrained = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) };
return await LocalHostCommands.Create().Parse(args).InvokeAsync(untilDrained);

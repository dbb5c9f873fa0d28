using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Tests.Hosting;

namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

public sealed class GreetingFunctions(Calls calls)
{
    [Function("StartGreeting")]
    public static async Task<IResult> StartAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "greetings/{name}")] HttpRequest request, string name, [DurableClient] DurableTaskClient client)
    {
        string id = await client.ScheduleNewOrchestrationInstanceAsync(nameof(GreetAsync), name);
        OrchestrationMetadata ended = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, request.HttpContext.RequestAborted);
        return Results.Text($"{ended.RuntimeStatus}: {ended.SerializedOutput}");
    }

    [Function(nameof(GreetAsync))]
    public static async Task<string[]> GreetAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        string name = context.GetInput<string>()!;
        string first = await context.CallActivityAsync<string>("Say", new Greeting("Hello", name));
        string second = await context.CallActivityAsync<string>("Say", new Greeting("Bye", name));
        return [first, second];
    }

    [Function("SayActivity")]
    public Task<string> SayAsync([ActivityTrigger(Activity = "Say")] Greeting greeting, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        calls.Add(greeting.Word);
        return Task.FromResult($"{greeting.Word}, {greeting.Name}!");
    }

    public sealed record Greeting(string Word, string Name);
}

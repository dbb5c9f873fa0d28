using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Functions.Telemetry;

namespace ServerlessTrace.LocalHost.Invocation;

/// <summary>Runs one function: an instance, its parameters, the call, its result.</summary>
internal sealed class FunctionInvoker
{
    private readonly MethodInvoker _method;
    private readonly ObjectFactory? _instance;
    private readonly Func<FunctionRun, ValueTask<object?>>[] _parameters;
    private readonly Func<Task, object?>? _result;

    /// <exception cref="HostStartException">A parameter has a type that cannot be bound.</exception>
    public FunctionInvoker(HostedFunction function, TriggerBinding binding)
    {
        Function = function;
        MethodInfo method = function.Method;
        _method = MethodInvoker.Create(method);
        _instance = method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType!, Type.EmptyTypes);
        _parameters = [.. method.GetParameters().Select(parameter => Bind(parameter, binding))];
        _result = ResultOf(method.ReturnType);
    }

    public HostedFunction Function { get; }

    /// <summary>Runs the function as one piece of work, with a span of its own.</summary>
    public async Task<object?> RunTracedAsync(FunctionRun run)
    {
        using Activity? span = FunctionSpans.Start(Function);
        try
        {
            return await RunAsync(run);
        }
        catch (Exception failure)
        {
            ServiceTelemetry.Failed(span, failure);
            throw;
        }
    }

    /// <summary>Runs the function in a scope of its own.</summary>
    public async Task<object?> RunInScopeAsync(IServiceProvider services, Func<IServiceProvider, FunctionRun> run)
    {
        await using AsyncServiceScope scope = services.CreateAsyncScope();
        return await RunTracedAsync(run(scope.ServiceProvider));
    }

    /// <summary>Runs the function and returns its result, awaited; null where it has none.</summary>
    public async Task<object?> RunAsync(FunctionRun run)
    {
        object?[] arguments = new object?[_parameters.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = await _parameters[i](run);
        }

        object? instance = _instance?.Invoke(run.Services, null);
        try
        {
            object? returned = _method.Invoke(instance, arguments.AsSpan());
            if (returned is ValueTask plain)
            {
                returned = plain.AsTask();
            }

            if (returned is not Task task)
            {
                return returned;
            }

            // Orchestrators run on their engine's own scheduling: nothing here may move their continuations elsewhere.
            await task;
            return _result?.Invoke(task);
        }
        finally
        {
            await ReleaseAsync(instance);
            foreach (object? argument in arguments)
            {
                if (argument is Stream stream)
                {
                    await stream.DisposeAsync();
                }
            }
        }
    }

    private static async ValueTask ReleaseAsync(object? instance)
    {
        if (instance is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
        else if (instance is IDisposable disposable)
        {
            disposable.Dispose();
        }
    }

    private static Func<Task, object?>? ResultOf(Type type)
    {
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Task<>))
        {
            return null;
        }

        PropertyInfo result = type.GetProperty(nameof(Task<>.Result))!;
        return task => result.GetValue(task);
    }

    private Func<FunctionRun, ValueTask<object?>> Bind(ParameterInfo parameter, TriggerBinding binding)
    {
        // By its place: hosts that start at once in one process may be given different objects for the same parameter.
        if (parameter.Position == Function.TriggerParameter.Position)
        {
            return binding.Trigger;
        }

        if (parameter.ParameterType == typeof(CancellationToken))
        {
            return static run => ValueTask.FromResult<object?>(run.Cancellation);
        }

        if (parameter.ParameterType == typeof(DurableTaskClient) && parameter.IsDefined(typeof(DurableClientAttribute)))
        {
            return static run => ValueTask.FromResult<object?>(run.Services.GetRequiredService<DurableTaskClient>());
        }

        if (parameter.ParameterType == typeof(HttpRequest) && Function.Trigger is HttpTriggerAttribute)
        {
            return static run => ValueTask.FromResult<object?>(((HttpContext)run.Trigger!).Request);
        }

        if (binding.Names.Contains(parameter.Name!) && BindingValue.CanConvertTo(parameter.ParameterType))
        {
            return run => ValueTask.FromResult(BindingValue.Convert(run.Binding.GetValueOrDefault(parameter.Name!), parameter));
        }

        string names = binding.Names.Count == 0 ? "none" : string.Join(", ", binding.Names.Order(StringComparer.Ordinal));
        throw Function.Wrong(string.Create(
            CultureInfo.InvariantCulture,
            $"has a parameter '{parameter.Name}' of type {parameter.ParameterType.Name} that cannot be bound (names that can: {names})"));
    }
}

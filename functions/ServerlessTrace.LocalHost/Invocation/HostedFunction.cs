using System.Reflection;

namespace ServerlessTrace.LocalHost.Invocation;

/// <summary>A method that the host can run.</summary>
/// <param name="Name">The name in its <c>[Function]</c> attribute.</param>
/// <param name="Method">The method.</param>
/// <param name="TriggerParameter">The parameter with the trigger attribute.</param>
/// <param name="Trigger">The trigger attribute.</param>
internal sealed record HostedFunction(string Name, MethodInfo Method, ParameterInfo TriggerParameter, Attribute Trigger)
{
    /// <summary>Where the method is, for messages.</summary>
    public string Place => $"{Method.DeclaringType!.Name}.{Method.Name}";

    public HostStartException Wrong(string what) => new($"The function '{Name}' ({Place}) {what}.");
}

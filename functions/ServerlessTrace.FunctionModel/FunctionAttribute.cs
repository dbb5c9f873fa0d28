namespace ServerlessTrace.FunctionModel;

/// <summary>Marks a method as a function and gives it the name that hosts, logs and orchestrators call it by.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class FunctionAttribute(string name) : Attribute
{
    /// <summary>The function's name, unique in the app.</summary>
    public string Name { get; } = name;
}

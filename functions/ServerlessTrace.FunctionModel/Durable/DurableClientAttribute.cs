namespace ServerlessTrace.FunctionModel;

/// <summary>Binds a <see cref="DurableTaskClient"/>.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class DurableClientAttribute : Attribute
{
    /// <summary>The task hub; the app's own where null.</summary>
    public string? TaskHub { get; set; }

    /// <summary>The setting that names the backend; the app's own where null.</summary>
    public string? ConnectionName { get; set; }
}

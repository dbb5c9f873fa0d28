namespace ServerlessTrace.FunctionModel.Tests.Contract;

/// <summary>What an attribute may be put on, how often, and whether it is inherited.</summary>
internal sealed record AttributeUsageShape(AttributeTargets Targets, bool AllowMultiple, bool Inherited)
{
    public static AttributeUsageShape Of(AttributeUsageAttribute usage) => new(usage.ValidOn, usage.AllowMultiple, usage.Inherited);
}

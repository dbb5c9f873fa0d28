namespace ServerlessTrace.FunctionModel.Tests.Contract;

/// <summary>A type as the official list describes it.</summary>
/// <param name="FullName">Namespace and name.</param>
/// <param name="Kind">Such as <c>sealed class</c> or <c>readonly struct</c>.</param>
/// <param name="Base">The base type.</param>
internal sealed record OfficialType(string FullName, string Kind, string Base)
{
    /// <summary>The interfaces it implements.</summary>
    public List<string> Interfaces { get; } = [];

    /// <summary>Its members, each written as in the list, without the type's name and the notes.</summary>
    public List<OfficialMember> Members { get; } = [];

    /// <summary>What it may be put on, for attributes.</summary>
    public AttributeUsageShape? Usage { get; set; }

    public string SimpleName => FullName[(FullName.LastIndexOf('.') + 1)..];
}

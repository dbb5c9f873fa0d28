namespace ServerlessTrace.FunctionModel.Tests.Contract;

/// <summary>A member as the official list describes it.</summary>
/// <param name="Name">Without type arguments; <c>.ctor</c> for constructors.</param>
/// <param name="Text">Signature, modifiers, value and constraints.</param>
internal sealed record OfficialMember(string Name, string Text);

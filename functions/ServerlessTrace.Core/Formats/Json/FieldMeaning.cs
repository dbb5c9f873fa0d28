using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>What a field means in its place.</summary>
/// <typeparam name="TField">The fields that a format knows.</typeparam>
/// <param name="Field">What it means.</param>
/// <param name="Attribute">The name of the attribute that it is, or becomes if its value is not what the field wants.</param>
/// <param name="Scope">The attribute's scope.</param>
/// <param name="Strength">How strongly it claims to be the one where several fields mean the same: the higher wins.</param>
internal readonly record struct FieldMeaning<TField>(TField Field, string Attribute, AttributeScope Scope = AttributeScope.Span, int Strength = 1)
    where TField : struct, Enum;

using System.Reflection;

namespace ServerlessTrace.FunctionModel.Tests.Contract;

/// <summary>
/// The compiler's nullable annotations of one signature type, in the order of its parts.
/// <see cref="NullabilityInfoContext"/> would not do: it cannot tell <c>T</c> from <c>T?</c> for an unconstrained type parameter.
/// </summary>
/// <remarks>Encoding: dotnet/roslyn, docs/features/nullable-metadata.md.</remarks>
internal sealed class NullableAnnotations
{
    private const byte Annotated = 2;
    private readonly IList<byte> flags;
    private int next;

    private NullableAnnotations(IList<byte> flags) => this.flags = flags;

    public static NullableAnnotations Of(ParameterInfo parameter) => new(Own(parameter.GetCustomAttributesData()) ?? Context(parameter.Member));

    public static NullableAnnotations Of(PropertyInfo property) =>
        new(Own(property.GetCustomAttributesData()) ?? Context(property.DeclaringType!));

    public static NullableAnnotations Of(FieldInfo field) => new(Own(field.GetCustomAttributesData()) ?? Context(field.DeclaringType!));

    /// <summary>Whether the next part of the type is annotated; one flag means all parts.</summary>
    public bool NextIsNullable()
    {
        var flag = flags.Count == 1 ? flags[0] : flags[next];
        next++;
        return flag == Annotated;
    }

    private static IList<byte>? Own(IList<CustomAttributeData> attributes)
    {
        var argument = attributes
            .FirstOrDefault(attribute => attribute.AttributeType.FullName == "System.Runtime.CompilerServices.NullableAttribute")
            ?.ConstructorArguments[0].Value;
        return argument switch
        {
            byte flag => [flag],
            IReadOnlyCollection<CustomAttributeTypedArgument> many => [.. many.Select(one => (byte)one.Value!)],
            _ => null,
        };
    }

    private static IList<byte> Context(MemberInfo? scope)
    {
        for (; scope is not null; scope = scope.DeclaringType)
        {
            var context = scope.GetCustomAttributesData()
                .FirstOrDefault(attribute => attribute.AttributeType.FullName == "System.Runtime.CompilerServices.NullableContextAttribute");
            if (context is not null)
            {
                return [(byte)context.ConstructorArguments[0].Value!];
            }
        }

        return [0];
    }
}

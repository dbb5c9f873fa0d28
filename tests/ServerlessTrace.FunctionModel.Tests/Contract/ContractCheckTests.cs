namespace ServerlessTrace.FunctionModel.Tests.Contract;

/// <summary>The check of the contract is itself checked: against types that deviate in one way each.</summary>
public class ContractCheckTests
{
    public static TheoryData<string, string, string> Deviating => new()
    {
        { "Renamed", "class", ".Kept : string? { get; set; }  [public property]" },
        { "NotNullable", "class", ".Text : string? { get; set; }  [public property]" },
        { "NotNullableInside", "class", ".Read() : Task<IList<string?>>  [public method]" },
        { "NotNullableTypeParameter", "class", ".Read<T>() : Task<T?>  [public method]" },
        { "OtherPropertyType", "class", ".Count : int { get; set; }  [public property]" },
        { "InitOnly", "class", ".Count : int { get; set; }  [public property]" },
        { "Settable", "class", ".Count : int { get; init; }  [public property]" },
        { "ProtectedSetter", "class", ".Count : int { get; set; }  [public property]" },
        { "OtherDefault", "class", ".Page(int size = 100) : void  [public method]" },
        { "NoDefault", "class", ".Page(int size = 100) : void  [public method]" },
        { "OtherReturnType", "class", ".Stop() : Task  [public method]" },
        { "NotVirtual", "class", ".Stop() : void  [public virtual method]" },
        { "NotStatic", "class", ".Make() : int  [public static method]" },
        { "MoreMembers", "class", ".Other() : void  [public method]" },
        { "MoreFields", "class", ".Other() : void  [public method]" },
        { "OtherConstant", "class", ".Size : int  [public const field] = 2" },
        { "Unconstrained", "class", ".Is<T>() : bool  [public method] where T : Exception" },
    };

    public static TheoryData<string, string> OfAnotherKind => new()
    {
        { "Unsealed", "sealed class" },
        { "Record", "class" },
        { "Mutable", "readonly struct" },
    };

    [Fact]
    public void Types_that_match_the_list_have_no_deviation()
    {
        const string List = """
            Official.FaithfulAttribute  [sealed class; base: Attribute; assembly: Official]
            Official.FaithfulAttribute  @AttributeUsageAttribute(Parameter)
            Official.FaithfulAttribute..ctor(params string?[] names)  [public constructor]
            Official.FaithfulAttribute..ctor(int count, string? name = null, CancellationToken cancellation = default, bool deep = true)  [public constructor]
            Official.FaithfulAttribute.Names : string?[] { get; }  [public property]
            Official.FaithfulAttribute.More : int { get; }  [public property]

            Official.FaithfulRecord  [record class; base: object; implements: IEquatable<Official.FaithfulRecord>; assembly: Official]
            Official.FaithfulRecord..ctor(string? InstanceId = null, DateTimeOffset? StartAt = null)  [public constructor]
            Official.FaithfulRecord..ctor(Official.FaithfulRecord original)  [protected constructor]
            Official.FaithfulRecord.InstanceId : string? { get; init; }  [public property]
            Official.FaithfulRecord.StartAt : DateTimeOffset? { get; init; }  [public property]
            Official.FaithfulRecord.ToString() : string  [public override method]
            """;

        Assert.Empty(Deviations(List, "FaithfulAttribute", "FaithfulRecord"));
    }

    [Theory]
    [MemberData(nameof(Deviating))]
    public void A_member_of_another_shape_is_a_deviation(string type, string kind, string member)
    {
        var deviations = Deviations(
            $"""
            Official.{type}  [{kind}; base: object; assembly: Official]
            Official.{type}..ctor()  [public constructor]
            Official.{type}{member}
            """,
            type);

        // A member of the right name and the wrong shape is both too much and too little.
        Assert.Contains(deviations, deviation => deviation.StartsWith($"{type}: has ", StringComparison.Ordinal));
        Assert.All(deviations, deviation => Assert.DoesNotContain(".ctor", deviation, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(OfAnotherKind))]
    public void A_type_of_another_kind_is_a_deviation(string type, string kind)
    {
        var list = type == "Mutable"
            ? $"Official.{type}  [{kind}; base: ValueType; assembly: Official]"
            : $"""
              Official.{type}  [{kind}; base: object; implements: IEquatable<Official.{type}>; assembly: Official]
              Official.{type}..ctor()  [public constructor]
              Official.{type}..ctor(Official.{type} original)  [protected constructor]
              Official.{type}.ToString() : string  [public override method]
              """;

        Assert.Contains(Deviations(list, type), deviation => deviation.EndsWith($"officially a {kind}", StringComparison.Ordinal));
    }

    [Fact]
    public void An_abstract_class_is_not_a_concrete_one()
    {
        const string List = """
            Official.Abstract  [class; base: object; assembly: Official]
            Official.Abstract..ctor()  [protected constructor]
            """;

        Assert.Equal(["Abstract: is a abstract class, officially a class"], Deviations(List, "Abstract"));
    }

    [Theory]
    [InlineData("OtherParameterName", "(string name)")]
    [InlineData("NoParams", "(params string[] names)")]
    public void A_constructor_called_otherwise_is_a_deviation(string type, string parameters)
    {
        var deviations = Deviations(
            $$"""
            Official.{{type}}  [class; base: object; assembly: Official]
            Official.{{type}}..ctor{{parameters}}  [public constructor]
            Official.{{type}}.Name : string { get; }  [public property]
            """,
            type);

        Assert.Contains(deviations, deviation => deviation.StartsWith($"{type}: has .ctor(", StringComparison.Ordinal));
        Assert.Contains(deviations, deviation => deviation.StartsWith($"{type}: lacks .ctor{parameters}", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_base_type_is_a_deviation()
    {
        const string List = """
            Official.OtherBase  [class; base: object; assembly: Official]
            Official.OtherBase..ctor()  [public constructor]
            """;

        Assert.Equal(
            ["OtherBase: derives from List<int>, officially from object"],
            Deviations(List, "OtherBase"));
    }

    [Fact]
    public void An_interface_too_many_is_a_deviation()
    {
        const string List = """
            Official.MoreInterfaces  [class; base: object; assembly: Official]
            Official.MoreInterfaces..ctor()  [public constructor]
            Official.MoreInterfaces.Dispose() : void  [public method]
            """;

        Assert.Equal(["MoreInterfaces: implements IDisposable, officially not"], Deviations(List, "MoreInterfaces"));
    }

    [Fact]
    public void An_overload_that_would_win_a_call_officially_must_be_there_too()
    {
        const string List = """
            Official.FewerOverloads  [class; base: object; assembly: Official]
            Official.FewerOverloads..ctor()  [public constructor]
            Official.FewerOverloads.Call(string name, object? input = null) : void  [public method]
            Official.FewerOverloads.Call(string name, TimeSpan timeout) : void  [public method]
            Official.FewerOverloads.Call(string name, Official.Unknown options) : void  [public method]
            """;

        Assert.Equal(
            ["FewerOverloads: lacks Call(string name, TimeSpan timeout) : void  [public method]"],
            Deviations(List, "FewerOverloads"));
    }

    [Theory]
    [InlineData("OtherValue", "has Running = 1, officially Running = 0")]
    [InlineData("MoreValues", "has Idle = 1, officially nothing of that name")]
    [InlineData("OtherUnderlyingType", "has underlying: byte, officially underlying: int")]
    public void An_enum_of_other_values_is_a_deviation(string type, string deviation)
    {
        var list = $"""
            Official.{type}  [enum; base: Enum; implements: IComparable; assembly: Official]
            Official.{type}  underlying: int
            Official.{type}.Running = 0
            Official.{type}.Ended = 7
            """;

        Assert.Equal([$"{type}: {deviation}"], Deviations(list, type));
    }

    [Theory]
    [InlineData("OtherTargetsAttribute")]
    [InlineData("ManyTimesAttribute")]
    public void An_attribute_used_otherwise_is_a_deviation(string type)
    {
        var deviation = Assert.Single(Deviations(
            $"""
            Official.{type}  [sealed class; base: Attribute; assembly: Official]
            Official.{type}  effective (inherited) AttributeUsage(Parameter, AllowMultiple=False, Inherited=True)
            Official.{type}..ctor()  [public constructor]
            """,
            type));

        Assert.StartsWith($"{type}: is used as ", deviation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_is_not_in_the_list_is_a_deviation() =>
        Assert.Equal(["Renamed: no such official type"], Deviations(string.Empty, "Renamed"));

    [Theory]
    [InlineData("Official.A.Orphan : int { get; }  [public property]")]
    [InlineData("Official.A  [class; base: object; assembly: X]\nOfficial.A.Odd")]
    [InlineData("Official.A  [class; base: object; assembly: X]\nOfficial.A  something new")]
    public void A_line_of_the_list_that_is_not_understood_is_never_skipped(string list) =>
        Assert.Throws<FormatException>(() => OfficialApi.Parse(list));

    private static IReadOnlyList<string> Deviations(string list, params string[] types) =>
        new ContractCheck(OfficialApi.Parse(list), types.Select(type => typeof(DeviatingTypes).GetNestedType(type)!)).Deviations();
}

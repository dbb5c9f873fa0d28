using System.Reflection;
using System.Text.RegularExpressions;

namespace ServerlessTrace.FunctionModel.Tests.Contract;

/// <summary>
/// Finds where the function model deviates from the official API. The model may have less than the official types, never more and
/// never other; but where it has a method it has all of that method's overloads that can be written in its types, since otherwise a
/// call could mean one overload here and another one there.
/// </summary>
internal sealed partial class ContractCheck
{
    private readonly OfficialApi official;
    private readonly IReadOnlyDictionary<string, string> undescribed;
    private readonly List<Type> model;
    private readonly PublicShape shape;

    /// <param name="official">The official API.</param>
    /// <param name="model">The types to check.</param>
    /// <param name="undescribed">Types that the official list refers to by these full names but does not describe: taken as they are.</param>
    public ContractCheck(OfficialApi official, IEnumerable<Type> model, IReadOnlyDictionary<string, string>? undescribed = null)
    {
        this.official = official;
        this.model = [.. model];
        this.undescribed = undescribed ?? new Dictionary<string, string>();
        shape = new PublicShape(OfficialName);
    }

    public IReadOnlyList<string> Deviations() => [.. model.Where(type => !undescribed.ContainsKey(type.Name)).SelectMany(Deviations)];

    private IEnumerable<string> Deviations(Type type)
    {
        if (official.Find(type.Name) is not { } counterpart)
        {
            return [$"{type.Name}: no such official type"];
        }

        return TypeDeviations(type, counterpart)
            .Concat(MemberDeviations(type, counterpart))
            .Select(deviation => $"{type.Name}: {deviation}");
    }

    private IEnumerable<string> TypeDeviations(Type type, OfficialType counterpart)
    {
        if (PublicShape.Kind(type) != counterpart.Kind)
        {
            yield return $"is a {PublicShape.Kind(type)}, officially a {counterpart.Kind}";
        }

        if (type.IsGenericType)
        {
            yield return "is generic";
        }

        // The official attributes derive from bases of the binding packages, which functions never name.
        if (type.BaseType is { } baseType && shape.Name(baseType) is var name && name != BaseInList(counterpart))
        {
            yield return $"derives from {name}, officially from {counterpart.Base}";
        }

        foreach (var added in type.GetInterfaces().Select(shape.Name).Except(counterpart.Interfaces).Where(_ => !type.IsEnum))
        {
            // _Attribute and the like cannot occur; what an official base implements counts as implemented.
            if (type.BaseType is null || !type.BaseType.GetInterfaces().Select(shape.Name).Contains(added))
            {
                yield return $"implements {added}, officially not";
            }
        }

        if (typeof(Attribute).IsAssignableFrom(type)
            && AttributeUsageShape.Of(type.GetCustomAttribute<AttributeUsageAttribute>(true)!) is var usage
            && usage != counterpart.Usage)
        {
            yield return $"is used as {usage}, officially as {counterpart.Usage}";
        }
    }

    private IEnumerable<string> MemberDeviations(Type type, OfficialType counterpart)
    {
        var officialTexts = counterpart.Members.Select(member => member.Text).ToHashSet();
        var own = shape.Members(type).ToList();
        var ownTexts = own.Select(member => member.Text).ToHashSet();

        foreach (var member in own.Where(member => !officialTexts.Contains(member.Text)))
        {
            var candidates = counterpart.Members.Where(candidate => candidate.Name == member.Name).Select(candidate => candidate.Text);
            yield return $"has {member.Text}, officially {(candidates.Any() ? string.Join(" or ", candidates) : "nothing of that name")}";
        }

        if (type.IsEnum)
        {
            yield break;
        }

        var names = own.Select(member => member.Name).ToHashSet();
        foreach (var missing in counterpart.Members.Where(member => names.Contains(member.Name) && !ownTexts.Contains(member.Text)))
        {
            if (CanBeWritten(missing.Text))
            {
                yield return $"lacks {missing.Text}";
            }
        }
    }

    private string BaseInList(OfficialType counterpart) =>
        counterpart.Base.StartsWith("Microsoft.Azure.Functions.Worker.Extensions.Abstractions.", StringComparison.Ordinal)
        && !official.Describes(counterpart.Base)
            ? nameof(Attribute)
            : counterpart.Base;

    private string OfficialName(Type type) =>
        undescribed.TryGetValue(type.Name, out var name) && model.Contains(type) ? name
        : model.Contains(type) && official.Find(type.Name) is { } counterpart ? counterpart.FullName
        : type.FullName!;

    /// <summary>Whether a signature names only types that the model has, or that come with .NET.</summary>
    private bool CanBeWritten(string text)
    {
        var writable = model.Select(OfficialName).ToHashSet();
        return QualifiedName().Matches(text)
            .Select(match => match.Value)
            .All(name => writable.Contains(name) || FrameworkNamespaces().IsMatch(name));
    }

    [GeneratedRegex(@"\w+(\.\w+)+")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"^(System|Microsoft\.Extensions)\.")]
    private static partial Regex FrameworkNamespaces();
}

using ServerlessTrace.FunctionModel.Tests.Contract;

namespace ServerlessTrace.FunctionModel.Tests;

public class ContractTests
{
    // The list names this type as what purging returns, and says no more of it.
    private static readonly Dictionary<string, string> Undescribed = new()
    {
        [nameof(PurgeResult)] = "Microsoft.DurableTask.Client.PurgeResult",
    };

    private static IEnumerable<Type> Model => typeof(FunctionAttribute).Assembly.GetExportedTypes();

    [Fact]
    public void The_function_model_has_the_shape_of_the_official_packages()
    {
        Assert.Empty(new ContractCheck(OfficialApi.Listed, Model, Undescribed).Deviations());
    }

    [Fact]
    public void Everything_in_the_model_lives_in_one_namespace()
    {
        Assert.All(Model, type => Assert.Equal("ServerlessTrace.FunctionModel", type.Namespace));
    }

    [Fact]
    public void No_exception_outlives_its_reason()
    {
        Assert.All(Undescribed, exception =>
        {
            Assert.Null(OfficialApi.Listed.Find(exception.Key));
            Assert.Contains(exception.Value, OfficialApi.ListedText(), StringComparison.Ordinal);
            Assert.Contains(Model, type => type.Name == exception.Key);
        });
    }

    /// <summary>Whatever the model has, the check has looked it up: without that very line of the list it complains.</summary>
    [Fact]
    public void Every_line_of_the_list_that_the_model_relies_on_is_really_checked()
    {
        var lines = OfficialApi.ListedText().Split('\n');
        var shape = Model.Except([typeof(PurgeResult)]).ToList();
        var members = lines
            .Select((line, index) => (line, index))
            .Where(entry => shape.Any(type =>
                OfficialApi.Listed.Find(type.Name) is { } official
                && entry.line.StartsWith(official.FullName + ".", StringComparison.Ordinal)
                && type.GetMembers(All).Any(member => IsAbout(entry.line[(official.FullName.Length + 1)..], member))))
            .ToList();

        Assert.True(members.Count > 100, $"Only {members.Count} lines are relied on.");
        Assert.All(members, entry =>
        {
            var without = OfficialApi.Parse(string.Join('\n', lines.Where((_, index) => index != entry.index)));
            var complaints = new ContractCheck(without, Model, Undescribed).Deviations();

            // An overload in types that the model lacks is not relied on: leaving it out changes nothing.
            Assert.True(complaints.Count == 1 || NamesWhatTheModelLacks(entry.line), $"Not checked: {entry.line}");
        });
    }

    private const System.Reflection.BindingFlags All =
        System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance
        | System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.DeclaredOnly;

    private static bool IsAbout(string text, System.Reflection.MemberInfo member) =>
        text.StartsWith(member.Name, StringComparison.Ordinal) && text[member.Name.Length] is ' ' or '(' or '<';

    private static bool NamesWhatTheModelLacks(string line) =>
        new[] { "RetryHandler", "TerminateInstanceOptions", "PurgeInstanceOptions", "ContinueAsNewOptions", "HistoryEvent" }
            .Any(type => line.Contains(type, StringComparison.Ordinal));
}

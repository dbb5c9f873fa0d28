namespace ServerlessTrace.Core.Alerting.Rules;

/// <summary>The names of what every series is of; any other name is an attribute's.</summary>
internal static class SeriesDimension
{
    public const string Service = "service";
    public const string Operation = "operation";
    public const string Environment = "environment";

    public static bool IsNamed(string name) => name is Service or Operation or Environment;
}

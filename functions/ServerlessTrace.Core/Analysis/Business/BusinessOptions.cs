using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Core.Analysis.Business;

/// <summary>What traces are about.</summary>
public sealed class BusinessOptions
{
    /// <summary>
    /// The attributes that tell it, in the order reports show them; those of <see cref="AnalysisOptions.BusinessKeys"/> where none are set. A key that
    /// ends in <c>id</c> identifies something; the values of any other are measured where they are numbers.
    /// </summary>
    [MaxLength(50)]
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>The options of an analysis that looks for these keys.</summary>
    public AnalysisOptions ToAnalysis() => Keys.Count == 0 ? AnalysisOptions.Default : AnalysisOptions.Default with { BusinessKeys = Keys };
}

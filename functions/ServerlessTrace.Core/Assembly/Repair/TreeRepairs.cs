namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>What making a tree of a trace's spans took.</summary>
/// <param name="Root">The root's index; -1 where there are no spans.</param>
/// <param name="Roots">Spans without a present parent.</param>
/// <param name="MissingParents">Spans that name a parent that is not there.</param>
/// <param name="SharedSpans">Server halves of calls that hang on the client's half with the same id.</param>
/// <param name="Cycles">Cycles of parents that were cut.</param>
internal readonly record struct TreeRepairs(int Root, int Roots, int MissingParents, int SharedSpans, int Cycles);

using System.IO.Enumeration;
using System.Text;

namespace ServerlessTrace.Core.Privacy;

/// <summary>What becomes of an attribute's value because of the attribute's name. Thread-safe.</summary>
internal sealed class AttributeNames
{
    private readonly Names _except;
    private readonly (Names Names, RedactionAction Action)[] _rules;
    private readonly RedactionAction? _wellKnown;

    public AttributeNames(RedactionOptions options)
    {
        _except = new Names(options.Except);
        _rules = [.. options.Rules.Where(rule => rule.Names.Count > 0).Select(rule => (new Names(rule.Names), rule.Action))];
        _wellKnown = options.WellKnown ? options.Action : null;
    }

    /// <summary>Whether values of that name are never redacted, whatever is in them.</summary>
    public bool IsExempt(ReadOnlySpan<byte> name) => _except.Contain(name);

    /// <summary>What becomes of values of that name; null for nothing.</summary>
    public RedactionAction? Decide(ReadOnlySpan<byte> name)
    {
        foreach ((Names names, RedactionAction action) in _rules)
        {
            if (names.Contain(name))
            {
                return action;
            }
        }

        return _wellKnown is { } wellKnown && WellKnownNames.Secrets.IsNamed(name) && !WellKnownNames.Harmless.IsNamed(name) ? wellKnown : null;
    }

    /// <summary>Configured names: with a <c>*</c> compared as a whole, without one by their last words.</summary>
    private sealed class Names(IEnumerable<string> names)
    {
        private readonly NameWords _words = new(names.Where(name => !name.Contains('*', StringComparison.Ordinal)));
        private readonly string[] _wildcards = [.. names.Where(name => name.Contains('*', StringComparison.Ordinal))];

        public bool Contain(ReadOnlySpan<byte> name)
        {
            if (_words.IsNamed(name))
            {
                return true;
            }

            if (_wildcards.Length == 0)
            {
                return false;
            }

            string text = Encoding.UTF8.GetString(name);
            return Array.Exists(_wildcards, wildcard => FileSystemName.MatchesSimpleExpression(wildcard, text));
        }
    }
}

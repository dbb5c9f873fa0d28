using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace ServerlessTrace.Infra.Tests.Code;

/// <summary>An empty configuration that notes every setting it is asked for.</summary>
internal sealed class RecordedConfiguration : IConfiguration
{
    private readonly IConfiguration _empty = new ConfigurationBuilder().Build();

    /// <summary>The settings that were read, as <c>Section:Name</c>.</summary>
    public SortedSet<string> Read { get; } = new(StringComparer.Ordinal);

    public string? this[string key]
    {
        get
        {
            Read.Add(key);
            return null;
        }
        set => throw new NotSupportedException();
    }

    public IEnumerable<IConfigurationSection> GetChildren() => [];

    public IChangeToken GetReloadToken() => _empty.GetReloadToken();

    public IConfigurationSection GetSection(string key) => new Section(this, key, isEmpty: false);

    /// <summary>A section that options are bound to must seem to have something in it, or the binder does not ask for their properties.</summary>
    private sealed class Section(RecordedConfiguration root, string path, bool isEmpty) : IConfigurationSection
    {
        public string Key => path[(path.LastIndexOf(':') + 1)..];

        public string Path => path;

        public string? Value
        {
            get => root[path];
            set => throw new NotSupportedException();
        }

        public string? this[string key]
        {
            get => root[$"{path}:{key}"];
            set => throw new NotSupportedException();
        }

        public IEnumerable<IConfigurationSection> GetChildren() => isEmpty ? [] : [GetSection("-")];

        public IChangeToken GetReloadToken() => root.GetReloadToken();

        public IConfigurationSection GetSection(string key) => new Section(root, $"{path}:{key}", isEmpty: true);
    }
}

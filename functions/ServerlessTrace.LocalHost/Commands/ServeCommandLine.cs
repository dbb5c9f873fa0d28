using System.CommandLine;

namespace ServerlessTrace.LocalHost.Commands;

/// <summary>The options that all verbs share.</summary>
internal sealed class ServeCommandLine
{
    private readonly Option<int> _port = new("--port")
    {
        Description = "The port of the HTTP functions on 127.0.0.1; 0 for a free one.",
        HelpName = "N",
        DefaultValueFactory = static _ => 7071,
        Recursive = true,
    };

    private readonly Option<string?> _storage = new("--storage")
    {
        Description = "A storage account's connection string. Without it Azurite is started.",
        HelpName = "CONNECTION",
        Recursive = true,
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "The folder for Azurite's data and the function keys. Default: .serverlesstrace in the repository.",
        HelpName = "FOLDER",
        Recursive = true,
    };

    private readonly Option<string?> _drop = new("--drop")
    {
        Description = "Upload the files that appear in this folder into the container span-logs.",
        HelpName = "FOLDER",
        Recursive = true,
    };

    private readonly Option<bool> _inMemory = new("--in-memory")
    {
        Description = "Let Azurite keep its data in memory: faster, and gone at the end.",
        Recursive = true,
    };

    private readonly Option<int> _storagePort = new("--storage-port")
    {
        Description = "The first of Azurite's three ports on 127.0.0.1; 0 for free ones.",
        HelpName = "N",
        DefaultValueFactory = static _ => 10000,
        Recursive = true,
    };

    private readonly Option<int?> _storageHeap = new("--storage-heap")
    {
        Description = "The heap limit of Azurite's Node process.",
        HelpName = "MIB",
        Recursive = true,
    };

    private readonly Option<string> _durable = new("--durable")
    {
        Description = "Where orchestrations are kept: in one table, or as Durable Functions keep them on Azure (slower, for comparison).",
        HelpName = "table|azure-storage",
        DefaultValueFactory = static _ => Environment.GetEnvironmentVariable(Product.DurableVariable) ?? "table",
        Recursive = true,
    };

    public ServeCommandLine()
    {
        _durable.AcceptOnlyFromAmong("table", "azure-storage");
        _port.Validators.Add(static result => CheckRange(result.GetValueOrDefault<int>(), 65535, "--port", result.AddError));
        _storagePort.Validators.Add(static result => CheckRange(result.GetValueOrDefault<int>(), 65533, "--storage-port", result.AddError));
    }

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _port, _storage, _data, _drop, _inMemory, _storagePort, _storageHeap, _durable })
        {
            command.Options.Add(option);
        }
    }

    public ServeOptions Read(ParseResult parsed) => new(
        parsed.GetValue(_port),
        parsed.GetValue(_storage),
        parsed.GetValue(_data) ?? RepositoryRoot.LocalFolder,
        parsed.GetValue(_drop),
        parsed.GetValue(_inMemory),
        parsed.GetValue(_storagePort),
        parsed.GetValue(_storageHeap),
        Product.ReadDurable(parsed.GetValue(_durable)!) ?? DurableBackend.Table);

    private static void CheckRange(int value, int most, string option, Action<string> addError)
    {
        if (value < 0 || value > most)
        {
            addError($"{option} must be from 0 to {most}.");
        }
    }
}

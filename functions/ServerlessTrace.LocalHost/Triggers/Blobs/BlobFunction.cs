using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.LocalHost.Invocation;

namespace ServerlessTrace.LocalHost.Triggers.Blobs;

/// <summary>A blob-triggered function, ready to run.</summary>
internal sealed class BlobFunction
{
    /// <exception cref="HostStartException">The path or a parameter is wrong.</exception>
    public BlobFunction(HostedFunction function, IConfiguration settings)
    {
        Name = function.Name;
        string path = SettingReferences.Resolve(((BlobTriggerAttribute)function.Trigger).BlobPath, settings, function);
        Pattern = BlobPathPattern.TryParse(path) ?? throw function.Wrong($"has the blob path '{path}': write it as container/{{name}}");
        Invoker = new FunctionInvoker(function, BlobTriggerBinding.For(function, Pattern));
    }

    public string Name { get; }

    public BlobPathPattern Pattern { get; }

    public FunctionInvoker Invoker { get; }
}

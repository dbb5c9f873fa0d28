using System.Diagnostics;
using OpenTelemetry;

namespace ServerlessTrace.Instrumentation.Correlation;

/// <summary>Puts the ambient business ids on every span, for any exporter: <c>AddProcessor(new CorrelationProcessor())</c>.</summary>
/// <param name="ids">The allow-list; default <see cref="BusinessIds.Default"/>.</param>
public sealed class CorrelationProcessor(BusinessIds? ids = null) : BaseProcessor<Activity>
{
    private readonly BusinessIds _ids = ids ?? BusinessIds.Default;

    /// <inheritdoc/>
    public override void OnStart(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        CorrelationScope.Tag(data, _ids);
    }
}

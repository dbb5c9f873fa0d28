using System.Globalization;

namespace ServerlessTrace.Instrumentation.SpanLogs.Sinks;

/// <summary>
/// Writes to files <c>NAME-TIME-PROCESS-NUMBER.ndjson</c>, a new one by length and age, and deletes the oldest. Several processes may
/// share the folder. A batch that failed half-way is written again into a new file: the backend merges what it sees twice.
/// </summary>
/// <param name="options">When files are ended and deleted.</param>
/// <param name="clock">The clock.</param>
public sealed class RollingFileSink(RollingFileSinkOptions options, TimeProvider? clock = null) : SpanLogSink
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private FileStream? _file;
    private DateTimeOffset _opened;
    private int _number;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        if (_file is null || (_file.Length > 0 && _file.Length + lines.Length > options.FileBytes) || _clock.GetUtcNow() - _opened >= options.FileAge)
        {
            await CloseAsync().ConfigureAwait(false);
            _file = Open();
            DeleteOldest();
        }

        try
        {
            await _file.WriteAsync(lines, cancellationToken).ConfigureAwait(false);
            await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            await CloseAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(options.Folder);
        _opened = _clock.GetUtcNow();
        string name = string.Create(
            CultureInfo.InvariantCulture, $"{options.Name}-{_opened:yyyyMMdd'T'HHmmss}-{Environment.ProcessId}-{++_number:d6}.ndjson");
        return new FileStream(Path.Join(options.Folder, name), new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
        });
    }

    private void DeleteOldest()
    {
        // Times and numbers in names have a fixed width, so that the oldest comes first.
        string[] files = Directory.GetFiles(options.Folder, $"{options.Name}-*.ndjson");
        Array.Sort(files, StringComparer.Ordinal);
        foreach (string file in files.AsSpan(0, Math.Max(0, files.Length - options.KeptFiles)))
        {
            try
            {
                File.Delete(file);
            }
            catch (IOException)
            {
                // Another process writes or reads it: next time.
            }
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_file is { } file)
        {
            _file = null;
            await file.DisposeAsync().ConfigureAwait(false);
        }
    }
}

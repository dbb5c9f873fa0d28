using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessTrace.LocalHost.Triggers.Http;

/// <summary>The keys that callers of non-anonymous functions need.</summary>
public sealed class FunctionKeys
{
    private const int MostWaits = 250;

    private static readonly TimeSpan WaitForTurn = TimeSpan.FromMilliseconds(20);

    private readonly byte[] _functionHash;
    private readonly byte[] _masterHash;

    /// <summary>The given keys.</summary>
    public FunctionKeys(string function, string master)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        ArgumentException.ThrowIfNullOrEmpty(master);
        Function = function;
        Master = master;
        _functionHash = Hash(function);
        _masterHash = Hash(master);
    }

    /// <summary>The key for <see cref="AuthorizationLevel.Function"/>.</summary>
    public string Function { get; }

    /// <summary>The key for everything.</summary>
    public string Master { get; }

    /// <summary>New keys of 256 random bits each.</summary>
    public static FunctionKeys Generate() => new(NewKey(), NewKey());

    /// <summary>Reads the keys of a file, or generates them into it, readable by its owner alone. Hosts that start at the same time take turns.</summary>
    /// <exception cref="HostStartException">The file exists and cannot be read.</exception>
    public static FunctionKeys ReadOrCreate(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        for (int waits = 0; !File.Exists(path); waits++)
        {
            try
            {
                // The lock ends with its process.
                var exclusive = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.None, Options = FileOptions.DeleteOnClose };
                using var turn = new FileStream($"{path}.lock", exclusive);
                if (!File.Exists(path))
                {
                    Write(path, Generate());
                }
            }
            catch (IOException) when (waits < MostWaits)
            {
                Thread.Sleep(WaitForTurn);
            }
        }

        return Read(path);
    }

    /// <summary>Whether a caller with this key may run a function of this level. Takes the same time whatever the key.</summary>
    internal bool Allow(AuthorizationLevel level, string? key)
    {
        if (level == AuthorizationLevel.Anonymous)
        {
            return true;
        }

        byte[] given = Hash(key ?? string.Empty);
        bool isMaster = CryptographicOperations.FixedTimeEquals(given, _masterHash);
        bool isFunction = CryptographicOperations.FixedTimeEquals(given, _functionHash);
        return isMaster | (isFunction & level == AuthorizationLevel.Function);
    }

    /// <summary>Writes a file that is whole from the moment that it is there.</summary>
    private static void Write(string path, FunctionKeys keys)
    {
        string draft = $"{path}.{Guid.NewGuid():n}";
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(draft, create))
        {
            JsonSerializer.Serialize(file, new StoredKeys(keys.Function, keys.Master));
        }

        File.Move(draft, path);
    }

    private static FunctionKeys Read(string path)
    {
        try
        {
            StoredKeys? stored = JsonSerializer.Deserialize<StoredKeys>(File.ReadAllText(path));
            return stored is { Function.Length: > 0, Master.Length: > 0 } ? new FunctionKeys(stored.Function, stored.Master) : throw new JsonException();
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new HostStartException($"The function keys in {path} cannot be read: delete that file to get new ones.", unreadable);
        }
    }

    private static string NewKey() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private sealed record StoredKeys(string Function, string Master);
}

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;

/// <summary>Reads requests and answers each with the same bytes, whatever HTTP thinks of them, and then closes.</summary>
internal sealed class RawReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _answer;
    private readonly Task _answering;

    public RawReceiver(string answer)
    {
        _answer = Encoding.Latin1.GetBytes(answer);
        _listener.Start();
        _answering = AnswerAsync();
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}/");

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _answering;
        _listener.Dispose();
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                NetworkStream stream = client.GetStream();
                await ReadRequestAsync(stream);
                await stream.WriteAsync(_answer);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException or IOException)
        {
        }
    }

    /// <summary>All of it: what is left unread makes closing a reset, which may overtake the answer.</summary>
    private static async Task ReadRequestAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        byte[] bytes = new byte[4_096];
        while (true)
        {
            int read = await stream.ReadAsync(bytes);
            text.Append(Encoding.Latin1.GetString(bytes, 0, read));
            string[] parts = text.ToString().Split("\r\n\r\n", 2);
            string? length = parts[0].Split("\r\n").FirstOrDefault(static line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
            if (read == 0 || (parts.Length == 2 && length is not null && parts[1].Length >= int.Parse(length["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture)))
            {
                return;
            }
        }
    }
}

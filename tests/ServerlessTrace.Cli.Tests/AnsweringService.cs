using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServerlessTrace.Cli.Tests;

/// <summary>Stands where a running service would: answers one request after another with what a test says, and shows what was asked.</summary>
internal sealed class AnsweringService : IDisposable
{
    private readonly HttpListener _listener = new();

    public AnsweringService()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Url = $"http://localhost:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add($"{Url}/");
        _listener.Start();
    }

    public string Url { get; }

    public void Stop() => _listener.Stop();

    public void Dispose() => _listener.Close();

    public async Task<HttpListenerRequest> AnswerAsync(int status, string body, string? location = null)
    {
        HttpListenerContext context = await _listener.GetContextAsync();
        context.Response.StatusCode = status;
        context.Response.RedirectLocation = location;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
        return context.Request;
    }
}

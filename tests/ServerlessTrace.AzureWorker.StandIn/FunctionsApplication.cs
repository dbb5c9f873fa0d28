using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>As much of the official builder as <c>Program.cs</c> touches.</summary>
public static class FunctionsApplication
{
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}

public sealed class FunctionsApplicationBuilder(string[] args)
{
    private readonly HostApplicationBuilder host = Host.CreateApplicationBuilder(args);

    public ConfigurationManager Configuration => host.Configuration;

    public IServiceCollection Services => host.Services;

    public ILoggingBuilder Logging => host.Logging;

    public IHost Build() => host.Build();
}

public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder) => builder;
}

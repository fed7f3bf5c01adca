using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Formatting.Compact;
using ServiceDefaults.Completion;
using ServiceDefaults.Correlation;
using ServiceDefaults.Logging;

namespace LogsBench;

/// <summary>
/// A request without a server through a pipeline that only writes the completion line. What both writers share is in both numbers.
/// </summary>
internal abstract class CompletionLog : ILineLog
{
    private RequestDelegate _pipeline = null!;
    private ServiceProvider _services = null!;

    public IDisposable Begin(RequestFields fields) => fields.Use();

    public void WriteLine(RequestFields fields)
    {
        var context = new DefaultHttpContext { RequestServices = _services };
        context.Request.Method = "POST";
        context.Request.Path = "/api/publish";
        context.Request.Headers[RequestId.Header] = fields.RequestId;
        _pipeline(context).GetAwaiter().GetResult();
    }

    public void Dispose() => _services.Dispose();

    protected void Build(ServiceProvider services, Action<IApplicationBuilder> use)
    {
        _services = services;
        var app = new ApplicationBuilder(services);
        use(app);
        app.Run(static _ => Task.CompletedTask);
        _pipeline = app.Build();
    }
}

/// <summary>As both programs do it: the library's line with the contract's fields, onto the gathering sink.</summary>
internal sealed class OurCompletionLog : CompletionLog
{
    public OurCompletionLog()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddJsonLogs("bench");
        builder.Services.AddSingleton(TimeProvider.System);
        Build(builder.Services.BuildServiceProvider(), static app => app.UseRequestCompletion());
    }
}

/// <summary>The library as it comes: its template and properties, its compact JSON, console sink and asynchronous queue.</summary>
internal sealed class SerilogCompletionLog : CompletionLog
{
    public SerilogCompletionLog()
    {
        var services = new ServiceCollection().AddLogging()
            .AddSerilog(static (_, logs) => logs.Enrich.FromLogContext()
                .WriteTo.Async(static sinks => sinks.Console(new CompactJsonFormatter()), bufferSize: 16_384, blockWhenFull: true))
            .BuildServiceProvider();
        services.GetRequiredService<ILoggerFactory>(); // Only then is the static logger this one, which the request logging writes to.
        Build(services, static app => app.UseSerilogRequestLogging());
    }
}

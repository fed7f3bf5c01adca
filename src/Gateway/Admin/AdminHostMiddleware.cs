using ServiceDefaults.Problems;

namespace Gateway.Admin;

/// <summary>Refuses a request whose Host is none of ours, before anything else of it is looked at.</summary>
internal sealed partial class AdminHostMiddleware(RequestDelegate next, AdminHosts hosts, ILogger<AdminHostMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host;
        if (hosts.Include(host))
            return next(context);
        LogForeignHost(host.Host);
        return Problem.For(context, StatusCodes.Status421MisdirectedRequest, "misdirected-request",
            $"The admin listener does not answer to the name {host.Host}. Ask it by its address, or list the name in Admin:Hosts.")
            .WriteAsync(context);
    }

    [LoggerMessage(LogLevel.Warning, "The admin listener was asked as {Host}, which is not one of its names; Admin:Hosts lists more")]
    private partial void LogForeignHost(string host);
}

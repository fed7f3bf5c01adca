using Gateway.Wire;
using Yarp.ReverseProxy.Model;

namespace Gateway.Routing;

/// <summary>Finds the route of a request that nobody sent, with the same matcher over the same routes as the public listener.</summary>
internal sealed class RouteMatcher(IServiceProvider services)
{
    private RequestDelegate? _match;

    /// <summary>Shares the routes that <paramref name="app"/> has mapped; call it after mapping.</summary>
    public void Attach(WebApplication app)
    {
        var branch = ((IApplicationBuilder)app).New();
        branch.UseRouting();
        branch.Use(static (HttpContext _, RequestDelegate _) => Task.CompletedTask); // Match only: nothing is executed.
        branch.UseEndpoints(endpoints =>
        {
            foreach (var source in ((IEndpointRouteBuilder)app).DataSources)
                endpoints.DataSources.Add(source);
        });
        _match = branch.Build();
    }

    /// <returns>The route's id; null when no route matches, or when the public listener refuses such a target.</returns>
    public async Task<string?> MatchAsync(string method, string pathAndQuery)
    {
        if (RequestTarget.Check(pathAndQuery, out var reading) != WireFault.None)
            return null;
        var question = pathAndQuery.IndexOf('?');
        var path = question < 0 ? pathAndQuery : pathAndQuery[..question];
        if (reading is { HasDotSegments: true })
            path = new Uri("http://localhost" + path).AbsolutePath; // Resolved, as Kestrel would have.
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = method.ToUpperInvariant();
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("localhost");
        context.Request.Path = PathString.FromUriComponent(path);
        context.Request.QueryString = new QueryString(question < 0 ? null : pathAndQuery[question..]);
        var route = await MatchAsync(context);
        var alike = reading is not { HasDotSegments: false } || await MatchAsync(context.Request, reading.Path) == route;
        return alike ? route : null;
    }

    /// <returns>The route that <paramref name="like"/> would take with another path; null when none matches.</returns>
    public Task<string?> MatchAsync(HttpRequest like, string path)
    {
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = like.Method;
        context.Request.Scheme = like.Scheme;
        context.Request.Host = like.Host;
        context.Request.Path = path;
        context.Request.QueryString = like.QueryString;
        foreach (var (name, value) in like.Headers)
            context.Request.Headers[name] = value;
        return MatchAsync(context);
    }

    private async Task<string?> MatchAsync(HttpContext context)
    {
        await _match!(context);
        return context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>()?.Config.RouteId;
    }
}

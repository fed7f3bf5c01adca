using Gateway.Exchanges;
using Gateway.Wire;
using Yarp.ReverseProxy.Model;

namespace Gateway.Routing;

/// <summary>Finds the route of a request, sent or not, with the same matcher over the same routes as the public listener.</summary>
internal sealed class RouteMatcher(IServiceProvider services)
{
    private RequestDelegate? _match;

    /// <summary>Shares the routes of these sources, also when they change; call it after mapping.</summary>
    public void Attach(IEnumerable<EndpointDataSource> sources)
    {
        var branch = new ApplicationBuilder(services);
        branch.UseRouting();
        branch.Use(static (HttpContext _, RequestDelegate _) => Task.CompletedTask); // Match only: nothing is executed.
        branch.UseEndpoints(endpoints =>
        {
            foreach (var source in sources)
                endpoints.DataSources.Add(source);
        });
        _match = branch.Build();
    }

    public static bool IsAboutAnotherMethod(HttpRequest request) => HttpMethods.IsHead(request.Method) || Preflight.IsOne(request);

    /// <summary>The framework's own type is internal.</summary>
    public static bool IsAmbiguity(Exception error) => error.GetType().Name == "AmbiguousMatchException";

    /// <summary>A request that nobody sent, with its headers; path and query are as they stand in a request's first line.</summary>
    /// <returns>The route's id; null when no route matches, or when the public listener refuses such a request.</returns>
    public async Task<string?> MatchAsync(HttpContext asked, string target)
    {
        if (RequestHead.Check(asked, out _) != WireFault.None || RequestTarget.Check(target, out var reading) != WireFault.None)
            return null;
        var question = target.IndexOf('?');
        var path = question < 0 ? target : target[..question];
        if (reading is { HasDotSegments: true })
            path = new Uri("http://localhost" + path).AbsolutePath; // Resolved, as Kestrel would have.
        RequestHead.RemoveHopByHop(asked.Request.Headers);
        asked.Request.Path = PathString.FromUriComponent(path);
        asked.Request.QueryString = new QueryString(question < 0 ? null : target[question..]);
        var route = await TryMatchAsync(asked);
        var alike = reading is not { HasDotSegments: false } || await MatchAsync(asked.Request, reading.Path) == route;
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
        return TryMatchAsync(context);
    }

    private async Task<string?> TryMatchAsync(HttpContext context)
    {
        try
        {
            return await MatchAsync(context);
        }
        catch (Exception error) when (IsAmbiguity(error))
        {
            return null;
        }
    }

    /// <summary>
    /// Gives the context its endpoint. A route that names HEAD or OPTIONS means it; else HEAD takes the route of GET, because it asks about
    /// the same thing, and a preflight that of the request which it announces.
    /// </summary>
    public async Task<string?> MatchAsync(HttpContext context)
    {
        var request = context.Request;
        await _match!(context);
        if (IsAboutAnotherMethod(request) && !Names(context.GetEndpoint(), request.Method))
        {
            var method = request.Method;
            context.SetEndpoint(null);
            request.RouteValues.Clear();
            request.Method = HttpMethods.IsHead(method) ? HttpMethods.Get : request.Headers.AccessControlRequestMethod.ToString();
            await _match(context);
            request.Method = method;
        }

        return context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>()?.Config.RouteId;
    }

    private static bool Names(Endpoint? endpoint, string method) =>
        endpoint?.Metadata.GetMetadata<RouteModel>()?.Config.Match.Methods?.Contains(method, StringComparer.OrdinalIgnoreCase) is true;
}

using Gateway.Accounting;
using Gateway.Admin;
using Gateway.Cors;
using Gateway.Fallback;
using Gateway.Identity;
using Gateway.Routing;
using Gateway.Wire;
using ServiceDefaults.Completion;
using Yarp.ReverseProxy.Health;

namespace Gateway;

/// <summary>
/// The life of a request: every phase, in the order in which it happens. Before the first phase Kestrel has read the head; what it cannot
/// read is answered by <see cref="BareRefusals"/> and never comes here. A phase either answers, and then the phases after it do not run, or
/// hands on; the phases that close run again on the way out, in the opposite order.
/// </summary>
internal static class RequestPipeline
{
    public static void UseRequestPipeline(this WebApplication app)
    {
        // The web application would put the authorization of endpoints in front of all, where no endpoint is known yet: nothing but a frame
        // for each request. Who may ask what is decided in phase 5.
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;

        // 1. Completion. Gives the request its id and log fields. On the way out: what escaped becomes one problem+json (a cut connection
        //    once the answer has begun), and the one completion line is written. Nothing escapes it.
        app.UseRequestCompletion();

        // 2. Admin. A connection of the admin listener leaves the public way here, before anything of it is seen. Decided by the
        //    connection, never by what a client can write.
        app.MapAdmin();

        // 3. Account. Opens the exchange. When the head goes out it stamps X-Served-By, X-Route-Reason and Proxy-Status; when the
        //    completion ends the request it counts it, its stream and its publish once.
        app.UseAccounting();

        //    Headers for pages from elsewhere. When the head goes out it gets those of the route's Cors policy, whoever answers.
        app.UseCorsHeaders();

        // 4. Wire. Refuses what two parsers could read in two ways: 400, 405 or 417, and the connection ends. Doing nothing means that
        //    from here on the request has one meaning. Hop-by-hop headers end here.
        app.UseWireChecks();

        // 5. Identity. Settles who asks and takes every spelling of the identity headers off the request. Before routing, because no route
        //    may match a forged header. Answers 401 to a token that is not believed, 503 while its keys cannot be had.
        app.UseIdentity();

        // 6. Route. YARP's matcher over gateway.json; HEAD and preflights take the route of the method that they are about. Without a match
        //    the fallback endpoint below answers 404.
        app.UseRouteOfOtherMethods();
        app.UseRouting();
        app.MapReverseProxy(proxy =>
        {
            // 7. One reading. Refuses a path that a more forgiving reader would send along another route: 400.
            proxy.UseSameRouteForEveryReading();

            //    Preflights of a route with a Cors policy are answered here: 204.
            proxy.UsePreflights();

            // 8. Decide and walk. Switch, cohort, availability: once, by the Router. Then the links of the chain are tried in order; all
            //    that follows here runs once a try. Answers by itself with a dry-run, 502, 503 or 504.
            proxy.UseFallback();

            // 9. The try. YARP picks a destination and forwards; below the forwarder UpstreamClientFactory's handlers guard streams, ask
            //    the circuit and send once.
            proxy.UseSessionAffinity();
            proxy.UseLoadBalancing();
            //    Passive health waits for the answer, which is a frame of each request: only where a cluster asks for it.
            proxy.UseWhen(
                static context => context.GetReverseProxyFeature().Cluster.Config.HealthCheck?.Passive?.Enabled is true,
                static watched => watched.UseMiddleware<PassiveHealthCheckMiddleware>());
        });
        app.MapFallback("{**path}", Refusal.NotFoundAsync);

        // Explains, and the one-reading phase, match against the same routes.
        app.Services.GetRequiredService<RouteMatcher>().Attach(((IEndpointRouteBuilder)app).DataSources);
    }
}

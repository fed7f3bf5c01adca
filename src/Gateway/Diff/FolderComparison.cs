using Gateway.Exchanges;
using Gateway.Routing;

namespace Gateway.Diff;

/// <summary>
/// What two folders do differently with the same requests. Sample requests of every route of both sides are matched on both sides, and each
/// user is decided on each kind of them by the decision that real requests have.
/// </summary>
internal sealed class FolderComparison(ComparedFolder was, ComparedFolder becomes, Population population, int named)
{
    private const int MostRequests = 20_000;
    private const int MostOfRoute = 400;
    private const int FewestOfRoute = 16;
    private const int ShownRequests = 5;

    private readonly List<RequestPair> _pairs = [];

    /// <summary>Kinds of requests, in the order of their routes' ids.</summary>
    public IReadOnlyList<RequestPair> Pairs => _pairs;

    /// <summary>Routes for which no request could be made up: what happens to theirs is not known.</summary>
    public SortedSet<string> Unsampled { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Users who go to another backend with any request.</summary>
    public int Moving { get; private set; }

    public bool AnonymousMoves { get; private set; }

    /// <summary>As <see cref="Moving"/>, of each made-up population.</summary>
    public int[] MovingSamples { get; } = new int[population.Shares.Count];

    public Population Population => population;

    public async Task RunAsync()
    {
        await MatchAsync();
        foreach (var caller in population.Users)
        {
            if (Decide(caller, (pair, movement) =>
            {
                movement.Count++;
                pair.Moving += movement.IsMove ? 1 : 0;
                if (movement.Users.Count < named)
                    movement.Users.Add(caller.UserId!);
            }))
                Moving++;
        }

        AnonymousMoves = Decide(Caller.Anonymous, static (_, movement) => movement.IsAnonymousToo = true);
        for (var share = 0; share < population.Shares.Count; share++)
        {
            foreach (var caller in population.MakeUp(share))
                MovingSamples[share] += Decide(caller, (_, movement) => movement.Samples[share]++) ? 1 : 0;
        }
    }

    /// <returns>Whether the caller goes to another backend with any request.</returns>
    private bool Decide(Caller caller, Action<RequestPair, Movement> count)
    {
        var moves = false;
        var (gates, next) = (was.EvaluateGates(caller), becomes.EvaluateGates(caller));
        foreach (var pair in _pairs)
        {
            if (pair.FindMovement(was, becomes, gates, next, population.Shares.Count) is not { } movement)
                continue;
            count(pair, movement);
            moves |= movement.IsMove;
        }

        return moves;
    }

    private async Task MatchAsync()
    {
        var routes = was.Snapshot.Gateway.Routes.Count + becomes.Snapshot.Gateway.Routes.Count;
        var most = Math.Clamp(MostRequests / routes, FewestOfRoute, MostOfRoute);
        var (seen, pairs) = (new HashSet<string>(StringComparer.Ordinal), new Dictionary<(string?, string?), RequestPair>());
        foreach (var (routeId, requests) in was.FindRequests().Concat(becomes.FindRequests()))
        {
            var any = false;
            foreach (var request in requests.Take(most))
            {
                any = true;
                if (seen.Add(request.ToString()))
                    await MatchAsync(request, pairs);
            }

            if (!any)
                Unsampled.Add(routeId);
        }

        _pairs.AddRange(pairs.Values
            .OrderBy(p => p.Before ?? p.After, StringComparer.Ordinal).ThenBy(p => p.After, StringComparer.Ordinal));
    }

    private async Task MatchAsync(RequestWitness request, Dictionary<(string?, string?), RequestPair> pairs)
    {
        var (before, after) = (await was.MatchAsync(request), await becomes.MatchAsync(request));
        if (before is null && after is null)
            return;
        if (!pairs.TryGetValue((before?.RouteId, after?.RouteId), out var pair))
            pairs[(before?.RouteId, after?.RouteId)] = pair = new(before, after, was.GateOf(before), becomes.GateOf(after));
        pair.RequestCount++;
        if (pair.Requests.Count < ShownRequests)
            pair.Requests.Add(request.ToString());
    }
}

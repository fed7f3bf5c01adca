namespace CompareBench.Candidates;

internal static class CandidateList
{
    /// <summary>Those that the options name, in the order in which they take turns; gateways are published first.</summary>
    public static async Task<IReadOnlyList<Candidate>> CreateAsync(CompareOptions options, string directory)
    {
        var candidates = new List<Candidate>();
        foreach (var name in options.Only)
        {
            candidates.Add(name switch
            {
                "bare" => new BareYarp(),
                "nginx" => new Nginx(),
                "haproxy" => new Haproxy(),
                _ => await new Checkout(Path.GetFullPath(".")).PublishGatewayAsync("gateway", Path.Combine(directory, "gateway")),
            });
        }

        foreach (var (number, path) in options.Also.Index())
        {
            var checkout = new Checkout(path);
            candidates.Add(await checkout.PublishGatewayAsync(
                $"gateway {await checkout.ReadCommitAsync()}", Path.Combine(directory, $"gateway-{number}")));
        }

        return candidates;
    }
}

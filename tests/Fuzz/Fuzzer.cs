using System.Collections.Concurrent;
using System.Text;

namespace Fuzz;

/// <param name="Ports">Of the listeners, in the order of <see cref="Listener"/>.</param>
/// <param name="Patience">For an answer; beyond, it is a hang.</param>
internal sealed record FuzzTarget(IReadOnlyList<int> Ports, string Run, TimeSpan Patience);

/// <summary>Sends requests of a seed, and judges each answer.</summary>
internal sealed class Fuzzer(FuzzTarget target, int seed)
{
    // In words of docs/contract.md; a full house is no fault.
    private static readonly string[] Documented =
    [
        "no-backend-available", "overloaded", "token-keys-unavailable", "store-unavailable", "spool-unavailable", "too-many-runs",
    ];

    private readonly RequestMaker _maker = new(seed, target.Run);

    public ConcurrentDictionary<string, int> Totals { get; } = new(StringComparer.Ordinal);

    /// <summary>What is wrong, with the request that did it.</summary>
    public ConcurrentQueue<(FuzzRequest Request, string Fault, byte[] Answer)> Findings { get; } = new();

    public FuzzRequest Make(int number) => _maker.Make(number);

    /// <summary>Numbers from <paramref name="first"/> on, until there are enough or the time is up.</summary>
    public Task RunAsync(int first, int count, int clients, CancellationToken cancel) => Parallel.ForEachAsync(
        Enumerable.Range(first, count).TakeWhile(_ => !cancel.IsCancellationRequested),
        new ParallelOptions { MaxDegreeOfParallelism = clients },
        async (number, _) => await TryAsync(_maker.Make(number)));

    public async Task TryAsync(FuzzRequest request)
    {
        byte[] answer = [];
        string? fault;
        try
        {
            (answer, var ended) = await Exchange.SendAsync(target.Ports[(int)request.Listener], request, target.Patience);
            fault = FaultOf(request, answer, ended);
        }
        catch (System.Net.Sockets.SocketException refused)
        {
            fault = $"no connection: {refused.SocketErrorCode}";
        }

        Totals.AddOrUpdate($"{request.Listener} {request.Kind} {Exchange.Status(answer) / 100}xx", 1, (_, count) => count + 1);
        if (fault is not null)
            Findings.Enqueue((request, fault, answer));
    }

    private static string? FaultOf(FuzzRequest request, byte[] answer, bool ended)
    {
        var text = Encoding.Latin1.GetString(answer);
        if (!ended)
            return "a hang";
        if (request.Framed && Exchange.CountHeads(answer) > 1)
            return "two heads";
        if (request.Framed && answer.Length == 0)
            return "no answer";
        if (text.Contains("\\n   at ", StringComparison.Ordinal) || text.Contains("\n   at ", StringComparison.Ordinal))
            return "a stack trace in the answer";
        // 501 and 505 are the server's words for a coding or version of HTTP that it does not have.
        return Exchange.Status(answer) is >= 500 and not (501 or 505)
            && !Documented.Any(code => text.Contains($"\"{code}\"", StringComparison.Ordinal))
            ? $"status {Exchange.Status(answer)}"
            : null;
    }
}

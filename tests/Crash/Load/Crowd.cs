using System.Collections.Concurrent;
using System.Globalization;
using Crash.Ledger;

namespace Crash.Load;

/// <summary>The clients, and what they share. Three clients are one user, so that they meet in that user's calendar.</summary>
internal sealed class Crowd(CrashOptions options, IReadOnlyList<Replica> replicas, Ledgers ledgers, Tally tally) : IDisposable
{
    private const int ClientsPerUser = 3;

    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _runs = new();
    private int _markers;

    public Wire Wire { get; } = new(tally);

    public Ledgers Ledgers => ledgers;

    /// <summary>Of every user the one that is edited, before anything breaks.</summary>
    public async Task CreateCalendarsAsync()
    {
        foreach (var user in Enumerable.Range(0, (options.Clients + ClientsPerUser - 1) / ClientsPerUser).Select(User))
            await EditClient.CreateAsync(this, new Random(options.Seed), user);
    }

    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, options.Clients).Select(number => ClientAsync(number, stop)));

    /// <summary>Runs that wait for an apply: one client generates, another of the same user may apply.</summary>
    public ConcurrentQueue<string> RunsOf(string user) => _runs.GetOrAdd(user, _ => []);

    public Replica Any(Random random) => replicas[random.Next(replicas.Count)];

    /// <summary>A value that is written once.</summary>
    public string Marker(string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{what}-{options.Seed}-{Interlocked.Increment(ref _markers)}");

    /// <summary>After a refusal: not at once again.</summary>
    public static Task PauseAsync(Random random) => Task.Delay(random.Next(20, 120));

    public void Dispose() => Wire.Dispose();

    private async Task ClientAsync(int number, CancellationToken stop)
    {
        var random = new Random(HashCode.Combine(options.Seed, number));
        var user = User(number / ClientsPerUser);
        var publishing = new PublishClient(this, random, user, number);
        var editing = new EditClient(this, random, user);
        var generating = new GenerationClient(this, random, user, publishing);
        while (!stop.IsCancellationRequested)
        {
            await (random.Next(100) switch
            {
                < 50 => publishing.StepAsync(),
                < 88 => editing.StepAsync(),
                _ => generating.StepAsync(),
            });
        }
    }

    private static string User(int number) => string.Create(CultureInfo.InvariantCulture, $"user{number}");
}

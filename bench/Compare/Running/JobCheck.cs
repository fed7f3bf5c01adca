using System.Diagnostics;
using System.Net;
using CompareBench.Load;

namespace CompareBench.Running;

/// <summary>Whether a candidate does what it is measured for: a fast answer of the wrong kind is no result.</summary>
internal static class JobCheck
{
    private const int Users = 400;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Contender contender)
    {
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { BaseAddress = contender.Address };
        await UntilServedAsync(client, contender);
        if (contender.Candidate.DoesTheJob)
            await SplitsAndCorrelatesAsync(client, contender);
    }

    /// <summary>After a round: a candidate that forgot its log would be measured without.</summary>
    public static void HasLogged(Contender contender)
    {
        if (!contender.Candidate.DoesTheJob)
            return;
        var line = contender.ReadLastLogLine();
        if (contender.Job.Logs != line.StartsWith('{'))
            throw new InvalidOperationException(
                $"{contender.Name} was to write {(contender.Job.Logs ? "a log in JSON" : "no log")} and ended its log with: {line}");
    }

    /// <summary>Single failures are reported with the result; more than that is no service.</summary>
    public static void HasServed(Contender contender, LoadResult result)
    {
        if (result.Requests == 0 || result.Failures * 100 > result.Requests)
            throw new InvalidOperationException(
                $"{contender.Name}: {result.Failures} failures in {result.Requests} requests\n{contender.ReadOutput()}");
    }

    private static async Task UntilServedAsync(HttpClient client, Contender contender)
    {
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(20))
        {
            try
            {
                using var answer = await AskAsync(client, contender, "user1");
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            if (contender.Server.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                throw new InvalidOperationException($"{contender.Name} does not serve:\n{contender.ReadOutput()}");
        }
    }

    private static async Task SplitsAndCorrelatesAsync(HttpClient client, Contender contender)
    {
        var onCalendar = 0;
        for (var user = 1; user <= Users; user++)
        {
            using var answer = await AskAsync(client, contender, $"user{user}", id: $"request-{user}");
            onCalendar += Header(answer, "X-Served-By") == "calendar" ? 1 : 0;
            if (Header(answer, "X-Request-Id") != $"request-{user}")
                throw new InvalidOperationException($"{contender.Name} does not hand on the request id:\n{answer}");
        }

        var percentage = 100.0 * onCalendar / Users;
        if (!contender.Job.CalendarIsDead && Math.Abs(percentage - contender.Job.Percentage) > 10)
            throw new InvalidOperationException($"{contender.Name} sends {percentage:0} % of users to the calendar backend");
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, Contender contender, string user, string? id = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/calendar/c1")
        {
            Version = contender.Job.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Add("X-User-Id", user);
        if (id is not null)
            request.Headers.Add("X-Request-Id", id);
        return await client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.First() : null;
}

using System.Text.Json;
using Gateway.Admin;
using Gateway.Listening;
using Gateway.Starting;

namespace Gateway.CommandLine;

/// <summary>What a gateway said of itself when it was asked.</summary>
/// <param name="Ready">Whether it takes requests.</param>
/// <param name="Detail">What <c>/readyz</c> says, or why nobody answered.</param>
/// <param name="Document"><c>/status</c> as it came; null when nobody answered.</param>
/// <param name="Status">The same, read.</param>
internal sealed record StatusAnswer(Uri Admin, DateTimeOffset At, bool Ready, string Detail, JsonElement? Document, Status? Status);

/// <summary>Asks the admin listener of a running gateway.</summary>
internal sealed class RunningGateway : IDisposable
{
    private const int LargestAnswer = 32 * 1024 * 1024;

    // A status of another version that lacks what is shown here is said to be one, and not shown by half.
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
    };

    private readonly HttpClient _http;

    private RunningGateway(Uri admin, bool own)
    {
        Admin = admin;
        _http = new(DirectHandler.Create(admin, TimeSpan.FromSeconds(2), own))
        {
            BaseAddress = admin, Timeout = TimeSpan.FromSeconds(3), MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    public Uri Admin { get; }

    /// <param name="admin">An address as listeners have it; null for that of the settings, which a gateway started here has.</param>
    /// <returns>Null when it is no address.</returns>
    public static RunningGateway? Find(string? admin) =>
        ListenerAddress.Parse(admin ?? Startup.ReadSettings()["Kestrel:Endpoints:Admin:Url"]) is { } listener
            ? new(listener.Reachable, own: admin is null)
            : null;

    public async Task<StatusAnswer> AskAsync(CancellationToken cancel)
    {
        var at = TimeProvider.System.GetUtcNow();
        try
        {
            using var ready = await _http.GetAsync("/readyz", cancel);
            var detail = await ready.Content.ReadAsStringAsync(cancel);
            using var answer = await _http.GetAsync("/status", cancel);
            if (!answer.IsSuccessStatusCode)
                return Nobody($"/status answers {(int)answer.StatusCode}: is this a gateway's admin listener?");
            var document = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
            return new(Admin, at, ready.IsSuccessStatusCode, detail, document, document.Deserialize<Status>(Strict)!);
        }
        catch (JsonException)
        {
            return Nobody("/status is not one that this version reads: is this a gateway's admin listener, of the same version?");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Nobody($"no answer within {_http.Timeout.TotalSeconds:0} s");
        }
        catch (HttpRequestException error)
        {
            return Nobody(error.GetBaseException().Message);
        }

        StatusAnswer Nobody(string why) => new(Admin, at, false, why, null, null);
    }

    public void Dispose() => _http.Dispose();
}

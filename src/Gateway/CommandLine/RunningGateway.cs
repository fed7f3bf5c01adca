using System.Text.Json;
using Gateway.Admin;
using Gateway.Listening;

namespace Gateway.CommandLine;

/// <summary>What a gateway said of itself when it was asked.</summary>
/// <param name="Ready">Whether it takes requests.</param>
/// <param name="Detail">What <c>/readyz</c> says, or why nobody answered.</param>
/// <param name="Document"><c>/status</c> as it came; null when nobody answered.</param>
/// <param name="Status">The same, read.</param>
internal sealed record StatusAnswer(string Admin, DateTimeOffset At, bool Ready, string Detail, JsonElement? Document, Status? Status);

/// <summary>Asks a running gateway how it is.</summary>
internal sealed class RunningGateway(AdminClient admin) : IDisposable
{
    // A status of another version that lacks what is shown here is said to be one, and not shown by half.
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
    };

    /// <summary>As listeners have it.</summary>
    public string Address => admin.Address.ToString();

    public async Task<StatusAnswer> AskAsync(CancellationToken cancel)
    {
        var at = TimeProvider.System.GetUtcNow();
        try
        {
            using var ready = await admin.GetAsync("/readyz", cancel);
            var detail = await ready.Content.ReadAsStringAsync(cancel);
            using var answer = await admin.GetAsync("/status", cancel);
            if (!answer.IsSuccessStatusCode)
                return Nobody($"/status answers {(int)answer.StatusCode}: is this a gateway's admin listener?");
            var document = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
            return new(Address, at, ready.IsSuccessStatusCode, detail, document, document.Deserialize<Status>(Strict)!);
        }
        catch (JsonException)
        {
            return Nobody("/status is not one that this version reads: is this a gateway's admin listener, of the same version?");
        }
        catch (HttpRequestException error)
        {
            return Nobody(error.Message);
        }

        StatusAnswer Nobody(string why) => new(Address, at, false, why, null, null);
    }

    public void Dispose() => admin.Dispose();
}

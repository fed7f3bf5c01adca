using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Exchanges;
using ServiceDefaults.Problems;
using ServiceDefaults.Times;

namespace Gateway.DryRun;

/// <summary>
/// A JSON request read for a dry-run: its fields, what is wrong with them, and the identity that its bytes give the answer.
/// </summary>
internal sealed class DryRunRequest : IDisposable
{
    private const int MaxBytes = 1024 * 1024;

    private readonly JsonDocument _document;
    private readonly byte[] _hash;
    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    private DryRunRequest(JsonDocument document, byte[] hash) => (_document, _hash) = (document, hash);

    public bool IsValid => _errors.Count == 0;

    /// <summary>Null when the body is not a JSON object; then the problem has been written.</summary>
    public static async Task<DryRunRequest?> ReadAsync(HttpContext context)
    {
        if (await ReadBodyAsync(context) is not { } body)
            return null;
        try
        {
            var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return new(document, Hash(body, context.GetExchange().Caller.UserId));
            document.Dispose();
            await MalformedAsync(context, "$", "An object is expected.");
        }
        catch (JsonException error)
        {
            await MalformedAsync(context, error.Path ?? "$", error.Message);
        }

        return null;
    }

    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                if (bytes.Length + read > MaxBytes)
                {
                    await Problem.For(
                        context, StatusCodes.Status413PayloadTooLarge, "body-too-large", $"At most {MaxBytes} bytes.").WriteAsync(context);
                    return null;
                }

                bytes.Write(buffer, 0, read);
            }

            return bytes.ToArray();
        }
        catch (BadHttpRequestException broken)
        {
            // Kestrel's own verdict on the body: 413 over the route's limit, 408 too slow, 400 malformed or cut.
            await Problem.For(context, broken.StatusCode, "request-body", "The request's body could not be read to its end.")
                .WriteAsync(context);
            return null;
        }
    }

    /// <summary>A stable UUID for one part of the answer.</summary>
    public string Id(string part)
    {
        var hash = SHA256.HashData([.. _hash, .. Encoding.UTF8.GetBytes(part)]);
        return new Guid(hash.AsSpan(0, 16)).ToString();
    }

    public string? Text(string name, bool required, int maxLength)
    {
        if (!TryGet(name, required, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= maxLength
            && (!required || text.Length > 0))
            return text;
        Fault(name, $"a text of {(required ? 1 : 0)} to {maxLength} characters");
        return null;
    }

    public int Number(string name, int min, int max)
    {
        if (!TryGet(name, required: true, out var value))
            return min;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
            return number;
        Fault(name, $"a whole number from {min} to {max}");
        return min;
    }

    public bool? Flag(string name)
    {
        if (!TryGet(name, required: false, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Fault(name, "true or false");
        return null;
    }

    public IReadOnlyList<string> Texts(string name, bool required, int max)
    {
        if (!TryGet(name, required, out var value))
            return [];
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= max && (!required || value.GetArrayLength() > 0)
            && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String && e.GetString()!.Length is > 0 and <= 100))
        {
            return [.. value.EnumerateArray().Select(e => e.GetString()!)];
        }

        Fault(name, $"a list of {(required ? 1 : 0)} to {max} names");
        return [];
    }

    public DateOnly Date(string name)
    {
        var text = Text(name, required: true, maxLength: 10);
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return date;
        if (text is not null)
            Fault(name, "a date, as 2026-01-31");
        return default;
    }

    public string Zone(string name)
    {
        var text = Text(name, required: true, maxLength: 64) ?? "";
        if (text.Length > 0 && !Zones.IsKnown(text))
            Fault(name, "an IANA time zone, as Europe/Berlin");
        return text;
    }

    public Task RefuseAsync(HttpContext context) =>
        (Problem.For(context, StatusCodes.Status400BadRequest, "validation", "One or more fields are not legal.") with { Errors = _errors })
        .WriteAsync(context);

    public void Dispose() => _document.Dispose();

    private static byte[] Hash(byte[] body, string? userId) => SHA256.HashData([.. Encoding.UTF8.GetBytes((userId ?? "") + "\n"), .. body]);

    private static Task MalformedAsync(HttpContext context, string path, string detail) =>
        (Problem.For(context, StatusCodes.Status400BadRequest, "malformed-json", detail) with
        {
            Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [path] = [detail] },
        }).WriteAsync(context);

    private bool TryGet(string name, bool required, out JsonElement value)
    {
        if (_document.RootElement.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null)
            return true;
        if (required)
            _errors[name] = ["is required"];
        return false;
    }

    private void Fault(string name, string expected) => _errors.TryAdd(name, [$"must be {expected}"]);
}

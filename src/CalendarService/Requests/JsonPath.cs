using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace CalendarService.Requests;

/// <summary>Where in a document something is, as <see cref="JsonForm"/> names it: <c>entries[3].text</c>.</summary>
internal static class JsonPath
{
    /// <summary>The first value that is not UTF-8; <c>$</c> when it is the name of a property.</summary>
    public static string FindNotUtf8(JsonElement element, string path = "")
    {
        var parts = element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject()
                .Where(property => Utf8.IsValid(JsonMarshal.GetRawUtf8PropertyName(property)))
                .Select(property => (Path: path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value)),
            JsonValueKind.Array => element.EnumerateArray()
                .Select((item, i) => (Path: string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), Value: item)),
            _ => [],
        };
        foreach (var (partPath, value) in parts)
        {
            if (!Utf8.IsValid(JsonMarshal.GetRawUtf8Value(value)))
                return FindNotUtf8(value, partPath);
        }

        return path.Length == 0 ? "$" : path;
    }
}

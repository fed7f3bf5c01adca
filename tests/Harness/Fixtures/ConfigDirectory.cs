using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Fixtures;

/// <summary>
/// The config folder of a gateway under test, and the ways in which people save into it. It begins as the configuration that ships, in a
/// copy of our own, with every address at <see cref="OwnPorts.Nowhere"/>: what an operator has in <c>config/</c> is read by no test that
/// starts anything. The one place that writes such a folder; an address that is not the test's own never gets into it.
/// </summary>
public sealed class ConfigDirectory : IDisposable
{
    public const string GatewayFile = "gateway.json";
    public const string RolloutFile = "rollout.json";
    public const string CalendarAddress = "http://127.0.0.1:8081";
    public const string LegacyAddress = "http://127.0.0.1:8082";

    private static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly string? _temporary;

    /// <param name="path">A folder of the caller's; a temporary one by default.</param>
    public ConfigDirectory(string? path = null)
    {
        _temporary = path is null ? Directory.CreateTempSubdirectory("gateway-config-").FullName : null;
        Path = path ?? System.IO.Path.Combine(_temporary!, "config");
        Directory.CreateDirectory(Path);
        Gateway = JsonNode.Parse(Shipped(GatewayFile), null, Relaxed)!.AsObject();
        Rollout = JsonNode.Parse(Shipped(RolloutFile), null, Relaxed)!.AsObject();
        Point("calendar", OwnPorts.Nowhere).Point("legacy", OwnPorts.Nowhere);
    }

    public string Path { get; }

    /// <summary><c>gateway.json</c> as it will be saved.</summary>
    public JsonObject Gateway { get; set; }

    /// <summary><c>rollout.json</c> as it will be saved.</summary>
    public JsonObject Rollout { get; set; }

    public JsonObject Routes => Gateway["ReverseProxy"]!["Routes"]!.AsObject();

    public JsonObject Clusters => Gateway["ReverseProxy"]!["Clusters"]!.AsObject();

    /// <summary>The file as it ships, word for word: comments, order and addresses.</summary>
    public static string Shipped(string name)
    {
        using var text = new StreamReader(typeof(ConfigDirectory).Assembly.GetManifestResourceStream(name)!);
        return text.ReadToEnd();
    }

    public JsonObject Flag(string name) => Rollout["feature_management"]!["feature_flags"]!.AsArray()
        .Single(f => (string?)f!["id"] == name)!.AsObject();

    public JsonObject Cohort(string name) => Rollout["Cohorts"]![name]!.AsObject();

    public ConfigDirectory Point(string cluster, Uri address)
    {
        Clusters[cluster]!["Destinations"]![$"{cluster}-1"]!["Address"] = address.ToString();
        return this;
    }

    /// <summary>The file's key of every flag.</summary>
    public ConfigDirectory Switch(bool on)
    {
        foreach (var flag in Rollout["feature_management"]!["feature_flags"]!.AsArray())
            flag!["enabled"] = on;
        return this;
    }

    public ConfigDirectory Canary(params IEnumerable<string> users)
    {
        Cohort("canary")["Users"] = new JsonArray([.. users.Select(user => (JsonNode)user)]);
        return this;
    }

    /// <summary>A ramp of the cohort, that nobody has started.</summary>
    public ConfigDirectory Ramp()
    {
        Rollout["Ramps"] = JsonNode.Parse(
            """{"canary":{"Steps":[1],"Bake":"00:01:00","Gates":{"errors":{"Measure":"server-error","Against":"control"}}}}""");
        return this;
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public ConfigDirectory Save()
    {
        Write(GatewayFile, Gateway.ToJsonString());
        return SaveRollout();
    }

    public ConfigDirectory SaveRollout()
    {
        Write(RolloutFile, Rollout.ToJsonString());
        return this;
    }

    /// <summary>In place, as <c>cat &gt;</c> does.</summary>
    public void Write(string name, string text)
    {
        OwnAddresses.Check(text);
        System.IO.File.WriteAllText(File(name), text);
    }

    /// <summary>Beside and over, as editors do.</summary>
    public void Replace(string name, string text)
    {
        Write(name + ".tmp", text);
        System.IO.File.Move(File(name) + ".tmp", File(name), overwrite: true);
    }

    /// <summary>
    /// As a mounted Kubernetes ConfigMap: the files are links through <c>..data</c>, itself a link to a folder that is never written twice.
    /// </summary>
    public void SwapLink()
    {
        var version = Directory.CreateDirectory(File($"..{Guid.NewGuid():n}")).Name;
        Write(System.IO.Path.Combine(version, GatewayFile), Gateway.ToJsonString());
        Write(System.IO.Path.Combine(version, RolloutFile), Rollout.ToJsonString());
        var next = File("..data_tmp");
        System.IO.File.CreateSymbolicLink(next, version);
        // rename(2): File.Move looks through a link to a folder and finds no file.
        using (var rename = System.Diagnostics.Process.Start("mv", ["-T", next, File("..data")]))
            rename.WaitForExit();
        foreach (var name in (string[])[GatewayFile, RolloutFile])
        {
            if (new FileInfo(File(name)).LinkTarget is not null)
                continue;
            System.IO.File.Delete(File(name));
            System.IO.File.CreateSymbolicLink(File(name), System.IO.Path.Combine("..data", name));
        }
    }

    public void Dispose()
    {
        if (_temporary is not null)
            Directory.Delete(_temporary, recursive: true);
    }
}

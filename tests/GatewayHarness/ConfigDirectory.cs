using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Tests;

/// <summary>A temporary config folder that starts as the one that ships, and the ways in which people save into it.</summary>
internal sealed class ConfigDirectory : IDisposable
{
    private static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly string _root = Directory.CreateTempSubdirectory("gateway-config-").FullName;

    public ConfigDirectory()
    {
        Path = System.IO.Path.Combine(_root, "config");
        Directory.CreateDirectory(Path);
        Gateway = Shipped("gateway.json");
        Rollout = Shipped("rollout.json");
    }

    public string Path { get; }

    /// <summary><c>gateway.json</c> as it will be saved.</summary>
    public JsonObject Gateway { get; set; }

    /// <summary><c>rollout.json</c> as it will be saved.</summary>
    public JsonObject Rollout { get; set; }

    public JsonObject Routes => Gateway["ReverseProxy"]!["Routes"]!.AsObject();

    public JsonObject Clusters => Gateway["ReverseProxy"]!["Clusters"]!.AsObject();

    public JsonObject Flag(string name) => Rollout["feature_management"]!["feature_flags"]!.AsArray()
        .Single(f => (string?)f!["id"] == name)!.AsObject();

    public JsonObject Cohort(string name) => Rollout["Cohorts"]![name]!.AsObject();

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public ConfigDirectory Save()
    {
        Write("gateway.json", Gateway.ToJsonString());
        Write("rollout.json", Rollout.ToJsonString());
        return this;
    }

    /// <summary>In place, as <c>cat &gt;</c> does.</summary>
    public void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);

    /// <summary>Beside and over, as editors do.</summary>
    public void Replace(string name, string text)
    {
        System.IO.File.WriteAllText(File(name) + ".tmp", text);
        System.IO.File.Move(File(name) + ".tmp", File(name), overwrite: true);
    }

    /// <summary>
    /// As a mounted Kubernetes ConfigMap: the files are links through <c>..data</c>, itself a link to a folder that is never written twice.
    /// </summary>
    public void SwapLink()
    {
        var version = Directory.CreateDirectory(System.IO.Path.Combine(Path, $"..{Guid.NewGuid():n}")).FullName;
        System.IO.File.WriteAllText(System.IO.Path.Combine(version, "gateway.json"), Gateway.ToJsonString());
        System.IO.File.WriteAllText(System.IO.Path.Combine(version, "rollout.json"), Rollout.ToJsonString());
        var next = File("..data_tmp");
        System.IO.File.CreateSymbolicLink(next, System.IO.Path.GetFileName(version));
        // rename(2): File.Move looks through a link to a folder and finds no file.
        using (var rename = System.Diagnostics.Process.Start("mv", ["-T", next, File("..data")]))
            rename.WaitForExit();
        foreach (var name in (string[])["gateway.json", "rollout.json"])
        {
            if (new FileInfo(File(name)).LinkTarget is not null)
                continue;
            System.IO.File.Delete(File(name));
            System.IO.File.CreateSymbolicLink(File(name), System.IO.Path.Combine("..data", name));
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static JsonObject Shipped(string name) => JsonNode.Parse(
        System.IO.File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "shipped-config", name)), null, Relaxed)!.AsObject();
}

using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Rollout;
using Gateway.Routing;

namespace Gateway.CommandLine;

/// <summary><c>gateway schema FILE</c>: what <c>check</c> holds a file to, as editors read it (JSON Schema, draft 7).</summary>
internal static class SchemaCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly (string File, JsonShape Shape)[] Files =
        [(GatewayFile.Name, GatewayFileShape.File), (RolloutFile.Name, RolloutFile.Shape)];

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = string.Join(" or ", Files.Select(f => f.File)) + "." };
        file.AcceptOnlyFromAmong([.. Files.Select(f => f.File)]);
        var command = new Command("schema", "Print the JSON schema of a configuration file, for editors.") { file };
        command.SetAction(result =>
            result.InvocationConfiguration.Output.Write(Print(Array.Find(Files, f => f.File == result.GetValue(file)).Shape)));
        return command;
    }

    private static string Print(JsonShape shape)
    {
        var schema = shape.ToSchema();
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        // Visual Studio Code's own: the files may have both.
        schema["allowComments"] = true;
        schema["allowTrailingCommas"] = true;
        return schema.ToJsonString(Json) + "\n";
    }
}

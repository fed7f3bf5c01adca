using System.CommandLine;
using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Exchanges;
using Gateway.Snapshots;

namespace Gateway.CommandLine;

/// <summary>
/// <c>gateway diff OLD NEW --users FILE</c>: who moves where. It compares two folders, so it takes the environment's key of every flag
/// as on; what is off there stays off whatever the files say.
/// </summary>
internal static class DiffCommand
{
    private sealed record Move(string Route, string User, string From, string To, string Was, string Becomes);

    public static Command Create()
    {
        var before = new Argument<string>("OLD") { Description = "The config folder in force." };
        var after = new Argument<string>("NEW") { Description = "The config folder to come." };
        var users = new Option<string>("--users")
        {
            Required = true,
            Description = "A file with a user a line: the id, then its groups, comma-separated.",
        };
        var json = CommandOutput.JsonOption();
        var command = new Command(
            "diff", "Say which users move to another backend between two config folders.") { before, after, users, json };
        command.SetAction(async (result, _) =>
        {
            var callers = ReadUsers(result.GetValue(users)!);
            var was = await LoadAsync(result.GetValue(before)!);
            var becomes = await LoadAsync(result.GetValue(after)!);
            var moves = Compare(was, becomes, callers).ToArray();
            if (result.GetValue(json))
                result.WriteJson(new { from = was.Revision, to = becomes.Revision, users = callers.Count, moves });
            else
                Write(result, callers.Count, moves);
        });
        return command;
    }

    private static void Write(ParseResult result, int users, Move[] moves)
    {
        foreach (var move in moves)
            result.WriteText($"{move.Route}: {move.User} moves from {move.From} ({move.Was}) to {move.To} ({move.Becomes})");
        result.WriteText($"{moves.Select(m => m.User).Distinct(StringComparer.Ordinal).Count()} of {users} users move");
    }

    private static IEnumerable<Move> Compare(GatewaySnapshot was, GatewaySnapshot becomes, List<Caller> callers)
    {
        foreach (var routeId in was.Gateway.Policies.Keys
            .Intersect(becomes.Gateway.Policies.Keys, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal))
        {
            foreach (var caller in callers)
            {
                var (from, old) = Target(was, routeId, caller);
                var (to, next) = Target(becomes, routeId, caller);
                if (from != to)
                    yield return new(routeId, caller.UserId!, from, to, old.ToLabel(), next.ToLabel());
            }
        }
    }

    private static (string Backend, RouteReason Gate) Target(GatewaySnapshot snapshot, string routeId, Caller caller)
    {
        var route = snapshot.FindPolicy(routeId)!;
        var gate = Router.EvaluateGate(snapshot, route, caller);
        return (route.Chain[Router.StartingLink(gate)].Id, gate);
    }

    private static Task<GatewaySnapshot> LoadAsync(string path)
    {
        var folder = CheckCommand.Open(path, _ => "true");
        return folder.ParseAsync(folder.Read());
    }

    private static List<Caller> ReadUsers(string file)
    {
        try
        {
            return [.. File.ReadLines(file)
                .Select(line => line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                .Where(parts => parts.Length > 0)
                .Select(parts => new Caller(parts[0], parts[1..]))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationRefusedException([new(file, "", null, "a readable file with a user a line")]);
        }
    }
}

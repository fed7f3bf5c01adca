using CalendarService.Files;
using CalendarService.Storage;
using Npgsql;
using ServiceDefaults.Listening;

namespace CalendarService;

/// <summary>
/// <c>CalendarService check</c>: whether a start with these settings would be refused, without starting anything. What would be is
/// thrown, as a start does; the rest is said.
/// </summary>
internal static class StartCheck
{
    public const string Name = "check";

    /// <param name="arguments">Settings, as for a start.</param>
    public static async Task RunAsync(string[] arguments, TextWriter output)
    {
        var settings = new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory };
        var folder = DataFolder.From(WebApplication.CreateBuilder(settings).Configuration);
        // Whoever checks may be another user than the one who starts, and would own them.
        string[] notThere = [.. ((string[])[folder.Spool, folder.Path]).Where(path => !Directory.Exists(path))];
        try
        {
            await CheckAsync(arguments, output);
        }
        finally
        {
            foreach (var path in notThere.Where(Directory.Exists))
                Directory.Delete(path);
        }
    }

    private static async Task CheckAsync(string[] arguments, TextWriter output)
    {
        await using var app = Program.Build([.. arguments, "--Logging:LogLevel:Default=None"]);
        await output.WriteLineAsync($"settings and data folder {app.Services.GetRequiredService<DataFolder>().Path}: valid");
        if (app.Services.GetRequiredService<DataFolder>().FindFault() is { } fault)
            await output.WriteLineAsync($"warning: {fault.Folder}: {fault.Reason}; while the database is away, no publish could be kept");
        if (await FindDatabaseProblemAsync(app.Services) is { } problem)
            await output.WriteLineAsync($"warning: {problem}; the service would start and wait for it");
        await output.WriteLineAsync(ListeningAddresses.Describe(app.Configuration));
    }

    /// <summary>A database is no reason to refuse a start, but a wrong password is better known before one.</summary>
    private static async Task<string?> FindDatabaseProblemAsync(IServiceProvider services)
    {
        var address = services.GetRequiredService<StoreAddress>();
        if (address.Kind != StoreKind.Postgres)
            return null; // To ask for the embedded one would make it.
        try
        {
            await using var connection = await services.GetRequiredService<Dialect>().OpenAsync(default)
                .WaitAsync(services.GetRequiredService<StoreOptions>().BusyTimeout);
            return null;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
        {
            return $"the database does not answer: {StoreHealth.ProblemOf(error)}";
        }
    }
}

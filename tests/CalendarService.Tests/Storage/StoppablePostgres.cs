using Harness;

namespace CalendarService.Tests.Storage;

/// <summary>A Postgres for the tests of one class, which stop it: they run one after the other, and it starts once.</summary>
public sealed class StoppablePostgres : IAsyncLifetime
{
    private PostgresServer _server = null!;
    private bool _isUp;

    public int Port => _server.Port;

    public async ValueTask InitializeAsync() => (_server, _isUp) = (await PostgresServer.StartNewAsync(), true);

    /// <returns>The URL of a new database. Starts the server if a test has left it stopped.</returns>
    public async Task<string> NewAsync()
    {
        await StartAsync();
        return _server.Url(await _server.CreateDatabaseAsync());
    }

    public async Task StopAsync()
    {
        _isUp = false;
        await _server.StopAsync();
    }

    public async Task StartAsync()
    {
        if (!_isUp)
            await _server.StartAsync();
        _isUp = true;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

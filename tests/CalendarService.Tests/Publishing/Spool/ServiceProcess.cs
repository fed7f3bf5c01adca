using System.Diagnostics;
using System.Text.Json;
using Harness;

namespace CalendarService.Tests.Publishing.Spool;

/// <summary>The real program in a process of its own, which can be killed.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private ServiceProcess(Process process) => _process = process;

    public HttpClient Http { get; private set; } = null!;

    public int Id => _process.Id;

    /// <summary>Its log so far.</summary>
    public IReadOnlyList<JsonElement> Log
    {
        get
        {
            lock (_lines)
                return [.. _lines.Select(line => JsonDocument.Parse(line).RootElement)];
        }
    }

    public static Task<ServiceProcess> StartAsync(string database, string data, params string[] settings) =>
        StartAsync(database, data, "unlimited", settings);

    /// <param name="fileBlocks">No file may grow beyond this many blocks of 512 bytes: a full disk, for one process.</param>
    public static async Task<ServiceProcess> StartAsync(string database, string data, string fileBlocks, string[] settings)
    {
        string[] arguments =
        [
            "-c", $"trap '' XFSZ; ulimit -f {fileBlocks}; exec dotnet \"$@\"", "sh",
            Path.Combine(AppContext.BaseDirectory, "CalendarService.dll"), "--urls=http://127.0.0.1:0",
            $"--ConnectionStrings:Calendar={database}", $"--CALENDAR_DATA_DIR={data}", "--Store:ProbeInterval=00:00:00.050",
            .. settings.Select(setting => "--" + setting),
        ];
        var service = new ServiceProcess(new Process
        {
            StartInfo = new ProcessStartInfo("/bin/sh", arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                WorkingDirectory = data,
                Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" }, // The runtime's own mapping is a file too.
            },
        });
        service._process.OutputDataReceived += (_, line) => service.Keep(line.Data);
        service._process.Start();
        service._process.BeginOutputReadLine();
        await Eventually.TrueAsync("the service listens", () => service.Address() is not null);
        service.Http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(service.Address()!) };
        service.Http.DefaultRequestHeaders.Add("X-User-Id", "ada");
        return service;
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, params (string, string)[] headers)
    {
        using var request = ServiceHarness.Request(method, path, body, headers);
        using var response = await Http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the end of the process.</summary>
    public async Task TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        Http?.Dispose();
        _process.Dispose();
    }

    private string? Address() => Log
        .Select(line => line.GetProperty("message").GetString()!)
        .FirstOrDefault(message => message.StartsWith(Listening, StringComparison.Ordinal))?[Listening.Length..];

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
            _lines.Add(line);
    }
}

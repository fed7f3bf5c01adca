using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace SystemTests.Runbook;

/// <summary>The systemd units of <c>deploy/</c>.</summary>
public sealed partial class UnitTests
{
    [Theory]
    [InlineData("gateway.service")]
    [InlineData("calendar.service")]
    public async Task Unit_AsItStands_IsOneThatSystemdUnderstandsWhole(string unit)
    {
        var folder = Directory.CreateTempSubdirectory("unit-").FullName;
        // The programs are not installed here; everything else is checked as it stands.
        var text = Program().Replace(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", unit)), "=/bin/true");
        await File.WriteAllTextAsync(Path.Combine(folder, unit), text);
        await using var verify = ProgramProcess.Start("systemd-analyze", ["verify", "--man=no", Path.Combine(folder, unit)]);

        var code = await verify.ExitAsync();

        Assert.True(code == 0 && verify.Errors.Length == 0, verify.Errors);
        Assert.Equal(2, Program().Count(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", unit))));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Service_UnderSystemd_SaysWhenItIsReadyAndWhenItStops()
    {
        var folder = Directory.CreateTempSubdirectory("unit-").FullName;
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "notify")));
        // Its parent's name is what tells a program that systemd started it.
        File.CreateSymbolicLink(Path.Combine(folder, "systemd"), "/bin/bash");
        await using var service = ProgramProcess.Start(
            Path.Combine(folder, "systemd"),
            ["-c", "trap 'kill $child' TERM; dotnet \"$0\" --Kestrel:Endpoints:Http:Url=http://127.0.0.1:0 --CALENDAR_DATA_DIR=\"$1\" & "
                + "child=$!; wait $child; wait $child",
                Repository.Program("src/CalendarService", "CalendarService"), Path.Combine(folder, "data")],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = Path.Combine(folder, "notify") });

        Assert.Equal("READY=1", await ReceiveAsync(systemd));
        await service.SignalAsync("TERM");
        Assert.Equal("STOPPING=1", await ReceiveAsync(systemd));
        Assert.Equal(0, await service.ExitAsync());
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[256];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer.AsMemory(), patience.Token));
    }

    [GeneratedRegex("(?<=Exec[A-Za-z]*)=/opt/[a-zA-Z/]+")]
    private static partial Regex Program();
}

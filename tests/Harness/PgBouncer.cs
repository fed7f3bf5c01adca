using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Harness.Fixtures;

namespace Harness;

/// <summary>
/// A real PgBouncer in transaction mode in front of a <see cref="PostgresServer"/>: what Supabase's port 6543 is. Checks passwords,
/// which the server behind it does not. Can be killed and started again.
/// </summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";

    private readonly string _directory;
    private Process? _process;

    private PgBouncer(string directory, int port) => (_directory, Port) = (directory, port);

    public int Port { get; }

    /// <param name="poolSize">Connections to the server, for each user of each database.</param>
    /// <param name="queryWait">After so long a client that waits for a connection is sent away; whole seconds.</param>
    /// <exception cref="FileNotFoundException">Debian's package pgbouncer is not installed.</exception>
    public static async Task<PgBouncer> StartNewAsync(
        int serverPort, int poolSize, TimeSpan queryWait, params (string User, string Password)[] users)
    {
        if (!File.Exists(Program))
            throw new FileNotFoundException("these tests need Debian's package pgbouncer", Program);
        var pooler = new PgBouncer(Directory.CreateTempSubdirectory("pgbouncer-").FullName, OwnPorts.Next());
        await File.WriteAllTextAsync(
            pooler.Users, string.Concat(users.Select(u => $"{Quoted(u.User)} {Quoted(u.Password)}\n")), new UTF8Encoding(false));
        // A server that is away is tried every second, not every 15: that is how long the tests wait for it.
        await File.WriteAllTextAsync(
            pooler.Settings,
            $"""
             [databases]
             * = host=127.0.0.1 port={serverPort}
             [pgbouncer]
             listen_addr = 127.0.0.1
             listen_port = {pooler.Port}
             unix_socket_dir =
             logfile = {pooler._directory}/log
             auth_type = scram-sha-256
             auth_file = {pooler.Users}
             pool_mode = transaction
             default_pool_size = {poolSize}
             max_client_conn = 300
             server_login_retry = 1
             query_wait_timeout = {(int)queryWait.TotalSeconds}

             """);
        if (Environment.UserName == "root")
        {
            // PgBouncer refuses to run as root, as Postgres does.
            using var chown = Process.Start("chown", ["-R", "postgres", pooler._directory]);
            await chown.WaitForExitAsync();
        }

        await pooler.StartAsync();
        return pooler;
    }

    public string Url(string user, string password, string database, string sslMode = "disable") =>
        $"postgresql://{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(password)}@127.0.0.1:{Port}/{database}?sslmode={sslMode}";

    public async Task StartAsync()
    {
        string[] command = [Program, "-q", Settings];
        // setpriv becomes the program, so that the process we know is the one to kill.
        _process = Environment.UserName == "root"
            ? Process.Start("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", .. command])
            : Process.Start(command[0], command[1..]);
        await Eventually.TrueAsync("PgBouncer listens", async () =>
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Port);
                return true;
            }
            catch (SocketException) when (!_process.HasExited)
            {
                return false;
            }
        });
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private string Users => Path.Combine(_directory, "users");

    private string Settings => Path.Combine(_directory, "pgbouncer.ini");

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

namespace CompareBench.Running;

/// <summary>
/// The nginx that everything is asked of in the end: 1 KiB for whatever is asked, and a file of 1 MB. It listens twice, for the calendar
/// backend and the legacy one; who asks a third port, where nobody listens, meets a backend that is dead.
/// </summary>
internal static class Origin
{
    public static readonly Uri Calendar = new("http://127.0.0.1:19081");
    public static readonly Uri Legacy = new("http://127.0.0.1:19080");
    public static readonly Uri Dead = new("http://127.0.0.1:19079");
    public static readonly Uri Streams = new("http://127.0.0.1:19082");

    /// <summary>A path of the calendar route that is answered with 1 MB.</summary>
    public const string Download = "/api/calendar/download";

    /// <summary>The argument that makes this program the origin of event streams.</summary>
    public const string StreamsCommand = "streams-origin";

    private const int DownloadBytes = 1_000_000;

    public static Server Start(string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllBytes(Path.Combine(directory, "megabyte"), new byte[DownloadBytes]);
        var config = Path.Combine(directory, "nginx.conf");
        File.WriteAllText(config, $$"""
            daemon off; pid {{directory}}/pid; error_log {{directory}}/error.log;
            worker_processes auto;
            events { worker_connections 16384; }
            http {
              client_body_temp_path {{directory}}/body; proxy_temp_path {{directory}}/proxy;
              fastcgi_temp_path {{directory}}/f; uwsgi_temp_path {{directory}}/u; scgi_temp_path {{directory}}/s;
              access_log off; sendfile on; keepalive_requests 100000000;
              server {
                listen 127.0.0.1:{{Legacy.Port}} backlog=4096; listen 127.0.0.1:{{Calendar.Port}} backlog=4096;
                default_type text/plain;
                location = {{Download}} { alias {{directory}}/megabyte; }
                location / { return 200 "{{new string('x', 1024)}}"; }
              }
            }
            """);
        return Server.Start(["nginx", "-c", config, "-p", directory], [], Path.Combine(directory, "output"));
    }

    public static Server StartStreams(string directory) => Server.Start(
        ["dotnet", Environment.GetCommandLineArgs()[0], StreamsCommand], [], Path.Combine(directory, "streams-origin.output"));
}

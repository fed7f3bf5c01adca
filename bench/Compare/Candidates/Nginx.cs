namespace CompareBench.Candidates;

/// <summary>
/// nginx doing what it can of the job: users split by a hash of their name, the caller's request id or one of its own, an access log in
/// JSON (gathered in 64 KB, as ours gathers too), the legacy backend as the calendar's backup. It has no flags or cohorts by name, no
/// probes, no metrics by route, and no guard on streams.
/// </summary>
internal sealed class Nginx() : Candidate("nginx")
{
    public override Launch Prepare(Job job, Place place)
    {
        var accessLog = place.File("access.log");
        var config = place.Write("nginx.conf", $$"""
            daemon off; pid {{place.File("pid")}}; error_log {{place.File("error.log")}} warn;
            worker_processes auto;
            events { worker_connections {{Math.Max(8192, 2 * job.Streams + 400)}}; }
            http {
              client_body_temp_path {{place.File("body")}}; proxy_temp_path {{place.File("proxy")}};
              fastcgi_temp_path {{place.File("f")}}; uwsgi_temp_path {{place.File("u")}}; scgi_temp_path {{place.File("s")}};
              log_format json escape=json '{"timestamp":"$time_iso8601","requestId":"$id","user":"$http_x_user_id",'
                '"method":"$request_method","path":"$uri","status":$status,"backend":"$backend","upstream":"$upstream_addr",'
                '"durationS":$request_time}';
              access_log {{(job.Logs ? $"{accessLog} json buffer=64k flush=1s" : "off")}};
              keepalive_requests 100000000;

              map $http_x_request_id $id { "" $request_id; default $http_x_request_id; }
              split_clients $http_x_user_id $backend { {{(job.Percentage == 100 ? "" : $"{job.Percentage}% calendar; ")}}* {{Rest(job)}}; }
              upstream calendar {
                server {{job.Calendar.Authority}}; server {{job.Legacy.Authority}} backup;
                keepalive 2048; keepalive_requests 100000000;
              }
              upstream legacy { server {{job.Legacy.Authority}}; keepalive 2048; keepalive_requests 100000000; }
              server {
                listen 127.0.0.1:{{place.Port}} backlog=4096{{(job.Http2 ? " http2" : "")}};
                proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
                proxy_set_header X-Request-Id $id; proxy_set_header X-Forwarded-For $remote_addr;
                add_header X-Request-Id $id always; add_header X-Served-By $backend always;
                proxy_max_temp_file_size 0;
                location /api/calendar/generate { proxy_pass http://$backend; proxy_buffering off; }
                location /api/calendar { proxy_pass http://$backend; }
                location / { proxy_pass http://legacy; }
              }
            }
            """);
        return new(["nginx", "-c", config, "-p", place.Directory]) { AccessLog = accessLog };
    }

    private static string Rest(Job job) => job.Percentage == 100 ? "calendar" : "legacy";
}

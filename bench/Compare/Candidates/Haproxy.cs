namespace CompareBench.Candidates;

/// <summary>
/// HAProxy doing what it can of the job: users split by a hash of their name, the caller's request id or one of its own, an access log in
/// JSON to standard output (a write each), probes as often as ours, the legacy backend as the calendar's backup. It has no flags or cohorts
/// by name and no guard on streams.
/// </summary>
internal sealed class Haproxy() : Candidate("HAProxy")
{
    private static readonly string AccessLine = """
        {"timestamp":"%[date,utime(%Y-%m-%dT%H:%M:%SZ)]","requestId":"%[var(txn.id),json(utf8s)]",
        "user":"%[var(txn.user),json(utf8s)]","method":"%HM","path":"%[var(txn.path),json(utf8s)]","status":%ST,
        "backend":"%b","upstream":"%s","durationMs":%Ta}
        """.ReplaceLineEndings("");

    public override Launch Prepare(Job job, Place place)
    {
        var config = place.Write("haproxy.cfg", $$"""
            global
              {{(job.Logs ? "log stdout format raw local0" : "")}}
            defaults
              mode http
              log global
              timeout connect 1s
              timeout client 100s
              timeout server 100s
              http-reuse always
              {{(job.Streams > 0 ? "option http-no-delay" : "")}}
            frontend public
              bind 127.0.0.1:{{place.Port}} backlog 4096{{(job.Http2 ? " proto h2" : "")}}
              log-format '{{AccessLine}}'
              unique-id-format %[uuid]
              http-request set-header X-Request-Id %[unique-id] unless { req.hdr(X-Request-Id) -m found }
              http-request set-var(txn.id) req.hdr(X-Request-Id)
              http-request set-var(txn.user) req.hdr(X-User-Id)
              http-request set-var(txn.path) path
              http-request set-header X-Forwarded-For %[src]
              http-after-response set-header X-Request-Id %[var(txn.id)]
              acl cohort req.hdr(X-User-Id),xxh32,mod(100) lt {{job.Percentage}}
              use_backend calendar if { path_beg -i /api/calendar } cohort
              default_backend legacy
            backend calendar
              option httpchk GET /readyz
              http-after-response set-header X-Served-By calendar
              server calendar-1 {{job.Calendar.Authority}} check inter 400ms
              server legacy-1 {{job.Legacy.Authority}} backup
            backend legacy
              http-after-response set-header X-Served-By legacy
              server legacy-1 {{job.Legacy.Authority}}

            """);
        return new(["haproxy", "-f", config]);
    }
}

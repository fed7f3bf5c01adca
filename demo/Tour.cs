namespace Demo;

/// <summary>Six commands that show the point, ready to be pasted into a second terminal, whatever folder it is in.</summary>
internal static class Tour
{
    public static string Text(DemoFolder folder) => $$"""

        Running. Paste these into a second terminal; Ctrl-C here stops everything.

          gateway           http://127.0.0.1:8080    (frontends talk to this)
          gateway admin     http://127.0.0.1:9901    /console  /status  /explain  /metrics
          calendar service  http://127.0.0.1:8081    log: {{folder.Log("CalendarService")}}
          sample legacy     http://127.0.0.1:8082
          gateway log       {{folder.Log("Gateway")}}

        1. Both flags are off: legacy answers alice.
        curl -si 127.0.0.1:8080/api/calendar -H 'X-User-Id: alice'

        2. Turn the flags on for the canary cohort, no restart: her next request is served by the new service.
        sed -i 's/"enabled": false/"enabled": true/' {{Quote(folder.RolloutFile)}}; sleep 2
        curl -si 127.0.0.1:8080/api/calendar -H 'X-User-Id: alice'

        3. Generate a calendar; it streams.
        curl -siN 127.0.0.1:8080/api/calendar/generate -H 'X-User-Id: alice' -H 'Content-Type: application/json' -d '{
          "calendarId": "spring", "brief": "Spring sale of garden tools", "startDate": "2099-03-01", "days": 3,
          "postsPerDay": 1, "channels": ["linkedin", "x"], "timezone": "Europe/Berlin" }'

        4. Publish it as a dry-run: one row of publish_intents for each post and channel.
        curl -si 127.0.0.1:8080/api/publish -H 'X-User-Id: alice' -H 'Content-Type: application/json' \
          -d '{ "calendarId": "spring", "dryRun": true }'
        curl -s '127.0.0.1:8080/api/publish/intents?calendarId=spring' -H 'X-User-Id: alice'

        5. Stop the new service and ask again: legacy answers, and X-Route-Reason and Proxy-Status say why.
        kill $(cat {{Quote(folder.ServicePid)}}); sleep 2
        curl -si 127.0.0.1:8080/api/calendar -H 'X-User-Id: alice'

        6. Let the demo start it again, wait until alice is back on it, and look: nothing is lost.
        kill -CONT $(cat {{Quote(folder.DemoPid)}})
        until curl -si 127.0.0.1:8080/api/calendar -H 'X-User-Id: alice' | grep 'X-Served-By: calendar'; do sleep 1; done
        curl -s 127.0.0.1:8080/api/calendar -H 'X-User-Id: alice'

        bob is not in the cohort: he is on legacy and dry-run all the while.


        """;

    /// <summary>For a shell, where a path has anything but letters in it.</summary>
    private static string Quote(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+@".Contains(c))
        ? path
        : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}

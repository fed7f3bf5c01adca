namespace Demo;

/// <summary>Five commands that show the point, ready to be pasted into a second terminal.</summary>
internal static class Tour
{
    public static string Text(DemoFolder folder, int serviceProcess) => $$"""

        Running. Paste these into a second terminal; Ctrl-C here stops everything.

          gateway           http://127.0.0.1:8080    (frontends talk to this)
          gateway admin     http://127.0.0.1:9901    /console  /status  /explain  /metrics
          calendar service  http://127.0.0.1:8081    log: {{DemoFolder.Shorten(folder.Log("CalendarService"))}}
          sample legacy     http://127.0.0.1:8082
          gateway log       {{DemoFolder.Shorten(folder.Log("Gateway"))}}

        1. Both flags are off: legacy answers alice.
           curl -si 127.0.0.1:8080/api/calendar -H 'X-User-Id: alice'

        2. Turn the flags on for the canary cohort, no restart: her next request is served by the new service.
           sed -i 's/"enabled": false/"enabled": true/' {{folder.RolloutFile}}; sleep 2; curl -si 127.0.0.1:8080/api/calendar -H 'X-User-Id: alice'

        3. Generate a calendar; it streams.
           curl -siN 127.0.0.1:8080/api/calendar/generate -H 'X-User-Id: alice' -H 'Content-Type: application/json' -d '{"calendarId":"spring","brief":"Spring sale of garden tools","startDate":"2027-03-01","days":3,"postsPerDay":1,"channels":["linkedin","x"],"timezone":"Europe/Berlin"}'

        4. Publish it as a dry-run: one row of publish_intents for each post and channel.
           curl -si 127.0.0.1:8080/api/publish -H 'X-User-Id: alice' -H 'Content-Type: application/json' -d '{"calendarId":"spring","dryRun":true}'; curl -s '127.0.0.1:8080/api/publish/intents?calendarId=spring' -H 'X-User-Id: alice'

        5. Stop the new service and ask again: legacy answers, and X-Route-Reason and Proxy-Status say why.
           kill {{serviceProcess}}; sleep 1; curl -si 127.0.0.1:8080/api/calendar -H 'X-User-Id: alice'

        bob is not in the cohort: he is on legacy and dry-run all the while.


        """;
}

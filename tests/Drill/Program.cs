using System.CommandLine;
using Drill;

var json = new Option<bool>("--json") { Description = "The result as JSON on standard output; the transcript goes to standard error." };
var keep = new Option<bool>("--keep") { Description = "Leave everything running at the end, and say where it is, until Ctrl-C." };
var monitoring = new Option<DirectoryInfo>("--prometheus")
{
    Description = "The folder with prometheus.yml, alertmanager.yml, rules and dashboards to drill.",
    DefaultValueFactory = _ => new(Path.Combine(Checkout.Root, "prometheus")),
};
var patience = new Option<int>("--patience")
{
    Description = "Seconds to wait for each thing that should happen.",
    DefaultValueFactory = _ => 60,
};
patience.Validators.Add(given =>
{
    if (given.GetValue(patience) is < 1 or > 600)
        given.AddError($"--patience: {given.GetValue(patience)}, expected 1 to 600");
});

var drill = new RootCommand(
    "Starts the gateway twice, the calendar service, Prometheus and Alertmanager, breaks one thing after the other, and shows each alert "
    + "arrive at a webhook and resolve after the fault is mended. Exit 0 when every alert did and every dashboard panel had data, else 1.")
{
    json, keep, monitoring.AcceptExistingOnly(), patience,
};
drill.SetAction((given, cancel) => Rehearsal.RunAsync(
    new DrillOptions(given.GetValue(json), given.GetValue(keep), given.GetValue(monitoring)!.FullName,
        TimeSpan.FromSeconds(given.GetValue(patience))), cancel));
// Long enough to see a dozen processes off after Ctrl-C.
return await drill.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

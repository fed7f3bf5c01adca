using System.Diagnostics;
using System.Globalization;
using RolloutBench;
using RolloutBench.Reports;

// `rollout FOLDER RAMPS`: rollout.md and rollout.svg there, and the tables to standard output.
const int Seed = 14;
var ramps = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10_000;
var watch = Stopwatch.StartNew();
var powers = Power.Simulate(ramps, Seed);
var few = Found.SimulateAll(Ramp.Judges, 20, ramps, Seed);
var many = Found.SimulateAll(Ramp.Judges, 200, ramps, Seed);
var variants = ((int[])[20, 200]).SelectMany(units => Found.SimulateAll(Ramp.Variants, units, ramps / 10, Seed)).ToArray();

var report = new RolloutReport(ramps, Seed).Write(few, many, variants, powers);
Directory.CreateDirectory(args[0]);
await File.WriteAllTextAsync(Path.Combine(args[0], "rollout.md"), report);
await File.WriteAllTextAsync(Path.Combine(args[0], "rollout.svg"), RolloutPicture.Draw(few, many));
await Console.Out.WriteAsync(report);
await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:0} s"));

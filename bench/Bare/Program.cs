// What everything is measured against: the proxy of YARP's own "getting started", and not a line more. Its appsettings.json is written by
// bench/compare (Compare/Candidates/BareYarp.cs).
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));
var app = builder.Build();
app.MapReverseProxy();
app.Run();

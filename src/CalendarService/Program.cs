using ServiceDefaults.Logging;

var builder = WebApplication.CreateBuilder(args);
builder.AddJsonLogs();
var app = builder.Build();
app.Run();

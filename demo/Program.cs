var app = WebApplication.CreateSlimBuilder(args).Build();
app.Map("/{**rest}", (HttpContext c) => { c.Response.Headers["X-Legacy"]="yes"; return Results.Text($"legacy {c.Request.Method} {c.Request.Path} user={c.Request.Headers["X-User-Id"]} rid={c.Request.Headers["X-Request-Id"]} tp={c.Request.Headers["traceparent"]} xff={c.Request.Headers["X-Forwarded-For"]} xfh={c.Request.Headers["X-Forwarded-Host"]} conn={c.Request.Headers["Connection"]}\n");});
app.Run();

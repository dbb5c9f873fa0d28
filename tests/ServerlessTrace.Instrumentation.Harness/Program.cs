using ServerlessTrace.Instrumentation.Harness;

// dotnet run --project tests/ServerlessTrace.Instrumentation.Harness -- http://127.0.0.1:5000
// then, in a copy of the suite: SPEC_LEVEL=2 python test.py http://127.0.0.1:5000/test
await using WebApplication app = TestService.Create(args.FirstOrDefault() ?? "http://127.0.0.1:5000");
await app.RunAsync();

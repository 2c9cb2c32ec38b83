using Slotwise.Redis;

namespace Slotwise.Simulation.Differential;

/// <summary>Something that is done to servers; what they answer is compared.</summary>
abstract record Step
{
    /// <summary>Whether an election may come of it: the memory that elections leave has to fade before the next one.</summary>
    public virtual bool MayElect => false;

    public abstract Task<string> DoAsync(ISubject subject);
}

sealed record Send(int Server, params string[] Command) : Step
{
    public override bool MayElect => Command is ["CLUSTER", "FAILOVER", ..];

    public override async Task<string> DoAsync(ISubject subject) =>
        await subject.SendAsync(Server, Command) is { } reply ? subject.Translate(Shorten(reply)) : "no answer";

    public override string ToString() => $"#{Server}: {string.Join(' ', Command)}";

    /// <summary>Numbers of epochs need not agree; their order does.</summary>
    static string Shorten(RespValue reply) => reply.AsText() is { } text && (text.StartsWith("BUMPED", StringComparison.Ordinal) || text.StartsWith("STILL", StringComparison.Ordinal))
        ? text.Split(' ')[0]
        : reply.ToString();
}

sealed record Kill(int Server) : Step
{
    public override bool MayElect => true;

    public override async Task<string> DoAsync(ISubject subject)
    {
        await subject.KillAsync(Server);
        return "";
    }

    public override string ToString() => $"#{Server}: SIGKILL";
}

sealed record Start(int Server, bool Afresh) : Step
{
    public override async Task<string> DoAsync(ISubject subject)
    {
        await subject.StartAsync(Server, Afresh);
        return "";
    }

    public override string ToString() => $"#{Server}: starts{(Afresh ? " afresh" : "")}";
}

sealed record Pause(int Server, TimeSpan Duration) : Step
{
    public override bool MayElect => true;

    public override async Task<string> DoAsync(ISubject subject)
    {
        await subject.PauseAsync(Server, true);
        await subject.WaitAsync(Duration);
        await subject.PauseAsync(Server, false);
        return "";
    }

    public override string ToString() => $"#{Server}: stands still for {Duration.TotalSeconds} s";
}

using Slotwise.Redis;

namespace Slotwise.Simulation.Differential;

/// <summary>Six servers, simulated or real, that the same things are done to. They are called by numbers.</summary>
interface ISubject
{
    int Count { get; }

    /// <summary>Sends a command, in which <c>{id:2}</c> and <c>{ip:2}</c> stand for a server's id and address; null when there is no answer.</summary>
    Task<RespValue?> SendAsync(int server, params string[] command);

    /// <summary>SIGKILL.</summary>
    Task KillAsync(int server);

    /// <summary>Starts a killed one again, with what it had on its disk or with nothing.</summary>
    Task StartAsync(int server, bool afresh);

    /// <summary>SIGSTOP and SIGCONT.</summary>
    Task PauseAsync(int server, bool isPaused);

    Task WaitAsync(TimeSpan duration);

    /// <summary>How long it has lasted so far, in its own time.</summary>
    TimeSpan Now { get; }

    bool IsUp(int server);

    /// <summary>A text of a server with numbers instead of ids and addresses.</summary>
    string Translate(string text);
}

using System.Globalization;
using Slotwise.Kubernetes.Api;
using Slotwise.Operator.CommandLine;
using Spectre.Console;

namespace Slotwise.Operator.Status;

/// <summary>Looks at a cluster again and again and shows what changed, until it is cancelled, ready, or out of time.</summary>
/// <param name="readAsync">One look.</param>
/// <param name="time">The clock.</param>
/// <param name="readyWithin">Null: go on for ever; else end when the cluster is ready, and fail when it was not within that time.</param>
sealed class ClusterWatch(Func<CancellationToken, Task<ClusterPicture>> readAsync, TimeProvider time, TimeSpan? readyWithin)
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    readonly long _start = time.GetTimestamp();
    readonly MoveRate _moves = new(time);

    /// <summary>A line for every change; the whole state at the end.</summary>
    /// <exception cref="UserErrorException">The cluster was not ready in time.</exception>
    public async Task WriteLinesAsync(TextWriter output, CancellationToken cancellationToken)
    {
        string? written = null;
        ClusterPicture? last = null;
        void Write(string line)
        {
            if (line != written)
            {
                written = line;
                output.WriteLine($"{Elapsed()}  {line}");
                output.Flush();
            }
        }

        var isReady = await LookAsync(
            picture =>
            {
                last = picture;
                Write(ClusterText.Progress(picture));
            },
            Write,
            cancellationToken);
        if (last is not null)
        {
            await output.WriteAsync("\n" + ClusterText.Full(last));
        }

        await EndAsync(isReady, last, output);
    }

    /// <summary>One view that is redrawn in place.</summary>
    /// <exception cref="UserErrorException">The cluster was not ready in time.</exception>
    public async Task ShowLiveAsync(CancellationToken cancellationToken)
    {
        ClusterPicture? last = null;
        var isReady = false;
        await AnsiConsole.Live(new Text("")).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom).StartAsync(async screen =>
            isReady = await LookAsync(
                picture =>
                {
                    last = picture;
                    screen.UpdateTarget(LiveView.Build(picture));
                },
                trouble => screen.UpdateTarget(new Text(trouble)),
                cancellationToken));
        await EndAsync(isReady, last, Console.Out);
    }

    /// <returns>Whether the cluster became ready, where that is waited for.</returns>
    async Task<bool> LookAsync(Action<ClusterPicture> show, Action<string> showTrouble, CancellationToken cancellationToken)
    {
        var wasRead = false;
        try
        {
            while (readyWithin is null || time.GetElapsedTime(_start) < readyWithin)
            {
                try
                {
                    var picture = await readAsync(cancellationToken);
                    wasRead = true;
                    show(picture with { Moves = _moves.Observe(picture.Resource.Status?.Operation) });
                    if (readyWithin is not null && picture.IsReady)
                    {
                        return true;
                    }
                }
                catch (KubernetesUnreachableException error) when (wasRead)
                {
                    // An API server that restarts ends no watch.
                    showTrouble(error.Message);
                }

                await Task.Delay(Interval, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && readyWithin is null)
        {
            // Ctrl-C is how a watch ends; a wait that is given up is no success.
        }

        return false;
    }

    async Task EndAsync(bool isReady, ClusterPicture? last, TextWriter output)
    {
        if (isReady)
        {
            await output.WriteLineAsync($"Ready after {Elapsed().Trim()}.");
        }
        else if (readyWithin is not null)
        {
            throw new UserErrorException($"not Ready after {Elapsed().Trim()}: {(last is null ? "it could not be read" : ClusterText.State(last))}");
        }
    }

    string Elapsed() => string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_start).TotalSeconds,6:0.0} s");
}

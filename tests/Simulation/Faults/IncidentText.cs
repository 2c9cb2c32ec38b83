using System.Globalization;

namespace Slotwise.Simulation.Faults;

/// <summary>Reads incidents as they are written down.</summary>
public static class IncidentText
{
    /// <summary>Reads one line.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Incident Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.Split(' ') switch
        {
            [OperatorCrash.Kind, var down] => new OperatorCrash(Time(down)),
            [SecondOperator.Kind, var time] => new SecondOperator(Time(time)),
            [RequestFailures.Kind, var status, var when, var share, var time] =>
                new RequestFailures(int.Parse(status, CultureInfo.InvariantCulture), when == "after", Share(share), Time(time)),
            [WatchLag.Kind, var lag, var time] => new WatchLag(Time(lag), Time(time)),
            [WatchBreak.Kind] => new WatchBreak(),
            [WatchRepeats.Kind, var time] => new WatchRepeats(Time(time)),
            [HiddenPod.Kind, var target, var time] => new HiddenPod(Target.Parse(target), Time(time)),
            [ClockJump.Kind, var by] => new ClockJump(Time(by)),
            [ProcessKill.Kind, var target] => new ProcessKill(Target.Parse(target)),
            [PodDeletion.Kind, var target] => new PodDeletion(Target.Parse(target), IsForced: false),
            [PodDeletion.Kind, var target, "force"] => new PodDeletion(Target.Parse(target), IsForced: true),
            [PodEviction.Kind, var target] => new PodEviction(Target.Parse(target)),
            [ProcessPause.Kind, var target, var time] => new ProcessPause(Target.Parse(target), Time(time)),
            [VolumeLoss.Kind, var target] => new VolumeLoss(Target.Parse(target)),
            [FullVolume.Kind, var target, var time] => new FullVolume(Target.Parse(target), Time(time)),
            [MemoryShortage.Kind, var shard, var time] => new MemoryShortage(int.Parse(shard, CultureInfo.InvariantCulture), Time(time)),
            [AddressExchange.Kind, var target] => new AddressExchange(Target.Parse(target)),
            [PodCut.Kind, var target, var time] => new PodCut(Target.Parse(target), Time(time)),
            [LinkCut.Kind, var one, var way, var other, var time] => new LinkCut(Target.Parse(one), Target.Parse(other), way == ">", Time(time)),
            [BadNetwork.Kind, var loss, var delay, var time] => new BadNetwork(Share(loss), Time(delay), Time(time)),
            [HostOff.Kind, var host, var time] => new HostOff(int.Parse(host, CultureInfo.InvariantCulture), Time(time)),
            [HostCut.Kind, var host, var time] => new HostCut(int.Parse(host, CultureInfo.InvariantCulture), Time(time)),
            [ResourceChange.Kind, ..] => new ResourceChange(line[(ResourceChange.Kind.Length + 1)..]),
            [ResourceDeletion.Kind] => new ResourceDeletion(),
            [ResourceApplication.Kind] => new ResourceApplication(),
            _ => throw new FormatException($"'{line}' is no incident"),
        };
    }

    /// <summary>Reads seconds; exactly, as a tick decides who comes first.</summary>
    internal static TimeSpan Time(string text) => TimeSpan.FromTicks((long)(decimal.Parse(text.TrimEnd('s'), CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond));

    static double Share(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

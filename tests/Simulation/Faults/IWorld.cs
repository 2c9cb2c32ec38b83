namespace Slotwise.Simulation.Faults;

/// <summary>What can be done to the world from outside. Whatever lasts ends by itself; what there is nothing of to hurt is let be.</summary>
public interface IWorld
{
    /// <summary>The operator's process ends at this instant and is started again after a while.</summary>
    void CrashOperator(TimeSpan down);

    /// <summary>Another operator works beside the one that leads, as one does that has not noticed yet that its lease is over.</summary>
    void RunSecondOperator(TimeSpan lasts);

    /// <summary>Requests of operators fail.</summary>
    /// <param name="status">The status of the answer; 0 for none at all.</param>
    /// <param name="isAfterEffect">Whether they are carried out all the same.</param>
    /// <param name="share">How many of them, 1 for all.</param>
    /// <param name="lasts">For how long.</param>
    void FailRequests(int status, bool isAfterEffect, double share, TimeSpan lasts);

    /// <summary>Operators hear of changes later.</summary>
    void DelayWatches(TimeSpan lag, TimeSpan lasts);

    /// <summary>All watches of operators break, and what happens until they are opened again is missed.</summary>
    void BreakWatches();

    /// <summary>Every change is told of twice.</summary>
    void RepeatWatchEvents(TimeSpan lasts);

    /// <summary>Operators do not reach the pod; others do.</summary>
    void HideFromOperator(Target target, TimeSpan lasts);

    /// <summary>The wall clock that operators read jumps.</summary>
    void JumpClock(TimeSpan by);

    /// <summary>SIGKILL; the container is restarted in place.</summary>
    void KillProcess(Target target);

    /// <summary>The pod is deleted.</summary>
    /// <param name="target">The pod.</param>
    /// <param name="isForced">Whether without any grace.</param>
    void DeletePod(Target target, bool isForced);

    /// <summary>The pod is evicted, if its budget allows it.</summary>
    void EvictPod(Target target);

    /// <summary>SIGSTOP, later SIGCONT.</summary>
    void PauseProcess(Target target, TimeSpan lasts);

    /// <summary>Nobody reaches the pod and it reaches nobody.</summary>
    void CutPod(Target target, TimeSpan lasts);

    /// <summary>Two pods do not reach each other.</summary>
    void CutPods(Target one, Target other, TimeSpan lasts);

    /// <summary>What goes from one pod to another is lost; the way back works.</summary>
    void CutOneWay(Target from, Target to, TimeSpan lasts);

    /// <summary>Packets between servers are lost or take longer.</summary>
    void SpoilNetwork(double loss, TimeSpan delay, TimeSpan lasts);

    /// <summary>A host loses its power, and comes back.</summary>
    void TurnHostOff(int host, TimeSpan lasts);

    /// <summary>A host does not reach the others nor the API server.</summary>
    void CutHost(int host, TimeSpan lasts);

    /// <summary>The pod and its volume are gone.</summary>
    void LoseVolume(Target target);

    /// <summary>Nothing can be written to the pod's volume.</summary>
    void FillVolume(Target target, TimeSpan lasts);

    /// <summary>The servers of a shard, also those that start meanwhile, have no memory for what is written; what they say to use was measured before.</summary>
    void ExhaustMemory(int shard, TimeSpan lasts);

    /// <summary>The pods of that place in both clusters are deleted, and each one's successor gets the address that the other one's had.</summary>
    void ExchangeAddresses(Target target);

    /// <summary>The user patches the resource; an API server that finds it invalid refuses.</summary>
    /// <param name="patch">A JSON merge patch.</param>
    void PatchResource(string patch);

    /// <summary>The user deletes the resource.</summary>
    void DeleteResource();

    /// <summary>The user applies the resource as it was in the beginning; where it is, that changes it back.</summary>
    void ApplyResource();
}

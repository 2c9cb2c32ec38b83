namespace Slotwise.Simulation.Laws;

/// <summary>All laws.</summary>
public static class LawBook
{
    /// <summary>A set of them for one run, as they remember what they saw.</summary>
    public static IReadOnlyList<Law> Open() =>
    [
        new KeysSurvive(),
        new SlotsStayOwned(),
        new OwnersAreRemembered(),
        new NeededVolumesStay(),
        new CopiesStay(),
        new CopiesWaitForEachOther(),
        new MastersAreNotStopped(),
        new OneStopAtATime(),
        new TemplatesTakeTurns(),
        new DeadBeforeReplaced(),
        new BestCandidate(),
        new DataComeFromAMaster(),
        new ClustersStayApart(),
        new HonestReady(),
        new WantedShardsStay(),
        new EveryWorld(),
        new SecretsStaySecret(),
        new FailoversKeepApart(),
        new VotersKnowTheCandidate(),
        new OneWriter(),
        new TargetsServe(),
        new EndsWell(),
    ];
}

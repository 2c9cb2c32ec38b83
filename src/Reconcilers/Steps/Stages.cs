namespace Slotwise.Reconcilers.Steps;

/// <summary>The order among steps of one plan that are carried out in the same pass.</summary>
static class Stages
{
    /// <summary>What pods mount, before there are pods that wait for it.</summary>
    public const int Mounted = 0;

    /// <summary>All other Kubernetes objects.</summary>
    public const int Objects = 1;

    /// <summary>Redis nodes.</summary>
    public const int Redis = 2;

    /// <summary>Whatever moves slots anew, when on the same nodes it has been tried to finish what was found half-way.</summary>
    public const int Reshaping = 3;

    /// <summary>What remembers everything else.</summary>
    public const int Last = 4;
}

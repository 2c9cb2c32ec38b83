namespace Slotwise.ObjectStore.Cel.Evaluation;

/// <summary>What an evaluation may cost at most, in the units of the API server (about one for each step).</summary>
sealed class Budget(long limit)
{
    public long Spent { get; private set; }

    /// <exception cref="OverBudgetException">It is spent.</exception>
    public void Spend(long cost)
    {
        Spent += cost;
        if (Spent > limit)
        {
            throw new OverBudgetException();
        }
    }
}

/// <summary>An evaluation was ended because it cost too much.</summary>
sealed class OverBudgetException : Exception;

using Slotwise.ObjectStore.Cel.Evaluation;
using Slotwise.ObjectStore.Cel.Syntax;
using Slotwise.ObjectStore.Cel.Types;
using Slotwise.ObjectStore.Cel.Values;

namespace Slotwise.ObjectStore.Cel;

/// <summary>An expression of the Common Expression Language that was read and checked.</summary>
sealed class CelProgram
{
    /// <summary>What one evaluation may cost: <c>PerCallLimit</c> of the API server.</summary>
    public const long CallLimit = 1_000_000;

    readonly HashSet<string> _used;

    CelProgram(Expression expression, CelType type, HashSet<string> used)
    {
        Expression = expression;
        Type = type;
        _used = used;
    }

    public Expression Expression { get; }

    /// <summary>Of what it comes to.</summary>
    public CelType Type { get; }

    /// <summary>Whether it asks for a variable.</summary>
    public bool Uses(string variable) => _used.Contains(variable);

    /// <summary>Reads and checks an expression.</summary>
    /// <param name="source">The expression.</param>
    /// <param name="variables">What it may ask for.</param>
    /// <param name="program">It, when nothing is wrong.</param>
    /// <param name="problems">What is wrong, worded as cel-go does.</param>
    public static bool TryCompile(string source, IReadOnlyDictionary<string, CelType> variables, out CelProgram program, out string problems)
    {
        program = null!;
        try
        {
            var expression = Parser.Parse(source);
            var types = new CheckTypes(variables);
            var type = types.Check(expression);
            problems = string.Join('\n', types.Problems.Select(problem => problem.Show(source)));
            program = new CelProgram(expression, type, types.Used);
            if (problems.Length == 0 && FoldConstants.Fault(expression) is { } fault)
            {
                problems = $"program instantiation failed: {fault}";
            }

            return problems.Length == 0;
        }
        catch (SyntaxException e)
        {
            problems = e.Problem.Show(source);
            return false;
        }
    }

    /// <summary>What it comes to; a <see cref="CelError"/> when it fails.</summary>
    /// <exception cref="OverBudgetException">It costs too much.</exception>
    public object Evaluate(IReadOnlyDictionary<string, object> variables, Budget budget) => new Evaluator(variables, budget).Evaluate(Expression);
}

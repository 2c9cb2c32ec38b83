using System.Globalization;

namespace Slotwise.ObjectStore.Selection;

/// <summary>A label selector in its text form: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>.</summary>
public sealed class LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    readonly IReadOnlyList<Requirement> _requirements;

    LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    /// <exception cref="KubernetesApiException">400: the text is no selector.</exception>
    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        var parser = new Parser(text);
        return new LabelSelector(parser.Read());
    }

    /// <summary>The selector that a <c>metav1.LabelSelector</c> object stands for; null selects nothing.</summary>
    public static LabelSelector? Of(JsonObject? selector)
    {
        if (selector is null)
        {
            return null;
        }

        var requirements = new List<Requirement>();
        foreach (var (key, value) in selector.Object("matchLabels") ?? [])
        {
            requirements.Add(new Requirement(key, Operator.In, [value.AsText() ?? ""]));
        }

        foreach (var expression in (selector.Array("matchExpressions") ?? []).OfType<JsonObject>())
        {
            var op = expression.Text("operator") switch
            {
                "In" => Operator.In,
                "NotIn" => Operator.NotIn,
                "Exists" => Operator.Exists,
                _ => Operator.DoesNotExist,
            };
            requirements.Add(new Requirement(expression.Text("key") ?? "", op, [.. expression.Array("values").Texts()]));
        }

        return new LabelSelector(requirements);
    }

    public bool Matches(JsonObject obj)
    {
        if (_requirements.Count == 0)
        {
            return true;
        }

        var labels = obj.Object("metadata").Object("labels");
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels.Text(requirement.Key)))
            {
                return false;
            }
        }

        return true;
    }

    enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        GreaterThan,
        LessThan,
    }

    sealed record Requirement(string Key, Operator Operator, IReadOnlyList<string> Values)
    {
        public bool Matches(string? value) => Operator switch
        {
            Operator.In => value is not null && Values.Contains(value),
            Operator.NotIn => value is null || !Values.Contains(value),
            Operator.Exists => value is not null,
            Operator.DoesNotExist => value is null,
            Operator.GreaterThan => long.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > long.Parse(Values[0], CultureInfo.InvariantCulture),
            _ => long.TryParse(value, CultureInfo.InvariantCulture, out var number) && number < long.Parse(Values[0], CultureInfo.InvariantCulture),
        };
    }

    sealed class Parser(string text)
    {
        int _at;

        public List<Requirement> Read()
        {
            var requirements = new List<Requirement>();
            do
            {
                requirements.Add(ReadRequirement());
                SkipSpace();
            }
            while (TryTake(','));
            return _at == text.Length ? requirements : throw Fault();
        }

        Requirement ReadRequirement()
        {
            SkipSpace();
            if (TryTake('!'))
            {
                return new Requirement(ReadWord(), Operator.DoesNotExist, []);
            }

            var key = ReadWord();
            SkipSpace();
            if (key.Length == 0)
            {
                throw Fault();
            }

            if (_at == text.Length || text[_at] == ',')
            {
                return new Requirement(key, Operator.Exists, []);
            }

            if (TryTake("!="))
            {
                return new Requirement(key, Operator.NotIn, [ReadValue()]);
            }

            if (TryTake("==") || TryTake("="))
            {
                return new Requirement(key, Operator.In, [ReadValue()]);
            }

            if (TryTake(">") || TryTake("<"))
            {
                var op = text[_at - 1] == '>' ? Operator.GreaterThan : Operator.LessThan;
                var bound = ReadValue();
                return long.TryParse(bound, CultureInfo.InvariantCulture, out _) ? new Requirement(key, op, [bound]) : throw Fault();
            }

            return ReadWord() switch
            {
                "in" => new Requirement(key, Operator.In, ReadSet()),
                "notin" => new Requirement(key, Operator.NotIn, ReadSet()),
                _ => throw Fault(),
            };
        }

        string ReadValue()
        {
            SkipSpace();
            return ReadWord();
        }

        List<string> ReadSet()
        {
            SkipSpace();
            if (!TryTake('('))
            {
                throw Fault();
            }

            var values = new List<string>();
            do
            {
                values.Add(ReadValue());
                SkipSpace();
            }
            while (TryTake(','));
            return TryTake(')') ? values : throw Fault();
        }

        string ReadWord()
        {
            var start = _at;
            while (_at < text.Length && !" \t,=!<>()".Contains(text[_at], StringComparison.Ordinal))
            {
                _at++;
            }

            return text[start.._at];
        }

        void SkipSpace()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
        }

        bool TryTake(char c) => TryTake(c.ToString());

        bool TryTake(string token)
        {
            if (string.CompareOrdinal(text, _at, token, 0, token.Length) != 0)
            {
                return false;
            }

            _at += token.Length;
            return true;
        }

        KubernetesApiException Fault() => ApiError.BadRequest($"unable to parse requirement: \"{text}\" is no label selector, at character {_at + 1}");
    }
}

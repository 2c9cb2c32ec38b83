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
            var expected = "!, identifier, or 'end of string'";
            do
            {
                SkipSpace();
                if (_at == text.Length || ",=<>()".Contains(text[_at], StringComparison.Ordinal))
                {
                    throw ApiError.BadRequest($"found '{Rest()}', expected: {expected}");
                }

                requirements.Add(Checked(ReadRequirement()));
                SkipSpace();
                expected = "identifier after ','";
            }
            while (TryTake(','));
            return _at == text.Length ? requirements : throw ApiError.BadRequest($"found '{Rest()}', expected: ',' or 'end of string'");
        }

        static Requirement Checked(Requirement requirement)
        {
            if (NameRules.QualifiedNameProblem(requirement.Key) is { } keyFault)
            {
                throw Fault($"<nil>: Invalid value: {FieldError.Show(requirement.Key)}: {keyFault}");
            }

            for (var i = 0; i < requirement.Values.Count; i++)
            {
                var value = requirement.Values[i];
                if (requirement.Operator is Operator.GreaterThan or Operator.LessThan)
                {
                    if (!long.TryParse(value, CultureInfo.InvariantCulture, out _))
                    {
                        throw Fault($"values[0]: Invalid value: {FieldError.Show(value)}: for 'Gt', 'Lt' operators, the value must be an integer");
                    }
                }
                else if (NameRules.LabelValueProblem(value) is { } valueFault)
                {
                    throw Fault($"values[{i}][{requirement.Key}]: Invalid value: {FieldError.Show(value)}: {valueFault}");
                }
            }

            return requirement;
        }

        Requirement ReadRequirement()
        {
            SkipSpace();
            if (TryTake('!'))
            {
                SkipSpace();
                return new Requirement(ReadWord(), Operator.DoesNotExist, []);
            }

            var key = ReadWord();
            SkipSpace();
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
                return new Requirement(key, op, [ReadValue()]);
            }

            var start = _at;
            switch (ReadWord())
            {
                case "in":
                    return new Requirement(key, Operator.In, ReadSet());
                case "notin":
                    return new Requirement(key, Operator.NotIn, ReadSet());
                default:
                    _at = start;
                    throw Fault($"found '{Rest()}', expected: in, notin, =, ==, !=, gt, lt");
            }
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
                throw Fault($"found '{Rest()}' expected: '('");
            }

            var values = new List<string>();
            do
            {
                values.Add(ReadValue());
                SkipSpace();
            }
            while (TryTake(','));
            return TryTake(')') ? values : throw Fault($"found '{Rest()}', expected: ',' or ')'");
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

        /// <summary>The word or sign that stands where something else was expected.</summary>
        string Rest()
        {
            var start = _at;
            var word = ReadWord();
            _at = start;
            return word.Length > 0 || _at == text.Length ? word : text[_at].ToString();
        }

        static KubernetesApiException Fault(string why) => ApiError.BadRequest($"unable to parse requirement: {why}");
    }
}

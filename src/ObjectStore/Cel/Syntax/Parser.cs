namespace Slotwise.ObjectStore.Cel.Syntax;

/// <summary>Reads an expression. Precedence, from loose to tight: <c>?:</c>, <c>||</c>, <c>&amp;&amp;</c>, relations, sums, products, <c>!</c> and <c>-</c>, members.</summary>
sealed class Parser
{
    /// <summary>As deep as expressions may be nested, which keeps a hostile one from exhausting the stack; cel-go's default.</summary>
    const int MaxDepth = 250;

    const string Expected = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

    static readonly string[] Relations = ["<", "<=", ">=", ">", "==", "!=", "in"];

    static readonly HashSet<string> Reserved =
    [
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "package",
        "namespace", "null", "return", "true", "var", "void", "while",
    ];

    readonly List<Token> _tokens;
    int _at;
    int _depth;

    Parser(List<Token> tokens) => _tokens = tokens;

    Token Current => _tokens[_at];

    /// <exception cref="SyntaxException">The text is no expression.</exception>
    public static Expression Parse(string source)
    {
        var parser = new Parser(new Lexer(source).Read());
        var expression = parser.Conditional();
        return parser.Current.Kind is TokenKind.End
            ? expression
            : throw new SyntaxException(parser.Current.Position, $"extraneous input '{parser.Current.Text}' expecting <EOF>");
    }

    Expression Conditional()
    {
        RefuseDepth(++_depth);
        var condition = Or();
        if (Current.Is("?"))
        {
            var position = Take().Position;
            var then = Or();
            Require(":");
            condition = new CallExpression(position, "_?_:_", null, [condition, then, Conditional()]);
        }

        _depth--;
        return condition;
    }

    Expression Or() => Flat(And, "||");

    Expression And() => Flat(Relation, "&&");

    Expression Relation() => Left(Sum, Relations);

    Expression Sum() => Left(Product, "+", "-");

    Expression Product() => Left(Unary, "*", "/", "%");

    /// <summary>One call for any number of operands, so that a long chain is not a deep one.</summary>
    Expression Flat(Func<Expression> operand, string symbol)
    {
        var first = operand();
        if (!Current.Is(symbol))
        {
            return first;
        }

        var position = Current.Position;
        var operands = new List<Expression> { first };
        while (TakeIf(symbol))
        {
            operands.Add(operand());
        }

        return new CallExpression(position, $"_{symbol}_", null, operands);
    }

    Expression Left(Func<Expression> operand, params string[] operators)
    {
        var left = operand();
        for (var length = 1; Current.Kind is TokenKind.Symbol && operators.Contains(Current.Text); length++)
        {
            RefuseDepth(length);
            var token = Take();
            left = new CallExpression(token.Position, token.Text == "in" ? "@in" : $"_{token.Text}_", null, [left, operand()]);
        }

        return left;
    }

    Expression Unary()
    {
        if (!Current.Is("!") && !Current.Is("-"))
        {
            return Member(Primary());
        }

        var first = Take();
        var count = 1;
        while (Current.Is(first.Text))
        {
            Take();
            count++;
        }

        if (first.Text == "-" && Current.Kind is TokenKind.Literal && Current.Value is WholeNumber or double)
        {
            // The sign that stands at a number belongs to it.
            var literal = Member(Number(Take(), first.Position, negative: true));
            return --count % 2 == 0 ? literal : new CallExpression(first.Position, "-_", null, [literal]);
        }

        var operand = Member(Primary());
        return count % 2 == 0 ? operand : new CallExpression(first.Position, first.Text == "!" ? "!_" : "-_", null, [operand]);
    }

    Expression Member(Expression expression)
    {
        for (var length = 1; ; length++)
        {
            RefuseDepth(length);
            if (Current.Is("."))
            {
                expression = Selection(expression);
            }
            else if (Current.Is("["))
            {
                var position = Take().Position;
                var isOptional = TakeIf("?");
                var index = Conditional();
                Require("]");
                expression = new CallExpression(position, isOptional ? "_[?_]" : "_[_]", null, [expression, index]);
            }
            else
            {
                return expression;
            }
        }
    }

    Expression Selection(Expression operand)
    {
        var dot = Take();
        var isOptional = TakeIf("?");
        var field = Take();
        if (field.Kind is not (TokenKind.Name or TokenKind.QuotedName))
        {
            throw Unexpected(field, field.Kind is TokenKind.End ? "no viable alternative at input '.'" : null);
        }

        if (!isOptional && field.Kind is TokenKind.Name && Current.Is("("))
        {
            var open = Take();
            return Macros.Member(open.Position, operand, field.Text, Arguments());
        }

        return new SelectExpression(dot.Position, operand, field.Text, isOptional);
    }

    Expression Primary()
    {
        var token = Take();
        if (token.Kind is TokenKind.Literal)
        {
            return token.Value is WholeNumber ? Number(token, token.Position, negative: false) : new LiteralExpression(token.Position, token.Value!);
        }

        var isRooted = token.Is(".");
        if (isRooted)
        {
            token = Take();
        }

        if (token.Kind is TokenKind.Name)
        {
            return Name(token);
        }

        return isRooted ? throw Unexpected(token) : token switch
        {
            _ when token.Is("(") => Nested(),
            _ when token.Is("[") => List(token.Position),
            _ when token.Is("{") => Map(token.Position),
            _ => throw Unexpected(token),
        };
    }

    Expression Name(Token token)
    {
        if (Reserved.Contains(token.Text))
        {
            throw new SyntaxException(token.Position, $"reserved identifier: {token.Text}");
        }

        if (Current.Is("("))
        {
            var open = Take();
            return Macros.Global(open.Position, token.Text, Arguments());
        }

        // A name with fields in braces makes a message, and names may have several parts.
        var end = _at;
        var name = token.Text;
        while (_tokens[end].Is(".") && _tokens[end + 1].Kind is TokenKind.Name)
        {
            name += $".{_tokens[end + 1].Text}";
            end += 2;
        }

        if (!_tokens[end].Is("{"))
        {
            return new NameExpression(token.Position, token.Text);
        }

        _at = end;
        var brace = Take();
        while (!Current.Is("}"))
        {
            TakeIf("?");
            Take();
            Require(":");
            Conditional();
            if (!TakeIf(","))
            {
                break;
            }
        }

        Require("}");
        return new MessageExpression(brace.Position, name);
    }

    Expression Nested()
    {
        var inner = Conditional();
        Require(")");
        return inner;
    }

    ListExpression List(int position)
    {
        var elements = new List<Expression>();
        var optional = new HashSet<int>();
        while (!Current.Is("]"))
        {
            if (TakeIf("?"))
            {
                optional.Add(elements.Count);
            }

            elements.Add(Conditional());
            if (!TakeIf(","))
            {
                break;
            }
        }

        Require("]");
        return new ListExpression(position, elements, optional);
    }

    MapExpression Map(int position)
    {
        var entries = new List<MapEntry>();
        while (!Current.Is("}"))
        {
            var isOptional = TakeIf("?");
            var key = Conditional();
            Require(":");
            entries.Add(new MapEntry(key, Conditional(), isOptional));
            if (!TakeIf(","))
            {
                break;
            }
        }

        Require("}");
        return new MapExpression(position, entries);
    }

    /// <summary>What stands between the brackets of a call; the closing one is taken.</summary>
    List<Expression> Arguments()
    {
        var arguments = new List<Expression>();
        if (TakeIf(")"))
        {
            return arguments;
        }

        do
        {
            arguments.Add(Conditional());
        }
        while (TakeIf(","));
        Require(")");
        return arguments;
    }

    static LiteralExpression Number(Token token, int position, bool negative) => token.Value switch
    {
        double number => new LiteralExpression(position, negative ? -number : number),
        WholeNumber { Size: var size } when negative => new LiteralExpression(position, unchecked(-(long)size)),
        WholeNumber { Size: <= long.MaxValue and var size } => new LiteralExpression(position, (long)size),
        _ => throw new SyntaxException(position, "invalid int literal"),
    };

    Token Take()
    {
        var token = Current;
        if (token.Kind is not TokenKind.End)
        {
            _at++;
        }

        return token;
    }

    bool TakeIf(string symbol)
    {
        var found = Current.Is(symbol);
        if (found)
        {
            _at++;
        }

        return found;
    }

    void Require(string symbol)
    {
        if (!TakeIf(symbol))
        {
            throw new SyntaxException(Current.Position, Current.Kind is TokenKind.End ? $"missing '{symbol}' at '<EOF>'" : $"mismatched input '{Current.Text}' expecting '{symbol}'");
        }
    }

    void RefuseDepth(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new SyntaxException(Current.Position, $"expression recursion limit exceeded: {MaxDepth}", isSyntax: false);
        }
    }

    static SyntaxException Unexpected(Token token, string? message = null) =>
        new(token.Position, message ?? (token.Kind is TokenKind.End ? $"mismatched input '<EOF>' expecting {Expected}" : $"extraneous input '{token.Text}' expecting {Expected}"));
}

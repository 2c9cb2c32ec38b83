namespace Slotwise.Redis;

/// <summary>What a reply is (RESP3 specification); RESP2 knows the first seven.</summary>
public enum RespKind : byte
{
    /// <summary><c>_</c>, and RESP2's null bulk string and null array.</summary>
    Null,

    /// <summary><c>+</c></summary>
    SimpleString,

    /// <summary><c>-</c> and <c>!</c>: a refusal by the server.</summary>
    Error,

    /// <summary><c>:</c></summary>
    Integer,

    /// <summary><c>$</c></summary>
    BulkString,

    /// <summary><c>*</c></summary>
    Array,

    /// <summary><c>%</c>: keys and values in turn.</summary>
    Map,

    /// <summary><c>~</c></summary>
    Set,

    /// <summary><c>,</c></summary>
    Double,

    /// <summary><c>#</c></summary>
    Boolean,

    /// <summary><c>(</c></summary>
    BigNumber,

    /// <summary><c>=</c>: text with a three-letter format.</summary>
    VerbatimString,

    /// <summary><c>&gt;</c>: not an answer to any command.</summary>
    Push,
}

using System.Text;
using Slotwise.ObjectStore.Kinds;

namespace Slotwise.LocalKubernetes.Api.OpenApi;

/// <summary>
/// As much of OpenAPI v2 as kubectl 1.27 and 1.28 need before they apply: the parameters that a PATCH of each kind knows. They
/// read it in gnostic's protobuf only (<c>OpenAPIv2.proto</c>), so that is what is written here; the schemas are served as v3.
/// </summary>
static class OpenApiV2
{
    public const string ContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    static readonly string[] Parameters = ["dryRun", "fieldManager", "fieldValidation", "force"];

    public static byte[] Document(KindRegistry kinds)
    {
        var paths = kinds.All.SelectMany(kind => Field(2, Pair($"{kind.Kind.Path("{namespace}")}/{{name}}", PathItem(kind)))).ToArray();
        return [.. Text(1, "2.0"), .. Field(2, [.. Text(1, "localkube"), .. Text(2, ApiServer.Version)]), .. Field(8, paths)];
    }

    static byte[] PathItem(ResourceKind kind)
    {
        var gvk = $"group: \"{kind.Kind.Group}\"\nkind: {kind.Kind.Kind}\nversion: {kind.Kind.Version}\n";
        byte[] operation =
        [
            .. Parameters.SelectMany(name => Field(8, Parameter(name))),
            .. Field(13, Pair("x-kubernetes-group-version-kind", Text(2, gvk))),
        ];
        return Field(8, operation);
    }

    // ParametersItem.parameter.nonBodyParameter.queryParameterSubSchema
    static byte[] Parameter(string name) => Field(1, Field(2, Field(3, [.. Text(2, "query"), .. Text(4, name), .. Text(6, "string")])));

    static byte[] Pair(string name, byte[] value) => [.. Text(1, name), .. Field(2, value)];

    static byte[] Text(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    static byte[] Field(int number, byte[] value) => [.. Varint((number << 3) | 2), .. Varint(value.Length), .. value];

    static IEnumerable<byte> Varint(int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}

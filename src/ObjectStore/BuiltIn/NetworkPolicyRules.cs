using System.Net;

namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>See <c>pkg/apis/networking/validation</c>.</summary>
sealed class NetworkPolicyRules : IKindRules
{
    static readonly string[] Operators = ["In", "NotIn", "Exists", "DoesNotExist"];

    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        var spec = obj.Ensure("spec");
        spec.Ensure("podSelector");
        spec["policyTypes"] ??= spec.Array("egress") is null ? new JsonArray("Ingress") : new JsonArray("Ingress", "Egress");
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var spec = obj.Object("spec");
        return Selector(spec.Object("podSelector"), "spec.podSelector")
            .Concat(Rules(spec, "ingress", "from"))
            .Concat(Rules(spec, "egress", "to"));
    }

    static IEnumerable<FieldError> Rules(JsonObject? spec, string direction, string peers) => Indexed(spec.Array(direction), $"spec.{direction}").SelectMany(rule =>
        Indexed(rule.Item.Array("ports"), $"{rule.Path}.ports").SelectMany(port => Port(port.Item, port.Path))
            .Concat(Indexed(rule.Item.Array(peers), $"{rule.Path}.{peers}").SelectMany(peer => Peer(peer.Item, peer.Path))));

    static IEnumerable<FieldError> Port(JsonObject port, string path)
    {
        if (port["port"].AsNumber() is { } number and (< 1 or > 65535))
        {
            yield return FieldError.Invalid($"{path}.port", number, "must be between 1 and 65535, inclusive");
        }

        if (port.Text("protocol") is { } protocol and not ("TCP" or "UDP" or "SCTP"))
        {
            yield return FieldError.NotSupported($"{path}.protocol", protocol, ["SCTP", "TCP", "UDP"]);
        }
    }

    static IEnumerable<FieldError> Peer(JsonObject peer, string path)
    {
        if (peer.Object("ipBlock") is { } block && !IPNetwork.TryParse(block.Text("cidr") ?? "", out _))
        {
            yield return FieldError.Invalid($"{path}.ipBlock.cidr", block["cidr"]?.DeepClone(), "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }

        foreach (var error in Selector(peer.Object("podSelector"), $"{path}.podSelector").Concat(Selector(peer.Object("namespaceSelector"), $"{path}.namespaceSelector")))
        {
            yield return error;
        }
    }

    static IEnumerable<FieldError> Selector(JsonObject? selector, string path) => Indexed(selector.Array("matchExpressions"), $"{path}.matchExpressions")
        .Where(expression => !Operators.Contains(expression.Item.Text("operator")))
        .Select(expression => FieldError.Invalid($"{expression.Path}.operator", expression.Item["operator"]?.DeepClone(), "not a valid selector operator"));

    static IEnumerable<(JsonObject Item, string Path)> Indexed(JsonArray? list, string path) =>
        (list ?? []).Select((item, i) => (Item: item as JsonObject ?? [], Path: $"{path}[{i}]"));
}

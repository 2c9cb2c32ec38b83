namespace Slotwise.Entities.Validation;

public static partial class RedisClusterRules
{
    const string Amount =
        "double(string(SIZE).find('^[0-9.]+')) * {'': 1.0, 'k': 1000.0, 'M': 1000000.0, 'G': 1000000000.0, 'T': 1000000000000.0, 'P': 1000000000000000.0, "
        + "'E': 1000000000000000000.0, 'Ki': 1024.0, 'Mi': 1048576.0, 'Gi': 1073741824.0, 'Ti': 1099511627776.0, 'Pi': 1125899906842624.0, "
        + "'Ei': 1152921504606846976.0}[string(SIZE).find('[A-Za-z]*$')]";

    /// <summary>More than any size.</summary>
    const string Unlimited = "1e30";

    static IEnumerable<ValidationRule> Storage() =>
    [
        new()
        {
            Id = "storage-presence",
            Path = "spec",
            Cel = "has(self.storage) == has(oldSelf.storage)",
            Message = "storage can be neither added nor removed, because a StatefulSet's claims are fixed: make a new RedisCluster and move the data",
            FieldPath = ".storage",
            CheckChange = (spec, live) => When((spec.Storage is null) != (live.Size is null), "spec.storage", spec.Storage is null ? "absent" : spec.Storage.Size.ToString()),
        },
        new()
        {
            Id = "storage-class",
            Path = "spec.storage",
            Cel = "has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)",
            Message = "storage.storageClassName cannot be changed, because a claim's class is fixed: restore it, or make a new RedisCluster and move the data",
            FieldPath = ".storageClassName",
            CheckChange = (spec, live) => When(
                spec.Storage is not null && live.Size is not null && spec.Storage.StorageClassName != live.StorageClassName,
                "spec.storage.storageClassName",
                spec.Storage?.StorageClassName ?? "absent"),
        },
        new()
        {
            Id = "storage-shrink",

            // Here, because a growth that storage refused can be taken back only by whoever sees what the claims ask for, which the status tells.
            Path = "",

            // Each size is read once: what has no greatest length is dear, and a rule may cost only so much.
            Cel = $"!has(self.spec.storage) || !has(oldSelf.spec.storage) || {AmountOf("self.spec.storage.size")} >= "
                + $"[{AmountOf("oldSelf.spec.storage.size")}, has(self.status) && has(self.status.volumeSize) ? {AmountOf("self.status.volumeSize")} : {Unlimited}].min()",
            Message = "storage.size may grow, but not shrink below what the volumes were asked to have (status.volumeSize), because a volume cannot: restore it, or make a new RedisCluster and move the data",
            FieldPath = ".spec.storage.size",
            CheckChange = (spec, live) => When(spec.Storage is { } storage && live.Size is { } size && storage.Size < size, "spec.storage.size", $"{spec.Storage?.Size}"),
        },
    ];

    static string AmountOf(string size) => Amount.Replace("SIZE", size, StringComparison.Ordinal);
}

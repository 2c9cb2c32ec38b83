namespace Slotwise.ObjectStore.Patches;

/// <summary>
/// Strategic merge patch: a merge patch that merges lists by their keys and knows the directives <c>$patch</c>,
/// <c>$deleteFromPrimitiveList</c>, <c>$setElementOrder</c> and <c>$retainKeys</c>. For built-in kinds only.
/// See "Strategic merge patch" in sig-api-machinery's contributor guide.
/// </summary>
public static class StrategicMergePatch
{
    const string Directive = "$patch";
    const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";
    const string SetElementOrder = "$setElementOrder/";
    const string RetainKeys = "$retainKeys";

    /// <summary>Returns a changed copy.</summary>
    public static JsonObject Apply(Schema schema, JsonObject target, JsonObject patch) => Merge(schema, target, patch);

    static JsonObject Merge(Schema? schema, JsonObject? target, JsonObject patch)
    {
        if (patch.Text(Directive) == "replace")
        {
            var replaced = patch.Clone();
            replaced.Remove(Directive);
            return replaced;
        }

        if (patch.Text(Directive) == "delete")
        {
            return [];
        }

        if (patch.Text(Directive) is { } unknown and not "merge")
        {
            throw ApiError.Failure($"unknown patch type: {unknown} in map: {FieldError.Show(patch)}");
        }

        var merged = target?.Clone() ?? [];
        if (patch.Array(RetainKeys) is { } retained)
        {
            var names = retained.Texts().ToHashSet();
            foreach (var name in merged.Select(member => member.Key).Where(name => !names.Contains(name)).ToList())
            {
                merged.Remove(name);
            }
        }

        foreach (var (name, value) in patch)
        {
            if (!name.StartsWith('$'))
            {
                MergeMember(schema?.Member(name), merged, name, value, patch.ContainsKey(SetElementOrder + name));
            }
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal))
            {
                DeleteValues(merged, name[DeleteFromPrimitiveList.Length..], value as JsonArray ?? []);
            }
            else if (name.StartsWith(SetElementOrder, StringComparison.Ordinal))
            {
                var field = name[SetElementOrder.Length..];
                Reorder(schema?.Member(field), target ?? [], merged, field, value as JsonArray ?? []);
            }
        }

        return merged;
    }

    static void MergeMember(Schema? schema, JsonObject merged, string name, JsonNode? value, bool ordered)
    {
        switch (value)
        {
            case null:
                merged.Remove(name);
                break;
            case JsonObject obj when obj.Text(Directive) == "delete":
                merged.Remove(name);
                break;
            case JsonObject obj:
                merged[name] = Merge(schema, merged[name] as JsonObject, obj);
                break;
            case JsonArray array when ListItems.AreSeparate(schema):
                var before = merged[name] as JsonArray ?? [];
                var after = MergeList(schema!, before, array);
                merged[name] = ordered ? after : InOrder(schema!, after, before, [.. array]);
                break;
            default:
                merged[name] = value.DeepClone();
                break;
        }
    }

    static JsonArray MergeList(Schema list, JsonArray target, JsonArray patch)
    {
        if (list.ListType is ListType.Set)
        {
            return new JsonArray([.. target.Concat(patch).DistinctBy(FieldError.Show).Select(item => item?.DeepClone())]);
        }

        if (patch.OfType<JsonObject>().Any(item => item.Text(Directive) == "replace"))
        {
            return new JsonArray([.. patch.OfType<JsonObject>().Where(item => item.Text(Directive) != "replace").Select(item => item.DeepClone())]);
        }

        var merged = (JsonArray)target.DeepClone();
        foreach (var item in patch.OfType<JsonObject>())
        {
            if (list.ListMapKeys.Count > 0 && !item.ContainsKey(list.ListMapKeys[0]))
            {
                throw ApiError.Failure($"map: {FieldError.Show(item)} does not contain declared merge key: {list.ListMapKeys[0]}");
            }

            var at = IndexOf(list, merged, item);
            if (item.Text(Directive) == "delete")
            {
                if (at >= 0)
                {
                    merged.RemoveAt(at);
                }
            }
            else if (at >= 0)
            {
                merged[at] = Merge(list.Items, merged[at] as JsonObject, item);
            }
            else
            {
                merged.Add((JsonNode)Merge(list.Items, null, item));
            }
        }

        return merged;
    }

    static int IndexOf(Schema list, JsonArray items, JsonObject wanted) => items.ToList().FindIndex(item => item is JsonObject obj && HasKey(list, obj, wanted));

    static void DeleteValues(JsonObject merged, string name, JsonArray values)
    {
        if (merged.Array(name) is { } array)
        {
            foreach (var item in array.Where(item => values.Any(value => JsonNode.DeepEquals(item, value))).ToList())
            {
                array.Remove(item);
            }
        }
    }

    static void Reorder(Schema? list, JsonObject before, JsonObject merged, string name, JsonArray order)
    {
        if (list is not null && merged.Array(name) is { } array)
        {
            merged[name] = InOrder(list, array, before.Array(name) ?? [], [.. order]);
        }
    }

    /// <summary>
    /// The items that the patch names come in its order and those that only the server has in the server's, merged so that those that both know keep
    /// their places towards each other; what is new stands before the server's. See <c>normalizeElementOrder</c> in apimachinery's strategicpatch.
    /// </summary>
    static JsonArray InOrder(Schema list, JsonArray merged, JsonArray server, List<JsonNode?> wanted)
    {
        var named = merged.Select(item => (Item: item, At: Find(wanted, item))).ToList();
        var patched = new Queue<JsonNode?>(named.Where(pair => pair.At >= 0).OrderBy(pair => pair.At).Select(pair => pair.Item));
        var rest = new Queue<JsonNode?>(named.Where(pair => pair.At < 0).Select(pair => pair.Item));
        var known = server.ToList();
        var ordered = new JsonArray();
        while (patched.Count + rest.Count > 0)
        {
            var fromRest = patched.Count == 0 || (rest.Count > 0 && Find(known, patched.Peek()) is >= 0 and var at && Find(known, rest.Peek()) < at);
            ordered.Add((fromRest ? rest : patched).Dequeue()?.DeepClone());
        }

        return ordered;

        int Find(List<JsonNode?> items, JsonNode? item) => items.FindIndex(one => list.ListType is ListType.Map
            ? one is JsonObject key && item is JsonObject obj && HasKey(list, obj, key)
            : JsonNode.DeepEquals(one, item));
    }

    // The merge key is the first of the list's keys, unless more of them are given.
    static bool HasKey(Schema list, JsonObject item, JsonObject wanted) => list.ListMapKeys
        .Where((key, i) => i == 0 || wanted.ContainsKey(key))
        .All(key => JsonNode.DeepEquals(item[key] ?? list.Items?.Member(key)?.Default, wanted[key]));
}

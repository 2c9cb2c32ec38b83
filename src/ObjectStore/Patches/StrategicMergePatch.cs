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
                MergeMember(schema?.Member(name), merged, name, value);
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
                Reorder(schema?.Member(field), merged, field, value as JsonArray ?? []);
            }
        }

        return merged;
    }

    static void MergeMember(Schema? schema, JsonObject merged, string name, JsonNode? value)
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
                merged[name] = MergeList(schema!, merged[name] as JsonArray ?? [], array);
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

    // The patch merge key is the first of the list's keys: ports are found by containerPort alone, unless the patch says more.
    static int IndexOf(Schema list, JsonArray items, JsonObject wanted)
    {
        var keys = list.ListMapKeys.Where((key, i) => i == 0 || wanted.ContainsKey(key)).ToList();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is JsonObject item && keys.TrueForAll(key => JsonNode.DeepEquals(item[key] ?? list.Items?.Member(key)?.Default, wanted[key])))
            {
                return i;
            }
        }

        return -1;
    }

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

    static void Reorder(Schema? list, JsonObject merged, string name, JsonArray order)
    {
        if (list is null || merged.Array(name) is not { } array)
        {
            return;
        }

        var wanted = order.ToList();
        var sorted = array
            .Select((item, i) => (Item: item, Rank: Rank(item), Index: i))
            .OrderBy(pair => pair.Rank)
            .ThenBy(pair => pair.Index)
            .Select(pair => pair.Item?.DeepClone())
            .ToArray();
        merged[name] = new JsonArray(sorted);

        int Rank(JsonNode? item)
        {
            var at = wanted.FindIndex(one => list.ListType is ListType.Map
                ? one is JsonObject key && item is JsonObject obj && key.All(pair => JsonNode.DeepEquals(obj[pair.Key], pair.Value))
                : JsonNode.DeepEquals(one, item));
            return at < 0 ? int.MaxValue : at;
        }
    }
}

namespace Slotwise.ObjectStore.BuiltIn;

/// <summary>Roles and ClusterRoles. See <c>pkg/apis/rbac/validation/validation.go</c>.</summary>
sealed class RoleRules(bool namespaced) : IKindRules
{
    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var rules = (obj.Array("rules") ?? []).OfType<JsonObject>().ToList();
        for (var i = 0; i < rules.Count; i++)
        {
            foreach (var error in ValidateRule(rules[i], $"rules[{i}]"))
            {
                yield return error;
            }
        }

        if (obj.Object("aggregationRule") is { } aggregation && aggregation.Array("clusterRoleSelectors") is not { Count: > 0 })
        {
            yield return FieldError.Required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil");
        }
    }

    IEnumerable<FieldError> ValidateRule(JsonObject rule, string path)
    {
        if (IsEmpty(rule, "verbs"))
        {
            yield return FieldError.Required($"{path}.verbs", "verbs must contain at least one value");
        }

        if (!IsEmpty(rule, "nonResourceURLs"))
        {
            if (namespaced)
            {
                yield return FieldError.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"]?.DeepClone(), "namespaced rules cannot apply to non-resource URLs");
            }

            if (!IsEmpty(rule, "apiGroups") || !IsEmpty(rule, "resources") || !IsEmpty(rule, "resourceNames"))
            {
                yield return FieldError.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"]?.DeepClone(), "rules cannot apply to both regular resources and non-resource URLs");
            }

            yield break;
        }

        if (IsEmpty(rule, "apiGroups"))
        {
            yield return FieldError.Required($"{path}.apiGroups", "resource rules must supply at least one api group");
        }

        if (IsEmpty(rule, "resources"))
        {
            yield return FieldError.Required($"{path}.resources", "resource rules must supply at least one resource");
        }
    }

    static bool IsEmpty(JsonObject rule, string name) => rule.Array(name) is not { Count: > 0 };
}

/// <summary>RoleBindings and ClusterRoleBindings.</summary>
sealed class RoleBindingRules(bool namespaced) : IKindRules
{
    const string Group = "rbac.authorization.k8s.io";

    static readonly string[] SubjectKinds = ["\"Group\"", "\"ServiceAccount\"", "\"User\""];

    public void Complete(JsonObject obj, JsonObject? before, Store store)
    {
        DefaultGroup(obj.Object("roleRef"));
        foreach (var subject in (obj.Array("subjects") ?? []).OfType<JsonObject>().Where(subject => subject.Text("kind") is "User" or "Group"))
        {
            DefaultGroup(subject);
        }
    }

    public IEnumerable<FieldError> Validate(JsonObject obj, JsonObject? before)
    {
        var role = obj.Object("roleRef");
        if (role.Text("apiGroup") != Group)
        {
            yield return FieldError.NotSupported("roleRef.apiGroup", role?["apiGroup"]?.DeepClone(), [$"\"{Group}\""]);
        }

        if (role.Text("kind") != "ClusterRole" && !(namespaced && role.Text("kind") == "Role"))
        {
            yield return FieldError.NotSupported("roleRef.kind", role?["kind"]?.DeepClone(), namespaced ? ["\"ClusterRole\"", "\"Role\""] : ["\"ClusterRole\""]);
        }

        if (string.IsNullOrEmpty(role.Text("name")))
        {
            yield return FieldError.Required("roleRef.name");
        }

        var subjects = (obj.Array("subjects") ?? []).OfType<JsonObject>().ToList();
        for (var i = 0; i < subjects.Count; i++)
        {
            foreach (var error in ValidateSubject(subjects[i], $"subjects[{i}]"))
            {
                yield return error;
            }
        }

        if (before is not null && !JsonNode.DeepEquals(before["roleRef"], obj["roleRef"]))
        {
            yield return FieldError.Invalid("roleRef", role?.DeepClone(), "cannot change roleRef");
        }
    }

    IEnumerable<FieldError> ValidateSubject(JsonObject subject, string path)
    {
        if (string.IsNullOrEmpty(subject.Text("name")))
        {
            yield return FieldError.Required($"{path}.name");
        }

        switch (subject.Text("kind"))
        {
            case "ServiceAccount":
                if (subject.Text("apiGroup") is { Length: > 0 })
                {
                    yield return FieldError.NotSupported($"{path}.apiGroup", subject["apiGroup"]?.DeepClone(), ["\"\""]);
                }

                if (!namespaced && string.IsNullOrEmpty(subject.Text("namespace")))
                {
                    yield return FieldError.Required($"{path}.namespace");
                }

                break;
            case "User" or "Group":
                if (subject.Text("apiGroup") != Group)
                {
                    yield return FieldError.NotSupported($"{path}.apiGroup", subject["apiGroup"]?.DeepClone(), [$"\"{Group}\""]);
                }

                break;
            default:
                yield return FieldError.NotSupported($"{path}.kind", subject["kind"]?.DeepClone(), SubjectKinds);
                break;
        }
    }

    static void DefaultGroup(JsonObject? reference)
    {
        if (reference is not null && string.IsNullOrEmpty(reference.Text("apiGroup")))
        {
            reference["apiGroup"] = Group;
        }
    }
}

using System.Reflection;
using System.Text.Json;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;

namespace Slotwise.Kubernetes.Tests.Json;

public sealed class ModelDefaultsTests
{
    public static TheoryData<Type> Models =>
    [
        .. typeof(V1Pod).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(V1Pod).Namespace && type.IsClass && !type.IsAbstract && KubernetesJson.Default.GetTypeInfo(type) is not null)
            .Where(type => !type.GetProperties().Any(property => property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute)))),
    ];

    /// <summary>Items of built-in lists carry neither apiVersion nor kind, and a server leaves empty fields out: what a model promises never to be null must not be.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_missing_on_the_wire_has_the_models_default(Type type)
    {
        var read = JsonSerializer.Deserialize("{}", KubernetesJson.Default.GetTypeInfo(type)!)!;

        var nullability = new NullabilityInfoContext();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0))
        {
            if (!property.PropertyType.IsValueType && nullability.Create(property).ReadState == NullabilityState.NotNull)
            {
                Assert.True(property.GetValue(read) is not null, $"{type.Name}.{property.Name} is null");
            }
        }
    }

    [Fact]
    public void An_item_of_a_list_gets_its_kind_from_the_model()
    {
        var pod = JsonSerializer.Deserialize("""{"metadata":null,"spec":{"containers":null}}""", V1Pod.JsonTypeInfo)!;

        Assert.Equal("v1", pod.ApiVersion);
        Assert.Equal("Pod", pod.Kind);
        Assert.NotNull(pod.Metadata);
        Assert.Empty(pod.Spec!.Containers);
    }
}

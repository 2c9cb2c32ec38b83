using System.Text.Json.Serialization;
using Slotwise.Kubernetes.Json;
using Slotwise.Kubernetes.Models;
using Slotwise.LocalKubernetes.Controllers.Access;
using Slotwise.LocalKubernetes.Controllers.Claims;
using Slotwise.LocalKubernetes.Controllers.Deployments;
using Slotwise.LocalKubernetes.Controllers.Endpoints;
using Slotwise.LocalKubernetes.Controllers.Namespaces;
using Slotwise.LocalKubernetes.Controllers.ReplicaSets;
using Slotwise.LocalKubernetes.Controllers.Scheduling;
using Slotwise.LocalKubernetes.Controllers.StatefulSets;

namespace Slotwise.LocalKubernetes.Controllers;

/// <summary>How the kinds are written that only the controllers use; the conventions are <see cref="KubernetesJson"/>'s.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(StatefulSetDocument))]
[JsonSerializable(typeof(PodDocument))]
[JsonSerializable(typeof(V1LabelSelector))]
[JsonSerializable(typeof(DeploymentDocument))]
[JsonSerializable(typeof(ReplicaSetDocument))]
[JsonSerializable(typeof(ClaimDocument))]
[JsonSerializable(typeof(ControllerRevisionDocument))]
[JsonSerializable(typeof(EndpointsDocument))]
[JsonSerializable(typeof(VolumeDocument))]
[JsonSerializable(typeof(StorageClassDocument))]
[JsonSerializable(typeof(ServiceAccountDocument))]
[JsonSerializable(typeof(ClusterRoleDocument))]
[JsonSerializable(typeof(PriorityClassDocument))]
public sealed partial class DocumentJson : JsonSerializerContext;

namespace Slotwise.Kubernetes.Json;

/// <summary>A text is not YAML that could stand for JSON. The message names line and column.</summary>
public sealed class KubernetesYamlException(string message, Exception? innerException = null) : Exception(message, innerException);

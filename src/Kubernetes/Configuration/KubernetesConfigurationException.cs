namespace Slotwise.Kubernetes.Configuration;

/// <summary>There is no usable way to an API server. The message is one line: the file, the field, its value and the remedy; never a secret.</summary>
public sealed class KubernetesConfigurationException(string message, Exception? innerException = null) : Exception(message, innerException);

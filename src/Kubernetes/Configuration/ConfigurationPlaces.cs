namespace Slotwise.Kubernetes.Configuration;

/// <summary>The surroundings that a configuration is looked for in.</summary>
sealed record ConfigurationPlaces(Func<string, string?> Variable, string HomeDirectory, string ServiceAccountDirectory, TimeProvider Time)
{
    public static ConfigurationPlaces OfThisProcess(TimeProvider time) => new(
        Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        "/var/run/secrets/kubernetes.io/serviceaccount",
        time);
}

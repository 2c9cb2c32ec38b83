using System.Reflection;
using System.Text.Json.Nodes;
using Slotwise.Entities.Tests;
using Slotwise.Kubernetes.Json;

namespace Slotwise.Operator.Tests.Install;

/// <summary>The files in config/ fit each other and the program.</summary>
public sealed class ManifestsTests
{
    static readonly string Version = typeof(ManifestsTests).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    [Fact]
    public void Kustomize_takes_every_file()
    {
        var listed = KubernetesYaml.Read(Repository.Read("config/kustomization.yaml"))!["resources"]!.AsArray().Select(file => (string)file!);
        var present = new[] { "crd", "manager", "rbac" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, "config", folder)).Select(file => $"{folder}/{Path.GetFileName(file)}"));

        Assert.Equal(present.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_image_and_the_chart_have_the_version_of_the_program()
    {
        Assert.EndsWith($":{Version}", (string)Manifests.Container(Manifests.Deployment)["image"]!, StringComparison.Ordinal);
        Assert.Equal(Version, (string)Manifests.Chart["appVersion"]!);
    }

    [Fact]
    public void Bindings_name_roles_and_accounts_that_exist()
    {
        var objects = new[] { "manager", "rbac" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, "config", folder)))
            .SelectMany(file => KubernetesYaml.ReadAll(File.ReadAllText(file)))
            .ToList();

        foreach (var binding in objects.Where(obj => ((string)obj["kind"]!).EndsWith("Binding", StringComparison.Ordinal)))
        {
            var subject = Assert.Single(binding["subjects"]!.AsArray())!;
            Assert.Contains(objects, obj => IsNamed(obj, (string)binding["roleRef"]!["kind"]!, (string)binding["roleRef"]!["name"]!));
            Assert.Contains(objects, obj => IsNamed(obj, "ServiceAccount", (string)subject["name"]!) && (string)obj["metadata"]!["namespace"]! == (string)subject["namespace"]!);
        }

        Assert.Contains(objects, obj => IsNamed(obj, "ServiceAccount", (string)Manifests.Deployment["spec"]!["template"]!["spec"]!["serviceAccountName"]!));
    }

    [Fact]
    public void The_pod_meets_the_restricted_Pod_Security_Standard()
    {
        var pod = Manifests.Deployment["spec"]!["template"]!["spec"]!;
        var container = Manifests.Container(Manifests.Deployment)["securityContext"]!;

        Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
        Assert.Equal("RuntimeDefault", (string)pod["securityContext"]!["seccompProfile"]!["type"]!);
        Assert.False((bool)container["allowPrivilegeEscalation"]!);
        Assert.Equal("ALL", (string)Assert.Single(container["capabilities"]!["drop"]!.AsArray())!);
    }

    [Fact]
    public void Probes_ask_the_port_that_the_program_is_told()
    {
        var container = Manifests.Container(Manifests.Deployment);
        var port = Assert.Single(container["ports"]!.AsArray())!;

        Assert.Contains(container["args"]!.AsArray(), argument => (string)argument! == $"--health-port={port["containerPort"]}");
        Assert.Equal(("/healthz", (string)port["name"]!), Probe(container["livenessProbe"]!));
        Assert.Equal(("/readyz", (string)port["name"]!), Probe(container["readinessProbe"]!));
    }

    static bool IsNamed(JsonNode obj, string kind, string name) => (string)obj["kind"]! == kind && (string)obj["metadata"]!["name"]! == name;

    static (string Path, string Port) Probe(JsonNode probe) => ((string)probe["httpGet"]!["path"]!, (string)probe["httpGet"]!["port"]!);
}

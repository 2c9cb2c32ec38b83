using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slotwise.Kubernetes.Configuration;

/// <summary>
/// A program that prints an <c>ExecCredential</c>; clouds log their users in this way.
/// See "client-go credential plugins" in the Kubernetes documentation.
/// </summary>
sealed record ExecPlugin
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Where the plugin stands in the kubeconfig.</summary>
    public required string Field { get; init; }

    public required string ApiVersion { get; init; }

    public required string Command { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Variables { get; init; }

    public string? InstallHint { get; init; }

    /// <summary>What the plugin is told of the cluster; null: nothing.</summary>
    public JsonObject? Cluster { get; init; }

    /// <returns>The credential and when it stops being good; null: not before the server refuses it.</returns>
    public async Task<(Credential Credential, DateTimeOffset? Expires)> RunAsync(TimeProvider time)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var process = Start();
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var errors = process.StandardError.ReadToEndAsync(timeout.Token);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(timeout.Token));
            return process.ExitCode == 0 ? Parse(await output) : throw Failed($"exit code {process.ExitCode}: {FirstLine(await errors)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw Failed($"no answer within {Timeout.TotalSeconds:0} s");
        }
    }

    Process Start()
    {
        var start = new ProcessStartInfo(Command, Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        var spec = new JsonObject { ["interactive"] = false };
        if (Cluster is not null)
        {
            spec["cluster"] = Cluster.DeepClone();
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = new JsonObject { ["kind"] = "ExecCredential", ["apiVersion"] = ApiVersion, ["spec"] = spec }.ToJsonString();
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw Failed(exception.Message + (InstallHint is null ? "" : $"; {FirstLine(InstallHint)}"));
        }
    }

    /// <summary>Reads the plugin's answer. What it printed is never quoted: it may be a secret.</summary>
    (Credential Credential, DateTimeOffset? Expires) Parse(string output)
    {
        try
        {
            var answer = JsonNode.Parse(output) as JsonObject;
            if (answer?["kind"]?.ToString() != "ExecCredential" || answer["apiVersion"]?.ToString() != ApiVersion)
            {
                throw Failed($"it printed no ExecCredential of {ApiVersion}");
            }

            var status = answer["status"];
            var token = status?["token"]?.GetValue<string>();
            var certificate = status?["clientCertificateData"]?.GetValue<string>();
            var key = status?["clientKeyData"]?.GetValue<string>();
            if (string.IsNullOrEmpty(token) && certificate is null)
            {
                throw Failed("its ExecCredential has neither a token nor a client certificate");
            }

            var pair = certificate is null ? null : PemCertificates.ReadClient(certificate, "the plugin's clientCertificateData", key ?? "", "its clientKeyData");
            var expires = status?["expirationTimestamp"]?.GetValue<string>() is { } text
                ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
                : (DateTimeOffset?)null;
            return (new Credential(string.IsNullOrEmpty(token) ? null : $"Bearer {token}", pair), expires);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw Failed($"it printed no ExecCredential of {ApiVersion}");
        }
    }

    KubernetesConfigurationException Failed(string why) => new($"{Field}.command \"{Command}\" failed: {why}");

    static string FirstLine(string text)
    {
        var line = text.Trim().Split('\n')[0].Trim();
        return line.Length <= 200 ? line : line[..200];
    }
}

using System.Text;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Images.Debian;

/// <summary>
/// Debian's own <c>apt</c> in a directory of its own, with one suite of Debian as its only source: it finds, downloads and checks
/// packages, and neither reads nor touches what is installed on this machine. Nothing of the packages is run.
/// </summary>
/// <remarks>How the machine reaches its mirror (proxies, time-outs, credentials) is taken over from its own configuration.</remarks>
public sealed class AptDirectory
{
    /// <summary>Of Debian's archive; it has the keys of all suites.</summary>
    const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    const string DefaultMirror = "http://deb.debian.org/debian";

    /// <summary>
    /// Counted as installed: they set up users, services and boots, which a container's root has no use for, and some bring a Perl.
    /// </summary>
    static readonly string[] NotNeeded =
    [
        "adduser", "base-passwd", "ca-certificates", "debconf", "debianutils", "dpkg", "init-system-helpers", "libpam-modules", "login", "login.defs", "lsb-base", "mawk",
        "openssl-provider-legacy", "passwd", "perl-base", "systemd", "systemd-standalone-sysusers", "sysvinit-utils", "tzdata", "usr-is-merged", "usrmerge",
    ];

    /// <summary>What came whole stays: the next attempt asks only for the rest.</summary>
    const int Attempts = 3;

    readonly string _directory;
    readonly TimeProvider _time;
    readonly Action<string> _say;

    AptDirectory(string directory, string suite, TimeProvider time, Action<string> say)
    {
        _directory = directory;
        _time = time;
        _say = say;
        Suite = suite;
    }

    public string Suite { get; }

    string Archives => Path.Combine(_directory, "cache/archives");

    /// <summary>Reads the list of a suite's packages.</summary>
    /// <param name="directory">Empty.</param>
    /// <param name="suite">Such as <c>trixie</c>.</param>
    /// <param name="mirror">Where from; null for the mirror that this machine uses.</param>
    /// <param name="say">Told what is tried again.</param>
    /// <exception cref="ImageException">The mirror does not answer, or what it says is not signed by Debian.</exception>
    public static async Task<AptDirectory> OpenAsync(DirectoryInfo directory, string suite, Uri? mirror, TimeProvider time, Action<string> say, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(directory);
        if (!File.Exists(Keyring))
        {
            throw new ImageException($"{Keyring} is missing, without which Debian's packages cannot be verified: apt-get install debian-archive-keyring");
        }

        var apt = new AptDirectory(directory.FullName, suite, time, say);
        foreach (var name in (string[])["state/lists/partial", "cache/archives/partial", "sources", "empty"])
        {
            directory.CreateSubdirectory(name);
        }

        var source = mirror?.ToString() ?? await FindMirrorAsync(cancellationToken);
        apt.Write("sources/debian.sources", $"Types: deb\nURIs: {source}\nSuites: {suite}\nComponents: main\nSigned-By: {Keyring}\n");
        apt.Write("state/status", string.Concat(NotNeeded.Select(name =>
            $"Package: {name}\nStatus: install ok installed\nVersion: 9999:0\nArchitecture: all\nMulti-Arch: foreign\nProvides: {(name == "mawk" ? "awk" : $"{name}-left-out")}\nMaintainer: none\nDescription: left out\n\n")));
        apt.Write("apt.conf", $"""
            {await HostCommand.RunAsync("apt-config", ["dump", "Acquire", "--format", "%F \"%v\";%n"], null, cancellationToken)}
            Dir "{apt._directory}/";
            Dir::State "state";
            Dir::State::status "{apt._directory}/state/status";
            Dir::Cache "cache";
            Dir::Etc::main "/dev/null";
            Dir::Etc::parts "{apt._directory}/empty";
            Dir::Etc::sourcelist "/dev/null";
            Dir::Etc::sourceparts "{apt._directory}/sources";
            Dir::Etc::preferences "/dev/null";
            Dir::Etc::preferencesparts "{apt._directory}/empty";
            Dir::Etc::netrc "/etc/apt/auth.conf";
            Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
            APT::Install-Recommends "false";
            APT::Sandbox::User "root";
            Acquire::Languages "none";
            Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
            Acquire::Retries "1";
            Acquire::Retries::Delay "false";
            Acquire::http::Timeout "20";
            Acquire::https::Timeout "20";

            """);
        await apt.DownloadAsync($"the packages of Debian {suite} cannot be listed from {source}", ["update", "-o", "APT::Update::Error-Mode=any"], cancellationToken);
        return apt;
    }

    /// <summary>The version of a package that the suite has; null when it has none.</summary>
    public async Task<string?> FindVersionAsync(string package, CancellationToken cancellationToken)
    {
        var said = await RunAsync($"Debian {Suite} cannot be asked for {package}", "apt-cache", ["policy", package], cancellationToken);
        var candidate = said.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith("Candidate:", StringComparison.Ordinal))?["Candidate:".Length..].Trim();
        return candidate is null or "(none)" ? null : candidate;
    }

    /// <summary>Downloads packages with everything that they depend on.</summary>
    /// <returns>The package files.</returns>
    /// <exception cref="ImageException">One cannot be had whole.</exception>
    public async Task<IReadOnlyList<string>> DownloadAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        await DownloadAsync($"the packages of Debian {Suite} cannot be downloaded", ["--yes", "--download-only", "install", .. packages], cancellationToken);
        return [.. Directory.EnumerateFiles(Archives, "*.deb").Order(StringComparer.Ordinal)];
    }

    /// <summary>The mirror among the machine's own sources; Debian's own where there is none, as on another distribution.</summary>
    public static async Task<string> FindMirrorAsync(CancellationToken cancellationToken)
    {
        var targets = await HostCommand.RunAsync("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], null, cancellationToken);
        return targets.Split('\n').FirstOrDefault(uri => uri.TrimEnd('/').EndsWith("/debian", StringComparison.Ordinal)) ?? DefaultMirror;
    }

    async Task DownloadAsync(string trouble, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunAsync(trouble, "apt-get", ["-q", .. arguments], cancellationToken);
                return;
            }
            catch (ImageException e) when (attempt < Attempts)
            {
                _say($"{e.Message}; trying again");
                await Task.Delay(TimeSpan.FromSeconds(attempt), _time, cancellationToken);
            }
        }
    }

    async Task<string> RunAsync(string trouble, string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            return await HostCommand.RunAsync("env", [$"APT_CONFIG={_directory}/apt.conf", "LC_ALL=C", program, .. arguments], null, cancellationToken);
        }
        catch (HostCommandException e)
        {
            var errors = string.Join("; ", e.Message.Split('\n').Where(line => line.StartsWith("E:", StringComparison.Ordinal)).Select(line => line[2..].Trim()));
            throw new ImageException($"{trouble}: {(errors.Length > 0 ? errors : e.Message)}", e);
        }
    }

    // it may hold the password of a proxy
    void Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        using (new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
        }

        File.WriteAllText(path, text, new UTF8Encoding(false));
    }
}

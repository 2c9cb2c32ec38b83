using System.Globalization;
using System.Net;
using Slotwise.LocalKubernetes.Machine;

namespace Slotwise.LocalKubernetes.Network;

/// <summary>What the switch does with packets beside routing them, as nftables of its own network namespace: the machine's firewall has no part in it.</summary>
sealed class SwitchRules(string switchNamespace, IPAddress machine) : IDisposable
{
    const string Table = "ip localkube";

    readonly SemaphoreSlim _turn = new(1);
    readonly HashSet<string> _elements = [];
    readonly SortedDictionary<string, string> _losses = new(StringComparer.Ordinal);

    public Task StartAsync(CancellationToken cancellationToken) => RunAsync($$"""
        table {{Table}} {
          set cut_hosts { typeof iifgroup . oifgroup; }
          set cut_machine { typeof iifgroup; }
          set cut_server { typeof iifgroup; }
          set server_ports { type inet_service; }
          chain cuts {
            type filter hook forward priority 0; policy accept;
            iifgroup . oifgroup @cut_hosts drop
            ip daddr {{machine}} iifgroup @cut_machine drop
            ip saddr {{machine}} oifgroup @cut_machine drop
            ip daddr {{machine}} tcp dport @server_ports iifgroup @cut_server drop
            ip saddr {{machine}} tcp sport @server_ports oifgroup @cut_server drop
          }
          chain losses {
            type filter hook forward priority 10; policy accept;
          }
        }
        """, cancellationToken);

    /// <summary>The port on which the API server listens at this machine's address.</summary>
    public Task SetServerPortAsync(int port, CancellationToken cancellationToken) => ChangeAsync("server_ports", Text(port), wanted: true, cancellationToken);

    /// <summary>Whether anything passes between the pods of two hosts.</summary>
    public async Task SetHostsCutAsync(HostNetwork one, HostNetwork other, bool cut, CancellationToken cancellationToken)
    {
        await ChangeAsync("cut_hosts", $"{Text(one.Group)} . {Text(other.Group)}", cut, cancellationToken);
        await ChangeAsync("cut_hosts", $"{Text(other.Group)} . {Text(one.Group)}", cut, cancellationToken);
    }

    /// <summary>Whether anything passes between the pods of a host and this machine. The host's own probes go on.</summary>
    public Task SetMachineCutAsync(HostNetwork host, bool cut, CancellationToken cancellationToken) => ChangeAsync("cut_machine", Text(host.Group), cut, cancellationToken);

    /// <summary>Whether the pods of a host reach the API server.</summary>
    public Task SetServerCutAsync(HostNetwork host, bool cut, CancellationToken cancellationToken) => ChangeAsync("cut_server", Text(host.Group), cut, cancellationToken);

    /// <summary>Loses a part of what passes between the pods of a host and everything else, at random and in both directions.</summary>
    /// <param name="percent">0 to 100.</param>
    public Task SetLossAsync(HostNetwork host, int percent, CancellationToken cancellationToken) =>
        SetLossAsync($"iifgroup {Text(host.Group)}", $"oifgroup {Text(host.Group)}", percent, cancellationToken);

    /// <summary>The same for one pod.</summary>
    public Task SetLossAsync(IPAddress pod, int percent, CancellationToken cancellationToken) => SetLossAsync($"ip saddr {pod}", $"ip daddr {pod}", percent, cancellationToken);

    async Task SetLossAsync(string from, string to, int percent, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (percent == 0 && !_losses.Remove(from))
            {
                return;
            }

            if (percent > 0)
            {
                var lot = percent == 100 ? "" : $"numgen random mod 100 < {Text(percent)} ";
                _losses[from] = $"add rule {Table} losses {from} {lot}drop\nadd rule {Table} losses {to} {lot}drop";
            }

            await RunAsync($"flush chain {Table} losses\n{string.Join('\n', _losses.Values)}", cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Changes the rules in one step: all of the script happens, or nothing.</summary>
    public Task RunAsync(string script, CancellationToken cancellationToken) =>
        HostCommand.RunAsync("nsenter", [$"--net=/run/netns/{switchNamespace}", "nft", "-f", "-"], script + "\n", cancellationToken);

    public void Dispose() => _turn.Dispose();

    async Task ChangeAsync(string set, string element, bool wanted, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var key = $"{set} {{ {element} }}";
            if (wanted == _elements.Contains(key))
            {
                return;
            }

            await RunAsync($"{(wanted ? "add" : "delete")} element {Table} {key}", cancellationToken);
            if (wanted)
            {
                _elements.Add(key);
            }
            else
            {
                _elements.Remove(key);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

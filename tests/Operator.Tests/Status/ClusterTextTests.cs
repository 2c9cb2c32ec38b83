using Slotwise.Operator.Status;

namespace Slotwise.Operator.Tests.Status;

public sealed class ClusterTextTests
{
    [Fact]
    public void A_ready_cluster_is_shown_whole() => Assert.Equal(
        """
        default/sample: 3 shards with 1 replica each, redis:7.0
        pods ready 6/6, met 6/6, slots 16384/16384, replicas in sync 2/3: ready

          Ready        yes  6 of 6 nodes are ready and all 16384 slots are served
          Reconciling  no   Forming
          QuorumSafe   yes  MajoritySpread

        SHARD  MASTER      REPLICAS                SLOTS        KEYS       MEMORY
        0      sample-0-0  sample-0-1 (in sync)    0-5460       0          1.5 MiB
        1      sample-1-1  sample-1-0 (in sync)    5461-10922   1,234,567  3.0 MiB
        2      sample-2-0  sample-2-1 (link down)  10923-16383  2,469,134  4.5 MiB

        """,
        ClusterText.Full(Pictures.Ready));

    [Fact]
    public void A_forming_cluster_says_what_it_waits_for() => Assert.Equal(
        """
        default/sample: 3 shards with 1 replica each, redis:7.0
        pods ready 3/6, met 2/6, slots 0/16384, replicas in sync 0/3: waiting for 5 nodes to meet

          Ready        no   waiting for 5 nodes to meet
          Reconciling  yes  waiting for 5 nodes to meet
          QuorumSafe   yes  MajoritySpread

        SHARD  MASTER      REPLICAS                            SLOTS  KEYS       MEMORY
        0      sample-0-0  sample-0-1 (master of nothing yet)  -      0          1.5 MiB
        1      sample-1-0  sample-1-1 (not ready)              -      1,234,567  3.0 MiB
        2      -           -                                   -      -          -

        """,
        ClusterText.Full(Pictures.Forming));

    [Fact]
    public void Without_a_way_to_the_nodes_the_operators_report_is_shown_and_said_to_be_one() => Assert.Equal(
        """
        default/sample: 3 shards with 1 replica each, redis:7.0
        pods ready 6/6, slots 16384/16384: ready

          Ready        yes  6 of 6 nodes are ready and all 16384 slots are served
          Reconciling  no   Forming
          QuorumSafe   yes  MajoritySpread

        SHARD  MASTER      REPLICAS    SLOTS        KEYS  MEMORY
        0      sample-0-0  sample-0-1  0-5460       -     -
        1      sample-1-0  sample-1-1  5461-10922   -     -
        2      sample-2-0  sample-2-1  10923-16383  -     -
        No Redis node answers from here, so this is the operator's last report; keys, memory and links are unknown.

        """,
        ClusterText.Full(Pictures.FromAfar));

    [Fact]
    public void What_keeps_a_pod_from_running_is_named() =>
        Assert.Contains("  sample-0-0: ErrImagePull: redis:99 is not here; there are redis:7.0\n", ClusterText.Full(Pictures.ImageMissing));

    [Fact]
    public void A_cluster_that_no_operator_has_seen_says_so() => Assert.Equal(
        "pods ready 0/6, met 0/6, slots 0/16384, replicas in sync 0/3: not looked at by the operator yet (is it running?)",
        ClusterText.Progress(Pictures.JustApplied));

    [Fact]
    public void A_report_about_an_older_spec_is_no_readiness()
    {
        var changed = Pictures.Ready with
        {
            Resource = Pictures.Ready.Resource with { Metadata = Pictures.Ready.Resource.Metadata with { Generation = 3 } },
        };

        Assert.False(changed.IsReady);
        Assert.EndsWith(": the operator has not looked at the last change yet", ClusterText.Progress(changed));
    }
}

using Slotwise.Redis;

namespace Slotwise.Simulation.Redis.Cluster;

/// <summary>CLUSTER GETSLOTMIGRATIONS and CLUSTER MIGRATION STATUS.</summary>
sealed partial class ClusterMember
{
    RespValue DescribeJob(TransferRecord job) => RespValue.Array(
        RespValue.Text("name"), RespValue.Text(job.Name.ToString()),
        RespValue.Text("operation"), RespValue.Text(job.IsExport ? "EXPORT" : "IMPORT"),
        RespValue.Text("slot_ranges"), RespValue.Text(job.Slots.ToString(' ')),
        RespValue.Text("target_node"), RespValue.Text(job.Target.ToString()),
        RespValue.Text("source_node"), RespValue.Text(job.Source.ToString()),
        RespValue.Text("create_time"), RespValue.Integer(Milliseconds(job.CreatedAt) / 1000),
        RespValue.Text("last_update_time"), RespValue.Integer(Milliseconds(job.UpdatedAt) / 1000),
        RespValue.Text("last_ack_time"), RespValue.Integer(Milliseconds(job.UpdatedAt) / 1000),
        RespValue.Text("state"), RespValue.Text((job.State, job.IsExport) switch
        {
            (TransferState.Connecting, _) => "connecting",
            (TransferState.Copying, true) => "snapshotting",
            (TransferState.Copying or TransferState.Streaming, false) => "receiving-snapshot",
            (TransferState.Streaming, true) => "replicating",
            (TransferState.HandsOver, _) => "failover-paused",
            (TransferState.Done, _) => "success",
            (TransferState.Cancelled, _) => "cancelled",
            _ => "failed",
        }),
        RespValue.Text("message"), RespValue.Text(job.Message),
        RespValue.Text("cow_size"), RespValue.Integer(0));

    RespValue DescribeTask(TransferRecord task) => RespValue.Array(
        RespValue.Text("id"), RespValue.Text(task.Name.ToString()),
        RespValue.Text("slots"), RespValue.Text(task.Slots.ToString(' ')),
        RespValue.Text("source"), RespValue.Text(task.Source.ToString()),
        RespValue.Text("dest"), RespValue.Text(task.Target.ToString()),
        RespValue.Text("operation"), RespValue.Text(task.IsExport ? "migrate" : "import"),
        RespValue.Text("state"), RespValue.Text(task.State switch
        {
            TransferState.Connecting => "connecting",
            TransferState.Copying => "send-bulk-and-stream",
            TransferState.Streaming => "streaming-buffer",
            TransferState.HandsOver => "handoff",
            TransferState.Done => "completed",
            TransferState.Cancelled => "canceled",
            _ => "failed",
        }),
        RespValue.Text("last_error"), RespValue.Text(task.Message),
        RespValue.Text("retries"), RespValue.Integer(task.Retries),
        RespValue.Text("create_time"), RespValue.Integer(Milliseconds(task.CreatedAt)),
        RespValue.Text("start_time"), RespValue.Integer(Milliseconds(task.CreatedAt)),
        RespValue.Text("end_time"), RespValue.Integer(task.IsRunning ? -1 : Milliseconds(task.UpdatedAt)),
        RespValue.Text("write_pause_ms"), RespValue.Integer(0));
}

namespace Slotwise.Redis;

/// <summary>A line <c>slaveN</c> of a master's INFO: a replica that is connected to it.</summary>
/// <param name="Ip">The replica's address as the master sees it.</param>
/// <param name="Port">The replica's port.</param>
/// <param name="State"><c>online</c>, or a stage of the full sync such as <c>wait_bgsave</c> or <c>send_bulk</c>.</param>
/// <param name="Offset">How much of the replication stream it has acknowledged, in bytes.</param>
/// <param name="LagSeconds">How long ago it last acknowledged.</param>
public sealed record ReplicaInfo(string Ip, int Port, string State, long Offset, long LagSeconds)
{
    public bool IsOnline => State == "online";

    // ip=10.0.0.7,port=6379,state=online,offset=1316,lag=0
    internal static ReplicaInfo Parse(string value)
    {
        var fields = value.Split(',').Select(field => field.Split('=', 2)).Where(field => field.Length == 2).ToList();
        return new ReplicaInfo(Text("ip"), (int)Number("port"), Text("state"), Number("offset"), Number("lag"));

        string Text(string name) => fields.Find(field => field[0] == name)?[1] ?? "";

        long Number(string name) => long.TryParse(Text(name), out var number) ? number : 0;
    }
}

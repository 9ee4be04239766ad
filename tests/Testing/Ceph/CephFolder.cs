using Registry.Standalone.Processes;

namespace Registry.Testing.Ceph;

/// <summary>The files of a <see cref="CephCluster"/>, and its ports.</summary>
internal sealed class CephFolder
{
    private const int StoragePorts = 8;

    private CephFolder(string path)
    {
        Path = path;
        Port = Ports.Choose([]);
        MonitorPort = Ports.Choose([Port]);
        FirstStoragePort = ChooseRun([Port, MonitorPort]);
    }

    public string Path { get; }

    public string ClusterId { get; } = Guid.CreateVersion7().ToString();

    public int Port { get; }

    public int MonitorPort { get; }

    public string Configuration => System.IO.Path.Combine(Path, "ceph.conf");

    public Dictionary<string, string> Environment => new()
    {
        ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
        ["LANG"] = "C.UTF-8",
        ["HOME"] = Path,
        ["CEPH_CONF"] = Configuration,
    };

    private int FirstStoragePort { get; }

    /// <summary>A new one, which belongs to the account that Ceph runs as.</summary>
    public static CephFolder Create(ServerAccount account)
    {
        var folder = new CephFolder(Directory.CreateTempSubdirectory("registry-ceph-").FullName);
        account.OwnFolder(folder.Path);
        foreach (var part in (string[])["mon", "osd", "rgw", "run"])
        {
            account.OwnFolder(System.IO.Path.Combine(folder.Path, part));
        }

        File.WriteAllText(folder.Configuration, folder.Settings());
        account.Own(folder.Configuration);
        return folder;
    }

    public void Delete() => Directory.Delete(Path, recursive: true);

    /// <summary>What the programs said last.</summary>
    public string EndOfLogs() =>
        string.Join(
            System.Environment.NewLine,
            Directory.GetFiles(Path, "*.out").Concat(Directory.GetFiles(Path, "*.log"))
                .Select(file => $"{System.IO.Path.GetFileName(file)}: {string.Join(System.Environment.NewLine, File.ReadLines(file).TakeLast(5))}"));

    private static int ChooseRun(int[] taken)
    {
        while (true)
        {
            var first = Ports.Choose(taken);
            if (first + StoragePorts < Ports.Ceiling && !taken.Any(port => port >= first && port <= first + StoragePorts))
            {
                return first;
            }
        }
    }

    /// <summary>
    /// One small machine: single copies, one placement group a pool, no tickets, loopback only. <c>tcp_nodelay</c> because every GET waits 40 ms
    /// for an acknowledgement otherwise; <c>paxos_…</c> because every pool the gateway makes waits a second otherwise. The disk is a sparse file.
    /// </summary>
    private string Settings() =>
        $"""
        [global]
        fsid = {ClusterId}
        mon_host = v1:127.0.0.1:{MonitorPort}
        mon_initial_members = a
        public_addr = 127.0.0.1
        cluster_addr = 127.0.0.1
        ms_bind_msgr2 = false
        ms_bind_port_min = {FirstStoragePort}
        ms_bind_port_max = {FirstStoragePort + StoragePorts}
        auth_cluster_required = none
        auth_service_required = none
        auth_client_required = none
        osd_pool_default_size = 1
        osd_pool_default_min_size = 1
        mon_allow_pool_size_one = true
        osd_pool_default_pg_num = 1
        osd_pool_default_pgp_num = 1
        osd_pool_default_pg_autoscale_mode = off
        osd_crush_chooseleaf_type = 0
        mon_max_pg_per_osd = 500
        mon_data_avail_crit = 1
        mon_data_avail_warn = 2
        log_file = {Path}/$name.log
        mon_cluster_log_file = {Path}/cluster.log
        admin_socket = {Path}/run/$name.$pid.asok
        run_dir = {Path}/run
        pid_file = {Path}/run/$name.pid
        crash_dir = {Path}/run

        [mon.a]
        mon_data = {Path}/mon
        paxos_propose_interval = 0.05
        paxos_min_wait = 0.01

        [osd]
        osd_data = {Path}/osd
        osd_objectstore = bluestore
        bluestore_block_create = true
        bluestore_block_size = {16L << 30}
        bluestore_cache_autotune = false
        bluestore_cache_size = {64 << 20}
        osd_memory_target = {896 << 20}
        osd_op_num_shards = 1
        osd_op_num_threads_per_shard = 2

        [client.rgw]
        rgw_data = {Path}/rgw
        rgw_frontends = beast endpoint=127.0.0.1:{Port} tcp_nodelay=1
        rgw_thread_pool_size = 64
        rgw_run_sync_thread = false
        rgw_enable_usage_log = false

        """;
}

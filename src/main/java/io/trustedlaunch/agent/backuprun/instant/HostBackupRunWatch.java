package io.trustedlaunch.agent.backuprun.instant;

import io.trustedlaunch.process.Command;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shell on the host, which outlives the agent and its container: systemd starts it, where it runs. It waits until the record
 * of the run is gone, which is most often soon. If the agent dies before, it gives the next one some time, and then does what
 * that would do first: it resumes and thaws the guest if the record says that the run may have paused or frozen it, and ends
 * the job. Whatever a new agent does meanwhile, a run with a record is ended.
 *
 * @param virsh the program
 * @param uri of libvirt
 * @param grace for the next agent
 */
public record HostBackupRunWatch(String virsh, String uri, Duration grace, boolean systemd) implements BackupRunWatch {
    private static final Logger LOG = LoggerFactory.getLogger(HostBackupRunWatch.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * A start time distinguishes the agent's process from a later one with its number; one that is dead and not reaped counts as
     * dead.
     */
    private static final String SCRIPT = """
            exec </dev/null >/dev/null 2>&1
            export LC_ALL=C
            agent=$1 record=$2 vm=$3 uri=$4 grace=$5 virsh=$6
            lives() { sed -n 's/.*) //; s/^\\([^ZX] .*\\)/\\1/p' "/proc/$agent/stat" | cut -d ' ' -f 20; }
            ask() { timeout 30 "$virsh" --quiet --connect "$uri" "$@"; }
            born=$(lives)
            while [ -n "$born" ] && [ "$(lives)" = "$born" ]; do
              [ -e "$record" ] || exit 0
              sleep 2
            done
            sleep "$grace"
            while [ -e "$record" ]; do
              if grep -q '"pausing":true' "$record" && ask domstate --reason "$vm" | grep -q '^paused (user)'; then
                ask resume "$vm"
              fi
              thawed=yes
              if grep -q '"freezing":true' "$record"; then ask domfsthaw "$vm" || thawed=; fi
              if ask domjobinfo "$vm" | grep -q 'Operation:.*Backup'; then ask domjobabort "$vm"; fi
              if running=$(ask list --uuid); then
                case $running in *"$vm"*) ;; *) exit 0 ;; esac
                job=$(ask domjobinfo "$vm") && case $job in *Backup*) ;; *) [ -z "$thawed" ] || exit 0 ;; esac
              fi
              sleep 10
            done
            """;

    public static HostBackupRunWatch of(String uri) {
        return new HostBackupRunWatch(
                "virsh", uri, Duration.ofSeconds(15), Files.isDirectory(Path.of("/run/systemd/system")));
    }

    @Override
    public void begin(UUID run, UUID vm, Path record) {
        begin(ProcessHandle.current().pid(), run, vm, record);
    }

    void begin(long agent, UUID run, UUID vm, Path record) {
        List<String> command = new ArrayList<>(
                systemd
                        ? List.of("systemd-run", "--quiet", "--collect", "--unit=trusted-launch-backup-" + run, "--")
                        : List.of("setsid", "--fork"));
        command.addAll(List.of("/bin/sh", "-c", SCRIPT, "sh"));
        command.addAll(List.of(
                Long.toString(agent), record.toString(), vm.toString(), uri, Long.toString(grace.toSeconds()), virsh));
        try {
            Command.Result result = new Command(command, new byte[0], TIMEOUT).run();
            if (!result.succeeded()) {
                LOG.warn("VM {}: nothing ends backup {} if this agent dies: {}", vm, run, result.outputTail());
            }
        } catch (UncheckedIOException e) {
            LOG.warn("VM {}: nothing ends backup {} if this agent dies: {}", vm, run, e.getMessage());
        }
    }
}

package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.Progress;
import java.time.Clock;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kubectl tlvm backup run}. Annotates the schedule with the time of the request. */
@Command(
        name = "run",
        description = {
            "Back up now each VM that a schedule selects, as the schedule would, also if it is suspended. Its times stay as they"
                    + " are.",
            "With --wait, until each VM has its VMBackup."
        })
final class RunScheduleCommand extends WatchableCommand {
    @Parameters(paramLabel = "SCHEDULE", description = "Name of a VMBackupSchedule.")
    private String name;

    @Override
    int run(KubernetesClient client) {
        String namespace = cluster.namespace(client);
        Resource<VMBackupSchedule> resource =
                client.resources(VMBackupSchedule.class).inNamespace(namespace).withName(name);
        if (resource.get() == null) {
            throw new CommandException("VMBackupSchedule " + name + " does not exist in namespace " + namespace
                    + ". To list them: kubectl get vmbackupschedules -n " + namespace);
        }
        String now = Clock.systemUTC().instant().toString();
        VMBackupSchedule changed = PluginWriter.set(resource, Map.of(Api.RUN_SCHEDULE, now), Map.of());
        out().line(reference(changed)
                + " backs up the VMs that it selects; to list the backups: kubectl get vmbackups -n " + namespace
                + " -l " + Api.LABEL_BACKUP_SCHEDULE + "=" + name);
        return follow(
                resource,
                changed,
                seen -> Progress.of(
                        seen,
                        seen.status().flatMap(status -> ConditionType.Ready.in(status.conditions())),
                        seen.pendingRun().isEmpty()));
    }
}

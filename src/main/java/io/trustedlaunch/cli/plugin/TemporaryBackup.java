package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.BackupLine;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A VMBackup that a command makes for itself, and whose files are removed at the command's end, or when it is interrupted. */
final class TemporaryBackup implements AutoCloseable {
    /** What does not come by waiting. */
    private static final List<String> REFUSALS =
            List.of(Reason.BackupLocationNotFound.name(), Reason.NamespaceNotAllowed.name());

    private static final int ATTEMPTS = 5;

    private final KubernetesClient client;
    private final Resource<VMBackup> resource;
    private final String name;
    private final String nameAndNamespace;
    private final TextOutput err;
    private final AtEnd removal;

    private TemporaryBackup(KubernetesClient client, VMBackup created, TextOutput err) {
        this.client = client;
        this.resource = client.resource(created);
        this.name = "VMBackup " + created.getMetadata().getName();
        this.nameAndNamespace =
                created.getMetadata().getName() + " -n " + created.getMetadata().getNamespace();
        this.err = err;
        this.removal = new AtEnd(this::remove);
    }

    /** Says what remains if the process is killed. */
    static TemporaryBackup make(KubernetesClient client, VMBackup wanted, TextOutput err) {
        TemporaryBackup made = new TemporaryBackup(client, PluginWriter.create(client, wanted), err);
        err.line(made.name
                + " is made for this and removed at the end. If this process is killed before that, remove it with"
                + " kubectl tlvm backup delete " + made.nameAndNamespace);
        return made;
    }

    /**
     * Waits until it is completed.
     *
     * @throws CommandException if it fails, or cannot begin
     */
    VMBackup await(ProgressLine line) {
        VMBackup ended = awaitEnd(line);
        if (ended == null) {
            throw new CommandException(name + " was deleted, so there is nothing to read");
        }
        if (!ended.isTrue(ConditionType.Completed)) {
            throw new CommandException(name + " was not made: "
                    + ended.condition(ConditionType.Completed)
                            .map(Condition::getMessage)
                            .orElse("the operator does not say why"));
        }
        return ended;
    }

    private VMBackup awaitEnd(ProgressLine line) {
        try {
            return resource.waitUntilCondition(
                    seen -> {
                        if (seen == null || seen.hasEnded()) {
                            return true;
                        }
                        line.show(BackupLine.progress(seen));
                        return seen.condition(ConditionType.Completed)
                                .map(Condition::getReason)
                                .filter(REFUSALS::contains)
                                .isPresent();
                    },
                    1,
                    TimeUnit.DAYS);
        } catch (KubernetesClientTimeoutException e) {
            throw new CommandException(name + " is not completed since a day");
        }
    }

    /** A run that has not ended is cancelled by the deletion, which ends with its files; what has ended is removed by its files. */
    private void remove() {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Optional<VMBackup> seen = Optional.ofNullable(resource.get());
                if (seen.isEmpty()) {
                    return;
                }
                if (seen.get().hasEnded()) {
                    PluginWriter.set(resource, Map.of(Api.REMOVE_BACKUP, "true"), Map.of());
                    err.line(name + " and its files are being removed");
                    return;
                }
                if (PluginWriter.deleteUnchanged(client, seen.get())) {
                    err.line(name + " is cancelled and deleted");
                    return;
                }
            }
            stays("it changed too often");
        } catch (KubernetesClientException e) {
            stays(e.getMessage());
        }
    }

    private void stays(String why) {
        err.line(name + " could not be removed (" + why + "); remove it with kubectl tlvm backup delete "
                + nameAndNamespace);
    }

    @Override
    public void close() {
        removal.close();
    }
}

package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.Progress;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** A command that starts an operation in the cluster and shows it until it has ended. */
abstract class FollowingCommand extends ClusterCommand {
    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "1800",
            description = "Seconds after which to stop watching. The operation continues in the cluster."
                    + " Default: ${DEFAULT-VALUE}.")
    private long timeoutSeconds;

    private ProgressLine line;

    /** Shows progress, also that of other objects while {@link #await} runs. */
    synchronized void show(Progress progress) {
        line().show(progress);
    }

    /**
     * Shows an object until its operation has ended.
     *
     * @param progress called for each version of the object; with none while it does not exist
     * @return the exit code
     * @throws CommandException if the operation does not end in time
     */
    <T extends HasMetadata> int await(
            Resource<T> resource, String reference, Function<Optional<T>, Progress> progress) {
        Progress last = progress.apply(Optional.ofNullable(awaitEnd(resource, reference, progress)));
        synchronized (this) {
            line().end(last);
        }
        return last.state() == Progress.State.Done ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private <T extends HasMetadata> T awaitEnd(
            Resource<T> resource, String reference, Function<Optional<T>, Progress> progress) {
        try {
            return resource.waitUntilCondition(
                    seen -> {
                        Progress now = progress.apply(Optional.ofNullable(seen));
                        show(now);
                        return now.state() != Progress.State.Ongoing;
                    },
                    timeoutSeconds,
                    TimeUnit.SECONDS);
        } catch (KubernetesClientTimeoutException e) {
            throw new CommandException(reference + ": not completed after " + timeoutSeconds
                    + " s; the operation continues in the cluster. To watch longer, set --timeout");
        }
    }

    private ProgressLine line() {
        if (line == null) {
            line = ProgressLine.onStandardOutput(out());
        }
        return line;
    }
}

package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.Progress;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** A command that starts an operation in the cluster and, with {@code --watch}, shows it until it has ended. */
abstract class WatchableCommand extends ClusterCommand {
    @Option(
            names = {"-w", "--watch"},
            description = "Show progress until the operation has completed.")
    private boolean watch;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "1800",
            description = "With --watch: seconds after which to stop watching. The operation continues in the cluster."
                    + " Default: ${DEFAULT-VALUE}.")
    private long timeoutSeconds;

    private ProgressLine line;

    boolean isWatching() {
        return watch;
    }

    /** Shows progress, also that of other objects while {@link #follow} runs. */
    synchronized void show(Progress progress) {
        line().show(progress);
    }

    /**
     * Shows an object until its operation has ended; returns at once without {@code --watch}.
     *
     * @param changed the object as the operation was requested
     * @param progress called for each version of the object
     * @return the exit code
     * @throws CommandException if the object is deleted, or the operation does not end in time
     */
    <T extends HasMetadata> int follow(Resource<T> resource, T changed, Function<T, Progress> progress) {
        if (!watch) {
            return ExitCode.OK;
        }
        Progress last = progress.apply(awaitEnd(resource, reference(changed), progress));
        synchronized (this) {
            line().end(last);
        }
        return last.state() == Progress.State.Done ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private <T extends HasMetadata> T awaitEnd(Resource<T> resource, String reference, Function<T, Progress> progress) {
        try {
            return resource.waitUntilCondition(
                    seen -> {
                        if (seen == null) {
                            throw new CommandException(reference + " was deleted; the operation is cancelled");
                        }
                        Progress now = progress.apply(seen);
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

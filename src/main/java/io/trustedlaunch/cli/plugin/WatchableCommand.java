package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.Progress;
import java.util.function.Function;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** A command that shows its operation only with {@code --watch}. */
abstract class WatchableCommand extends FollowingCommand {
    @Option(
            names = {"-w", "--watch", "--wait"},
            description = "Show progress until the operation has completed.")
    private boolean watch;

    boolean isWatching() {
        return watch;
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
        String reference = reference(changed);
        return await(
                resource,
                reference,
                seen -> progress.apply(seen.orElseThrow(
                        () -> new CommandException(reference + " was deleted; the operation is cancelled"))));
    }
}

package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.cli.CommandException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** Whether a verb waits for what it asked for. */
final class WatchOptions {
    @Option(
            names = {"-w", "--watch"},
            description = "Show the progress, until it is done.")
    private boolean watch;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "1800",
            description = "Give up watching after this long; what was asked for goes on. Default: ${DEFAULT-VALUE}.")
    private long timeoutSeconds;

    boolean isWanted() {
        return watch;
    }

    /**
     * @param seen asked at every change; null when the object is gone
     * @throws CommandException if it is not done in time
     */
    <T extends HasMetadata> T until(Resource<T> resource, String what, Predicate<T> seen) {
        try {
            return resource.waitUntilCondition(seen, timeoutSeconds, TimeUnit.SECONDS);
        } catch (KubernetesClientTimeoutException e) {
            throw new CommandException(
                    "after " + timeoutSeconds + " s " + what + " is not done; it goes on all the same");
        }
    }
}

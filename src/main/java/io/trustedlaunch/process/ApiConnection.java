package io.trustedlaunch.process;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.function.LongSupplier;

/**
 * A process's client of the Kubernetes API, with what its requests and their answers tell.
 *
 * @param clock the API server's, by the answers to the client
 * @param writes of the client
 */
public record ApiConnection(KubernetesClient client, ApiServerClock clock, ApiWrites writes) {
    /** To the cluster that the process's environment names. */
    public static ApiConnection open(LongSupplier nanoTime) {
        ApiServerClock clock = new ApiServerClock(nanoTime);
        ApiWrites writes = new ApiWrites();
        return new ApiConnection(
                ApiClient.connect(
                        http -> http.addOrReplaceInterceptor("date", clock).addOrReplaceInterceptor("writes", writes)),
                clock,
                writes);
    }
}

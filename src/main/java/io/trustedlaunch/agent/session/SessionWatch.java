package io.trustedlaunch.agent.session;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.process.Informers;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Watches the objects of one kind whose status names this node. */
public final class SessionWatch<T extends HasMetadata, S extends Session> implements Sessions<S>, AutoCloseable {
    private static final String BY_KEY = "key";

    private final SharedIndexInformer<T> objects;
    private final Function<T, Optional<S>> sessions;
    private final InstantSource clock;

    /**
     * @param clientKey returns the fingerprint in an object's spec
     * @param sessions returns what an object admits; empty if nothing
     * @param clock the API server's
     */
    public SessionWatch(
            KubernetesClient client,
            Class<T> kind,
            String nodeName,
            Function<T, String> clientKey,
            Function<T, Optional<S>> sessions,
            InstantSource clock) {
        this.objects =
                Informers.of(kind, client.resources(kind).inAnyNamespace().withField("status.nodeName", nodeName));
        this.objects.addIndexers(Map.of(BY_KEY, object -> List.of(clientKey.apply(object))));
        this.sessions = sessions;
        this.clock = clock;
    }

    /** @param changed called after every change */
    public void start(Runnable changed) {
        ChangeHandler.start(objects, object -> changed.run(), () -> {});
    }

    @Override
    public boolean admits(String fingerprint) {
        return withKey(fingerprint).findAny().isPresent();
    }

    @Override
    public Optional<S> find(String id, String fingerprint) {
        return withKey(fingerprint).filter(session -> session.id().equals(id)).findFirst();
    }

    private Stream<S> withKey(String fingerprint) {
        return objects.getIndexer().byIndex(BY_KEY, fingerprint).stream()
                .flatMap(object -> sessions.apply(object).stream())
                .filter(session -> !session.isExpiredAt(clock.instant()));
    }

    @Override
    public void close() {
        objects.stop();
    }
}

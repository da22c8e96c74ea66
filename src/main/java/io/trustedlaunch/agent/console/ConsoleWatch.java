package io.trustedlaunch.agent.console;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.process.Informers;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/** Watches the VMConsoles whose status names this node. */
public final class ConsoleWatch implements Sessions, AutoCloseable {
    private static final String BY_KEY = "key";

    private final SharedIndexInformer<VMConsole> consoles;
    private final String nodeName;
    private final Function<UUID, Optional<VMIncarnation>> incarnations;
    private final InstantSource clock;

    /**
     * @param incarnations the latest on this node of each VM, by its identity
     * @param clock the API server's
     */
    public ConsoleWatch(
            KubernetesClient client,
            String nodeName,
            Function<UUID, Optional<VMIncarnation>> incarnations,
            InstantSource clock) {
        this.consoles = Informers.of(
                VMConsole.class,
                client.resources(VMConsole.class).inAnyNamespace().withField("status.nodeName", nodeName));
        this.consoles.addIndexers(
                Map.of(BY_KEY, console -> List.of(console.getSpec().clientKeySHA256())));
        this.nodeName = nodeName;
        this.incarnations = incarnations;
        this.clock = clock;
    }

    /** @param changed called after every change */
    public void start(Runnable changed) {
        ChangeHandler.start(consoles, console -> changed.run(), () -> {});
    }

    @Override
    public boolean admits(String fingerprint) {
        return withKey(fingerprint).findAny().isPresent();
    }

    @Override
    public Optional<ConsoleSession> find(String id, String fingerprint) {
        return withKey(fingerprint).filter(session -> session.id().equals(id)).findFirst();
    }

    private Stream<ConsoleSession> withKey(String fingerprint) {
        return consoles.getIndexer().byIndex(BY_KEY, fingerprint).stream()
                .flatMap(console -> ConsoleSession.of(console, nodeName, incarnations).stream())
                .filter(session -> !session.isExpiredAt(clock.instant()));
    }

    @Override
    public void close() {
        consoles.stop();
    }
}

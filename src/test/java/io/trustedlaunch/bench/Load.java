package io.trustedlaunch.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Users who create and delete VMs. */
final class Load implements AutoCloseable {
    private static final int USERS = 16;

    private final KubernetesClient client;
    private final Offer offer;
    private final ExecutorService users = Executors.newFixedThreadPool(USERS);
    private final Map<String, Long> asked = new ConcurrentHashMap<>();
    private int named;

    Load(KubernetesClient client, Offer offer) {
        this.client = client;
        this.offer = offer;
    }

    /** Names of VMs that never were. */
    List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "vm-" + named++).toList();
    }

    /** All at once. Returns the time of the first request. */
    long createAll(Collection<String> names) throws InterruptedException {
        long begin = System.nanoTime();
        all(names, name -> create(name, Map.of()));
        return begin;
    }

    /** On nodes with these labels. */
    void createAll(Collection<String> names, Map<String, String> labels) throws InterruptedException {
        all(names, name -> create(name, labels));
    }

    /** At a fixed rate, whether the API server follows or not. */
    void createSteadily(List<String> names, Duration interval) throws InterruptedException {
        List<Future<?>> requests = new ArrayList<>();
        long next = System.nanoTime();
        for (String name : names) {
            Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
            requests.add(users.submit(() -> create(name, Map.of())));
            next += interval.toNanos();
        }
        join(requests);
    }

    private void create(String name, Map<String, String> labels) {
        asked.put(name, System.nanoTime());
        client.resource(offer.vm(name, labels)).create();
    }

    /** When the request to create it was sent. */
    long asked(String name) {
        return asked.get(name);
    }

    long deleteAll(Collection<String> names) throws InterruptedException {
        long begin = System.nanoTime();
        all(names, name -> client.resource(offer.vm(name)).delete());
        return begin;
    }

    /** Of a VM that is there. */
    String uid(String name) {
        return client.resource(offer.vm(name)).get().getMetadata().getUid();
    }

    private void all(Collection<String> names, Consumer<String> request) throws InterruptedException {
        List<Future<?>> requests = new ArrayList<>();
        names.forEach(name -> requests.add(users.submit(() -> request.accept(name))));
        join(requests);
    }

    private static void join(List<Future<?>> requests) throws InterruptedException {
        for (Future<?> request : requests) {
            try {
                request.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    @Override
    public void close() {
        users.shutdownNow();
    }
}

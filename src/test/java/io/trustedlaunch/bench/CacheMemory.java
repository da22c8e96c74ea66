package io.trustedlaunch.bench;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMConsole;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.process.ApiClient;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the largest allowed objects take in a cache, and how many of each end a process: run with the JVM's options of the chart,
 * and -XX:MaxRAM=512m for its container.
 *
 * <p>An object that a tenant writes has 64 KiB of metadata and spec: all of it in 64 annotations, or in as many as fit.
 */
final class CacheMemory {
    private static final int TENANTS = 64 << 10;

    private static final KubernetesSerialization SERIALIZATION = ApiClient.serialization();

    private CacheMemory() {}

    /** @param count of objects that are measured together */
    private record Case(String name, Class<? extends HasMetadata> kind, int count, String json) {}

    public static void main(String[] arguments) {
        String few = annotations(64, TENANTS / 64 - 24);
        String many = annotations(TENANTS / 14, 0);
        String escrow = "e".repeat(base64((64 << 10) + 2048));
        List<Case> cases = List.of(
                new Case(
                        "VMConsole",
                        VMConsole.class,
                        4000,
                        json(many, "\"clientKeySHA256\":\"" + "a".repeat(64) + "\"", "")),
                new Case("VMMigration", VMMigration.class, 4000, json(many, "\"vmRef\":{\"name\":\"vm\"}", "")),
                new Case("TrustedLaunchVM, 64 annotations", TrustedLaunchVM.class, 100, json(few, "", "")),
                new Case("TrustedLaunchVM, 4681 annotations", TrustedLaunchVM.class, 100, json(many, "", "")),
                new Case(
                        "VMBackup, escrow of such a VM",
                        VMBackup.class,
                        100,
                        json(many, "\"vmRef\":{\"name\":\"vm\"}", "\"escrow\":\"" + escrow + "\"")),
                new Case(
                        "VMIncarnation, 256 KiB of user data and that escrow",
                        VMIncarnation.class,
                        100,
                        json(
                                "",
                                "\"escrow\":\"" + escrow + "\",\"envelope\":\"" + "e".repeat(base64(258 << 10)) + "\"",
                                "")));
        long heap = Runtime.getRuntime().maxMemory();
        System.out.printf("heap %d MiB%n", heap >> 20);
        for (Case each : cases) {
            long bytes = retained(each);
            System.out.printf(
                    "%-52s %7d bytes of JSON %8d bytes of heap %8d fill it%n",
                    each.name(), each.json().length(), bytes, heap / bytes);
        }
    }

    private static int base64(int bytes) {
        return bytes * 4 / 3;
    }

    private static String annotations(int count, int value) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"a/0%05d\":\"%s\"".formatted(i, "v".repeat(value)))
                .collect(Collectors.joining(","));
    }

    private static String json(String annotations, String spec, String status) {
        return "{\"metadata\":{\"name\":\"n\",\"namespace\":\"tenant\",\"uid\":\"u\",\"annotations\":{" + annotations
                + "}},\"spec\":{" + spec + "},\"status\":{" + status + "}}";
    }

    /** Of each object of the second half: the first one fills what the parser keeps for itself. */
    private static long retained(Case of) {
        List<HasMetadata> cache = new ArrayList<>();
        fill(cache, of, of.count() / 2);
        long before = used();
        fill(cache, of, of.count());
        long bytes = (used() - before) / (of.count() / 2);
        Reference.reachabilityFence(cache);
        return Math.max(bytes, 1);
    }

    private static void fill(List<HasMetadata> cache, Case of, int count) {
        while (cache.size() < count) {
            // No two objects share a key.
            String json = of.json().replace("a/0", "%03d".formatted(cache.size()));
            cache.add(SERIALIZATION.unmarshal(json, of.kind()));
        }
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}

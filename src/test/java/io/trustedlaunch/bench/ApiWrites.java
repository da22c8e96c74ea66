package io.trustedlaunch.bench;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.testkit.AuditLog.Request;
import io.trustedlaunch.testkit.Cluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a VM alone costs the API server from its creation to its deletion, as its audit log has it. */
final class ApiWrites implements Row {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final double AIM = 12;
    /** Measured; one more is a regression and needs a reason. */
    private static final double WRITES = 17;

    /** Measured, with the places of five devices, their root ports and four spare ones. */
    private static final double STORED_BYTES = 14_600;

    @Override
    public String name() {
        return "api-writes";
    }

    @Override
    public String summary() {
        return "writes to the API server for one VM, from its creation to its deletion";
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        Stand stand = run.stand();
        stand.warmUp(stand.scale().nodes());
        List<String> names = stand.load().names(stand.scale().lives());
        long begin = stand.audit().end();
        Map<String, String> uids = new TreeMap<>();
        List<Double> stored = new ArrayList<>();
        for (String name : names) {
            List<String> one = List.of(name);
            stand.load().createAll(one);
            stand.watch().awaitAddressed(one, PATIENCE, stand.operator()::requireAlive);
            String uid = stand.load().uid(name);
            uids.put(name, uid);
            stored.add(stored(stand, name, uid));
            stand.load().deleteAll(one);
            stand.watch().awaitGone(one, PATIENCE, stand.operator()::requireAlive);
        }
        stand.awaitQuiet();
        List<Request> requests = stand.requestsSince(begin, isAbout(stand, uids.values()));
        return figures(requests, names.size(), stored);
    }

    /** Requests about these VMs, their incarnations and keys. */
    static Predicate<Request> isAbout(Stand stand, Collection<String> uids) {
        return request -> request.namespace().equals(stand.offer().namespace())
                || request.resource().equals("namespaces")
                || uids.stream().anyMatch(uid -> request.name().startsWith(uid));
    }

    private static double stored(Stand stand, String name, String uid) {
        var client = stand.cluster().admin();
        return length(client.resource(stand.offer().vm(name)).get())
                + length(client.resources(VMIncarnation.class)
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(VMIncarnation.nameOf(uid, 1))
                        .get())
                + length(client.secrets()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(uid)
                        .get());
    }

    private static int length(Object resource) {
        return Serialization.asJson(resource).getBytes(StandardCharsets.UTF_8).length;
    }

    private static List<Figure> figures(List<Request> requests, int vms, List<Double> stored) {
        List<Request> writes = requests.stream().filter(Request::writes).toList();
        double failing = writes.stream().filter(Request::failed).count();
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of("writes a VM", "", (double) writes.size() / vms)
                .atMost(AIM)
                .limitedTo(WRITES));
        figures.add(Figure.of("failing writes", "", failing).atMost(0).limitedTo(0));
        figures.add(Figure.of("stored bytes a VM", "B", stored).limitedTo(STORED_BYTES));
        byKind(requests).forEach((kind, count) -> figures.add(Figure.of("  " + kind, "", (double) count / vms)));
        return figures;
    }

    private static Map<String, Long> byKind(List<Request> requests) {
        return requests.stream().collect(Collectors.groupingBy(ApiWrites::kind, TreeMap::new, Collectors.counting()));
    }

    /** By whom, what, and whether it failed. */
    private static String kind(Request request) {
        String who = request.user().replace("trusted-launch-", "");
        return who + " " + request.verb() + " " + request.resource() + (request.failed() ? " → " + request.code() : "");
    }
}

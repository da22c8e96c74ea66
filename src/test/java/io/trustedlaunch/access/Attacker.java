package io.trustedlaunch.access;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;

/**
 * Who has one token and nothing else.
 *
 * @param account that the table has for it; "owner" for who is cluster-admin in a namespace
 * @param own the namespace that is the attacker's own; for agent and fencer, none
 * @param node of an agent, whose objects have its name
 * @param rules of its roles, by namespace; empty: in the whole cluster
 */
record Attacker(String account, KubernetesClient client, String own, String node, Map<String, List<PolicyRule>> rules) {
    private static final Writers TABLE = Writers.read();

    String name() {
        return switch (account) {
            case "agent" -> "an agent";
            case "fencer" -> "the fencer";
            case "tenant" -> "a tenant (edit)";
            default -> "a namespace's administrator";
        };
    }

    /** Its name for the API server; empty for who opens no consoles. */
    String user() {
        return own.isEmpty() ? "" : "system:serviceaccount:" + own + ":" + account;
    }

    /** What the table allows, and for what it does not have, the attacker's own roles. */
    boolean may(Probe probe) {
        return isGiven(probe)
                && (!probe.writes()
                        || (probe.target().isOfOurGroup()
                                ? isInTheTable(probe)
                                : !account.equals("agent") || isReview(probe)));
    }

    private boolean isInTheTable(Probe probe) {
        String verb = probe.tableVerb();
        String resource = probe.target().resource().name();
        boolean allowed = switch (account) {
            case "owner" -> TABLE.isForUsers(verb, resource);
            case "agent" ->
                TABLE.cellsOf(account).contains(verb + " " + resource)
                        && probe.target().name().equals(node);
            default -> TABLE.cellsOf(account).contains(verb + " " + resource);
        };
        return allowed && (probe.key().isEmpty() || mayWriteKey(probe));
    }

    private boolean mayWriteKey(Probe probe) {
        return TABLE.keys().stream()
                .filter(key -> key.key().equals(probe.key())
                        && key.resources().contains(probe.target().resource().name()))
                .flatMap(key -> key.writers().stream())
                .anyMatch(writer -> !TABLE.accounts().get(writer).isHeld());
    }

    /** About oneself; the API server keeps nothing of it. */
    private static boolean isReview(Probe probe) {
        return probe.target().resource().name().startsWith("selfsubject");
    }

    private boolean isGiven(Probe probe) {
        return given("", probe)
                || (!probe.target().namespace().isEmpty()
                        && given(probe.target().namespace(), probe));
    }

    private boolean given(String where, Probe probe) {
        return rules.getOrDefault(where, List.of()).stream().anyMatch(rule -> covers(rule, probe));
    }

    private static boolean covers(PolicyRule rule, Probe probe) {
        String root = probe.target().resource().root();
        String group = root.startsWith("/apis/") ? root.split("/")[2] : "";
        return has(rule.getVerbs(), probe.verb())
                && has(rule.getApiGroups(), group)
                && has(rule.getResources(), probe.target().resource().name())
                && (rule.getResourceNames().isEmpty()
                        || rule.getResourceNames().contains(probe.target().name()));
    }

    private static boolean has(List<String> allowed, String wanted) {
        return allowed.contains("*") || allowed.contains(wanted);
    }
}

package io.trustedlaunch.access;

import io.trustedlaunch.access.Served.Resource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Call.Response;

/**
 * A request of an attacker, which changes nothing: writes are dry runs.
 *
 * @param verb as roles name it
 * @param key of the metadata that it sets, or empty
 */
record Probe(Target target, String verb, String key, Call call) {
    /**
     * @param namespace empty for what has none, or for all namespaces
     * @param name empty for a collection
     */
    record Target(Attacker attacker, Resource resource, String namespace, String name) {
        boolean isOfOurGroup() {
            return resource.root().startsWith("/apis/" + Api.GROUP + "/");
        }

        Target asCollection() {
            return new Target(attacker, resource, namespace, "");
        }
    }

    /** Who answered. Only the first two hold: what is valid for a schema today may be asked for otherwise tomorrow. */
    enum Answer {
        ROLES,
        POLICY,
        VALIDATION,
        TAKEN
    }

    boolean writes() {
        return switch (verb) {
            case "get", "list", "watch" -> false;
            default -> true;
        };
    }

    /** As the table calls it. */
    String tableVerb() {
        return switch (verb) {
            case "create" -> "create";
            case "update", "patch" -> "update";
            case "delete", "deletecollection" -> "delete";
            default -> throw new IllegalStateException(verb + " is not in the table");
        };
    }

    static Answer answer(Response response) {
        if (response.succeeded()) {
            return Answer.TAKEN;
        }
        if (response.message().contains("ValidatingAdmissionPolicy")) {
            return Answer.POLICY;
        }
        return response.code() == 401 || response.code() == 403 ? Answer.ROLES : Answer.VALIDATION;
    }

    /** What is attempted, in whatever way: if one way is held by roles or a policy, so is the aim. */
    String aim() {
        return "%s: %s %s %s/%s%s"
                .formatted(
                        target.attacker().name(),
                        verb,
                        target.resource().root().replaceFirst("^/apis?/", "") + "/"
                                + target.resource().name(),
                        target.namespace(),
                        target.name(),
                        key.isEmpty() ? "" : " " + key);
    }
}

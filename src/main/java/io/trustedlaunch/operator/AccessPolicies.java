package io.trustedlaunch.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;

/**
 * The ValidatingAdmissionPolicies that restrict each agent to its own node, and that require the approval of an older
 * guest state to carry the user's name. All agents share one role, so without the policies one compromised host could
 * write for all others.
 */
final class AccessPolicies {
    static final List<String> NAMES =
            List.of("trusted-launch-agent-token", "trusted-launch-agent-writes", "trusted-launch-guest-state-approval");

    private final KubernetesClient client;

    AccessPolicies(KubernetesClient client) {
        this.client = client;
    }

    /** Empty if all exist. A policy is enforced by a binding of the same name. */
    List<String> missing() {
        var admission = client.admissionRegistration().v1();
        List<String> missing = new ArrayList<>();
        for (String name : NAMES) {
            if (admission.validatingAdmissionPolicies().withName(name).get() == null) {
                missing.add("ValidatingAdmissionPolicy " + name);
            }
            if (admission.validatingAdmissionPolicyBindings().withName(name).get() == null) {
                missing.add("ValidatingAdmissionPolicyBinding " + name);
            }
        }
        return missing;
    }
}

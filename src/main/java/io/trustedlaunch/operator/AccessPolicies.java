package io.trustedlaunch.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;

/**
 * The ValidatingAdmissionPolicies that hold every agent to its own node, and the approval of an older guest state to the
 * name of whoever gives it. All agents share one role, so without them one compromised host could speak for all; the
 * operator does not work then.
 */
final class AccessPolicies {
    static final List<String> NAMES =
            List.of("trusted-launch-agent-token", "trusted-launch-agent-writes", "trusted-launch-guest-state-approval");

    private final KubernetesClient client;

    AccessPolicies(KubernetesClient client) {
        this.client = client;
    }

    /** Empty if all is in place. A binding of the same name brings a policy into force. */
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

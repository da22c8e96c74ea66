package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.operator.vm.facts.GuestStateRecord;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import java.util.Optional;

/** Whether Secure Boot is on in a VM's firmware, and what follows if it is not. */
public final class SecureBoot {
    private static final String TURN_ON =
            "turn it on in the setup of the guest's firmware (Device Manager, Secure Boot Configuration)";
    private static final String OLDER = "from an older guest state with spec.approveGuestState";

    private final VmIncarnations incarnations;
    private final GuestStateRecord guestState;
    private final Optional<String> policy;

    public SecureBoot(VmFacts facts) {
        this.incarnations = facts.incarnations();
        this.guestState = facts.guestState();
        this.policy = facts.offers().image().secureBootPolicy();
    }

    /** The verdict for the condition. */
    public Problem verdict() {
        return incarnations
                .secureBoot()
                .map(state -> state.enabled()
                        ? new Problem(
                                Reason.SecureBootOn, "Secure Boot is on in the guest's firmware" + certificates(state))
                        : new Problem(
                                Reason.SecureBootOff,
                                fact(state) + ". Find out who used the VM's console, and " + TURN_ON
                                        + ", or start the VM " + OLDER))
                .orElseGet(() -> new Problem(
                        Reason.SecureBootUnknown,
                        "the node's agent has not reported the guest's UEFI variables yet; it does so before the guest"
                                + " starts"));
    }

    /** A first start makes the variables, and a start from a state that a user approved replaces them. */
    Optional<VmStep> refusal() {
        return policy.filter(named -> !incarnations.isFirstStart()
                        && guestState.approvedNext().isEmpty())
                .flatMap(named -> incarnations
                        .secureBoot()
                        .filter(state -> !state.enabled())
                        .map(state -> new VmStep.Refuse(
                                Reason.SecureBootOff,
                                fact(state) + ", and ImageEligibilityPolicy " + named
                                        + " refuses the next start (whenSecureBootOff: RefuseStart). Start the VM "
                                        + OLDER
                                        + ", or set the policy to Report until you have started the VM; then "
                                        + TURN_ON)));
    }

    private static String fact(SecureBootState state) {
        return state.setupMode()
                ? "Secure Boot is off in the guest's firmware, because its platform key was deleted (setup mode)"
                : "Secure Boot was turned off in the guest's firmware";
    }

    private static String certificates(SecureBootState state) {
        return state.microsoftInDb().isEmpty()
                ? ", without any of Microsoft's certificates"
                : ", with Microsoft's certificates of "
                        + String.join(
                                " and ",
                                state.microsoftInDb().stream()
                                        .map(String::valueOf)
                                        .toList());
    }
}

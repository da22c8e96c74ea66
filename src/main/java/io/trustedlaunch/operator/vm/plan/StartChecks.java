package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import java.time.Duration;
import java.util.Optional;

/** The checks before any start of a guest. */
public final class StartChecks {
    /** Tenants' Secrets and namespaces are not watched. */
    private static final Duration UNWATCHED = Duration.ofSeconds(15);

    /** Enough answers may be enough after a while, which is no event. */
    private static final Duration ANSWERS = Duration.ofSeconds(10);

    private final VmFacts facts;

    StartChecks(VmFacts facts) {
        this.facts = facts;
    }

    Optional<VmStep> namespace() {
        return facts.namespaceTerminating()
                ? Optional.of(new VmStep.Refuse(
                        Reason.NamespaceTerminating,
                        "namespace " + facts.vm().getMetadata().getNamespace() + " is being deleted"))
                : Optional.empty();
    }

    Optional<VmStep> location() {
        return location(
                "spec.storageLocationRef", facts.spec().storageLocationRef().name());
    }

    /** The storage location of an image that is a file: the node reads it from there. */
    Optional<VmStep> imageLocation() {
        return facts.image()
                .spec()
                .flatMap(image -> Optional.ofNullable(image.source().file()))
                .flatMap(file -> location(
                        "GuestImage " + facts.image().name() + ", spec.source.file.storageLocationRef",
                        file.storageLocationRef().name()));
    }

    private Optional<VmStep> location(String field, String name) {
        return facts.locations().containsKey(name)
                ? Optional.empty()
                : Optional.of(new VmStep.Refuse(
                        Reason.StorageLocationNotFound,
                        field + " names " + name + ": this StorageLocation does not exist"));
    }

    Optional<VmStep> userData() {
        return switch (facts.userData()) {
            case UserDataFacts.Unread unread -> Optional.empty();
            case UserDataFacts.Files files -> Optional.empty();
            case UserDataFacts.Unusable unusable ->
                Optional.of(new VmStep.Wait(new Problem(unusable.reason(), unusable.message()), UNWATCHED));
        };
    }

    /** After a restart of the operator, the record may be outdated until the nodes have answered. */
    Optional<VmStep> inventory() {
        return unanswered().map(problem -> new VmStep.Wait(problem, ANSWERS));
    }

    Optional<Problem> unanswered() {
        return facts.inventory().unanswered().isEmpty()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.AwaitingInventory,
                        "the operator does not know yet whether the API server's data was restored from a backup;"
                                + " nothing is started until these nodes have reported which VMs they have: "
                                + String.join(", ", facts.inventory().unanswered())
                                + ". If a host is down, restore its agent, taint its Node with"
                                + " node.kubernetes.io/out-of-service, or delete its ClusterNode"));
    }

    Optional<VmStep> certificate(String node) {
        return certificateFault(node).map(fault -> new VmStep.Wait(Reason.CertificatePending, node + ": " + fault));
    }

    Optional<String> certificateFault(String node) {
        return facts.node(node).map(NodeInfo::certificateFault).orElse(Optional.of("its ClusterNode is gone"));
    }

    boolean canSealTo(String node) {
        return facts.key() instanceof KeyFacts.Held && certificate(node).isEmpty();
    }

    public static Problem imageNotFound(VmFacts facts) {
        return new Problem(
                Reason.ImageNotFound,
                "spec.imageRef names " + facts.image().name() + ": this GuestImage does not exist");
    }

    static Problem ineligible(EligibilityVerdict.Refused refused) {
        return new Problem(refused.reason(), refused.message());
    }

    static Problem keyMissing(VmFacts facts) {
        return new Problem(
                Reason.KeyMissing,
                "Secret " + facts.uid()
                        + " with the VM's protection key is missing: restore it from a backup; no new key"
                        + " is made, since it would not open the VM's TPM state");
    }

    static Problem keyInvalid(VmFacts facts, KeyFacts.Invalid invalid) {
        return new Problem(
                Reason.KeyInvalid,
                "Secret " + facts.uid() + " holds no protection key: " + invalid.why() + "; restore it from a backup");
    }
}

package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.NamespaceRestricted;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.facts.VmOffers;
import io.trustedlaunch.placement.NodeInfo;
import java.time.Duration;
import java.util.Optional;

/** The checks before any start of a guest. */
public final class StartChecks {
    /** Tenants' Secrets and namespaces are not watched. */
    private static final Duration UNWATCHED = Duration.ofSeconds(15);

    private static final String RESTORE = "restore it from a backup, or with the recovery key from the VM's folder (see"
            + " docs/recovery.md, \"A protection key is lost\")";
    /** Enough answers may be enough after a while, which is no event. */
    private static final Duration ANSWERS = Duration.ofSeconds(10);

    private final VmFacts facts;
    private final VmObject vm;
    private final VmIncarnations incarnations;
    private final VmNodes nodes;
    private final VmOffers offers;

    StartChecks(VmFacts facts) {
        this.facts = facts;
        this.vm = facts.vm();
        this.incarnations = facts.incarnations();
        this.nodes = facts.nodes();
        this.offers = facts.offers();
    }

    Optional<VmStep> namespace() {
        return offers.namespaceTerminating()
                ? Optional.of(new VmStep.Refuse(
                        Reason.NamespaceTerminating,
                        "namespace " + vm.namespace() + " is being deleted; create the VM in another namespace"))
                : Optional.empty();
    }

    Optional<VmStep> location() {
        return location("spec.storageLocationRef", vm.location());
    }

    /** The one that a restore has begun in. */
    Optional<VmStep> location(Restore restore) {
        return location("the VM's restore", restore.storageLocation());
    }

    /** A VM that has files in a location keeps them, and has them removed. */
    Optional<VmStep> locationForStart() {
        return location().or(() -> incarnations.isFirstStart() ? locationOffered() : Optional.empty());
    }

    /** Checks the offer of a location that exists. */
    Optional<VmStep> locationOffered() {
        String name = vm.location();
        return notAllowed(offers.locations().get(name), "StorageLocation " + name, facts)
                .map(VmStep.Refuse::new);
    }

    /**
     * Why a guest that runs is not restarted as a user requests: what the spec names now could not be started. Where there is room,
     * and that the restart finds it, is not asked.
     */
    Optional<Problem> restart() {
        return vm.isRestartRequested() ? machine().or(new QuotaChecks(facts)::start) : Optional.empty();
    }

    /** Why no start can have the cards and disks of the spec. */
    Optional<Problem> machine() {
        return new CardChecks(facts).problem().or(this::disks).or(() -> new Discs(facts).unstartable());
    }

    Optional<VmStep> machineOfStart() {
        return machine().map(VmStep.Refuse::new);
    }

    /**
     * Before the incarnation of an epoch on record is created, which has the cards and disks that the spec names by then. A guest
     * that runs already is adopted, whatever it has.
     */
    Optional<VmStep> machineOfReserved() {
        return nodes.isLatest(vm.epoch()) ? Optional.empty() : machineOfStart();
    }

    /** Each removed disk is a file of the VM, and is listed in all that is on record of it. */
    private Optional<Problem> disks() {
        DataDisks next = DataDisks.of(facts, facts.nextEpoch());
        if (next.removed().size() > Machine.MAX_REMOVED) {
            return Optional.of(new Problem(
                    Reason.TooManyRemovedDisks,
                    "the VM would have " + next.removed().size() + " removed disks, and " + Machine.MAX_REMOVED
                            + " are kept at most: delete some for good with kubectl tlvm disk delete, which adds them to"
                            + " spec.deletedDisks, or add the entries to spec.dataDisks again that were removed last"));
        }
        return next.contradiction()
                .map(
                        disk -> new Problem(
                                Reason.DisksMismatch,
                                "spec.deletedDisks names disk " + disk + ", and spec.dataDisks still has it as "
                                        + disk.name()
                                        + ": to delete it, remove the entry, too; to keep it, remove it from spec.deletedDisks"));
    }

    static Problem olderAgent(String node) {
        return new Problem(
                Reason.NoNodeFits,
                "the agent on " + node + " is older than the operator, and cannot change devices of a guest that runs");
    }

    static Optional<Problem> notAllowed(NamespaceRestricted object, String name, VmFacts facts) {
        String namespace = facts.vm().namespace();
        return object.allows(namespace)
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.NamespaceNotAllowed,
                        name + " is not offered to namespace " + namespace
                                + "; use another one, or ask an administrator to add the namespace to its"
                                + " spec.allowedNamespaces"));
    }

    /** The storage location of an image that is a file: the node reads it from there. */
    Optional<VmStep> imageLocation() {
        return offers.image()
                .spec()
                .flatMap(image -> Optional.ofNullable(image.source().file()))
                .flatMap(file -> location(
                        "GuestImage " + offers.image().name() + ", spec.source.file.storageLocationRef",
                        file.storageLocationRef().name()));
    }

    private Optional<VmStep> location(String field, String name) {
        return offers.locations().containsKey(name)
                ? Optional.empty()
                : Optional.of(new VmStep.Refuse(
                        Reason.StorageLocationNotFound,
                        field + " names " + name + ": this StorageLocation does not exist; create it"));
    }

    /**
     * The API server refuses the change of these fields only while the VM's status shows its TPM; the status may have been
     * lost.
     */
    Optional<VmStep> madeWith() {
        return facts.guestState()
                .home()
                .known()
                .flatMap(home -> mismatch(
                        "spec.storageLocationRef",
                        vm.location(),
                        "the VM's disks and guest state are in storage location ",
                        home.storageLocation()))
                .or(this::imageMadeWith);
    }

    Optional<VmStep> imageMadeWith() {
        return incarnations
                .current()
                .flatMap(last -> mismatch(
                        "spec.imageRef",
                        offers.image().name(),
                        "the VM's OS disk was made from image ",
                        last.machine().image().name()));
    }

    private static Optional<VmStep> mismatch(String field, String named, String fact, String made) {
        return named.equals(made)
                ? Optional.empty()
                : Optional.of(new VmStep.Refuse(
                        Reason.SpecMismatch,
                        field + " names " + named + ", but " + fact + made + ": set " + field + ".name to " + made));
    }

    Optional<VmStep> userData() {
        return switch (offers.userData()) {
            case UserDataFacts.Unread unread -> Optional.empty();
            case UserDataFacts.Files files -> Optional.empty();
            case UserDataFacts.Unusable unusable ->
                Optional.of(new VmStep.Wait(new Problem(unusable.reason(), unusable.message()), UNWATCHED));
        };
    }

    /** After a restart of the operator, the record may be outdated until the nodes have answered. */
    Optional<VmStep> inventory() {
        return unanswered()
                .<VmStep>map(problem -> new VmStep.Wait(problem, ANSWERS))
                .or(this::unproved);
    }

    /**
     * Serves the guest of a first start, whose machine is ready: until the record is known to be current, its TPM does not go
     * there. Before that is known no agent begins either, and then it says nothing.
     */
    Optional<VmStep> record(Incarnation incarnation) {
        if (!nodes.isAgentAlive(incarnation.node())) {
            return Optional.empty();
        }
        boolean isReady = incarnation.phase() == Phase.Prepared
                && vm.ek().isEmpty()
                && AgentReport.problem(incarnation).isEmpty();
        return isReady
                ? inventory()
                : Optional.of(incarnation)
                        .filter(StartChecks::saysNothing)
                        .flatMap(one -> unanswered())
                        .map(problem -> new VmStep.Wait(problem, ANSWERS));
    }

    /** It has not begun, or has withdrawn what it said. */
    private static boolean saysNothing(Incarnation incarnation) {
        boolean hasBegun = incarnation.phase() != Phase.Preparing
                || AgentReport.problem(incarnation).isPresent();
        return incarnation.status().isEmpty() || !hasBegun;
    }

    /** Applies only once the current incarnation is made again: its agent may say how the migration ended. */
    Optional<VmStep> contested() {
        return nodes.inventory().contested().stream()
                .findFirst()
                .map(reported -> new VmStep.Refuse(
                        Reason.WorkingCopyElsewhere,
                        reported.node() + " reports that it has taken over the VM's guest as epoch " + reported.epoch()
                                + " in a migration that is not on record, and the node that the guest was on does not say"
                                + " that it has left; nothing is started. Check that the agents of both run; if "
                                + reported.node() + " cannot have the guest, delete ClusterNode " + reported.node()));
    }

    private Optional<VmStep> unproved() {
        return nodes.inventory().unproved().stream()
                .findFirst()
                .map(reported -> new VmStep.Refuse(
                        Reason.UnprovedIncarnation,
                        "the VM was recovered with epoch " + vm.epoch() + ", and " + reported.node()
                                + " reports epoch " + reported.epoch()
                                + " of it, without a proof of this cluster; nothing is started. If the VM was last on "
                                + reported.node() + ", set epoch and guestState.home.nodeName to that in annotation "
                                + Api.RETAINED_VM + " of its key's Secret, or recover the VM from its newest escrow; if"
                                + " not, delete ClusterNode " + reported.node()));
    }

    Optional<Problem> unanswered() {
        return unanswered("nothing is started");
    }

    /** A VM that is let go before perhaps has a guest that is not asked to end, or that is not known. */
    Optional<VmStep> inventoryForDeletion() {
        return unanswered("the deletion does not end").map(problem -> new VmStep.Wait(problem, ANSWERS));
    }

    private Optional<Problem> unanswered(String consequence) {
        return nodes.inventory().unanswered().isEmpty()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.AwaitingInventory,
                        "the operator does not know yet whether the API server's data was restored from a backup; "
                                + consequence + " until these nodes have reported which VMs they have: "
                                + String.join(", ", nodes.inventory().unanswered())
                                + ". Bring back those that are down; for a host that is lost for good, see"
                                + " docs/recovery.md"));
    }

    /**
     * A node names its boot with its answer to this leader, and an incarnation is made for that boot. One that is proved dead
     * cannot answer: what is made for it is for the boot that is over, and so never runs.
     */
    Optional<VmStep> answer(String node) {
        boolean isBootKnown = nodes.find(node)
                .filter(found -> found.answered() || nodes.isFenced(node))
                .flatMap(NodeInfo::boot)
                .isPresent();
        return isBootKnown
                ? Optional.empty()
                : Optional.of(new VmStep.Wait(
                        new Problem(
                                Reason.AwaitingInventory,
                                "the agent of " + node
                                        + " has not answered the present leader of the operator yet: check"
                                        + " that the host and its agent are running"),
                        ANSWERS));
    }

    Optional<VmStep> certificate(String node) {
        return certificateFault(node).map(fault -> new VmStep.Wait(Reason.CertificatePending, node + ": " + fault));
    }

    Optional<String> certificateFault(String node) {
        return nodes.find(node)
                .map(NodeInfo::certificateFault)
                .orElse(
                        Optional.of(
                                "its ClusterNode is gone: check that its agent is running; the operator then registers it again"));
    }

    boolean canSealTo(String node) {
        return facts.key() instanceof KeyFacts.Held && certificate(node).isEmpty();
    }

    /**
     * Adds the envelope that the incarnation's state is sealed with, if it has none that its node can open; empty if
     * none is missing or none can be sealed.
     */
    Optional<VmStep> missingEnvelope(Incarnation incarnation) {
        return !nodes.hasUsableEnvelope(incarnation) && canSealTo(incarnation.node())
                ? Optional.of(new VmStep.SealEnvelope(incarnation))
                : Optional.empty();
    }

    public static Problem imageNotFound(VmFacts facts) {
        return new Problem(
                Reason.ImageNotFound,
                "spec.imageRef names " + facts.offers().image().name() + ": this GuestImage does not exist; create it");
    }

    /** Why the VM must not be created from its image; empty from its guest's first instruction on (I5). */
    public static Optional<Problem> creation(VmFacts facts) {
        if (!facts.incarnations().isFirstStart()) {
            return Optional.empty();
        }
        return facts.offers()
                .image()
                .spec()
                .map(image ->
                        notAllowed(image, "GuestImage " + facts.offers().image().name(), facts))
                .orElseGet(() -> Optional.of(imageNotFound(facts)))
                .or(() -> new Discs(facts).asSourceOfOsDisk())
                .or(() -> ineligible(facts))
                .or(() -> facts.vm()
                        .restores()
                        .last()
                        .map(Restore::copyOf)
                        .flatMap(copied -> ClonePlan.otherImage(facts, copied.image())));
    }

    /**
     * Another incarnation is to run instead of one that has not: it is of another machine than the spec, or of an image that is
     * not eligible, or a restore has begun since. Until its agent has reported, it may be of a guest that runs.
     */
    public static boolean isSuperseded(VmFacts facts, Incarnation incarnation) {
        return new SpecChange(facts, incarnation).exists()
                || (incarnation.status().isPresent()
                        && (creation(facts).isPresent() || facts.vm().restores().comeAfter(incarnation)));
    }

    static Optional<Problem> ineligible(VmFacts facts) {
        return switch (facts.offers().image().verdict()) {
            case EligibilityVerdict.Allowed allowed -> Optional.empty();
            case EligibilityVerdict.Refused refused -> Optional.of(new Problem(refused.reason(), refused.message()));
        };
    }

    /** Why the VM's protection key cannot be used, and what to do; empty if it can. */
    public static Optional<Problem> key(VmFacts facts) {
        return switch (facts.key()) {
            case KeyFacts.Held held -> Optional.empty();
            case KeyFacts.Absent absent ->
                Optional.of(new Problem(
                        Reason.KeyMissing,
                        secret(facts, absent.namespace()) + " is missing: " + RESTORE
                                + "; no new key is made, since it would not open the VM's TPM state"
                                + consequences(facts)));
            case KeyFacts.Invalid invalid ->
                Optional.of(new Problem(
                        Reason.KeyInvalid,
                        secret(facts, invalid.secret().getMetadata().getNamespace()) + " is not usable: "
                                + invalid.why() + "; " + RESTORE + consequences(facts)));
        };
    }

    public static String secret(VmFacts facts, String namespace) {
        return "Secret " + facts.vm().uid() + " in namespace " + namespace + ", which holds the VM's protection key,";
    }

    private static String consequences(VmFacts facts) {
        return facts.incarnations()
                .current()
                .filter(incarnation -> incarnation.desired() == DesiredState.Running)
                .filter(incarnation -> incarnation.phase() == Phase.Running)
                .map(incarnation -> "; the guest still runs: do not stop it, because until the key is restored it"
                        + " cannot be migrated, and once stopped it cannot be started again"
                        + (facts.nodes().hasUsableEnvelope(incarnation) ? "" : " and its last state cannot be sealed"))
                .orElse("");
    }
}

package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.quota.QuotaAmountsBuilder;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Charge;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.operator.quota.QuotaFacts;
import io.trustedlaunch.operator.quota.QuotaLimit;
import io.trustedlaunch.operator.quota.Use;
import io.trustedlaunch.operator.quota.UseBuilder;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.operator.vm.facts.EkReport;
import io.trustedlaunch.operator.vm.facts.EscrowFacts;
import io.trustedlaunch.operator.vm.facts.FillFacts;
import io.trustedlaunch.operator.vm.facts.ImageFacts;
import io.trustedlaunch.operator.vm.facts.ImageFixture;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import io.trustedlaunch.operator.vm.facts.RestoreFactsBuilder;
import io.trustedlaunch.operator.vm.facts.TakeoverFacts;
import io.trustedlaunch.operator.vm.facts.TakeoverFactsBuilder;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmFactsBuilder;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.facts.VmOffersBuilder;
import io.trustedlaunch.operator.vm.status.VmStatus;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The facts of a VM in a cluster of host-a and host-b, as a sentence: each method states or changes one of them. */
public final class VmScene extends TwoNodes<VmScene> {
    /** Of a VM object that takes over the one in {@link Vms}. */
    public static final String OWN_UID = "c0ffee00-0031-4c5f-9f5a-6f8e1f0b7c11";

    public static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private ObjectMetaBuilder metadata = new ObjectMetaBuilder(Vms.vm(null).getMetadata());
    private TrustedLaunchVMSpecBuilder spec = Vms.spec();
    private TrustedLaunchVMStatus status;
    private final LinkedHashMap<Long, Incarnation> incarnations = new LinkedHashMap<>();
    private Optional<QuotaLimit> limit = Optional.empty();
    private Use othersUse = Use.NONE;
    private boolean countedLate;
    private Optional<Duration> startHold = Optional.empty();
    private VmOffersBuilder offers = VmOffersBuilder.builder()
            .image(ImageFixture.allowed())
            .locations(Map.of("default", Nodes.storageLocation().getSpec()))
            .networks(Map.of("default", Networks.network("default").getSpec()))
            .cardsWithTakenMac(Set.of())
            .userData(new UserDataFacts.Files(Map.of()));
    private TakeoverFactsBuilder takeover = TakeoverFactsBuilder.builder(TakeoverFacts.NONE);
    private RestoreFacts restore = RestoreFacts.NONE;
    private VmFactsBuilder facts = VmFactsBuilder.builder()
            .key(KeyFixture.NO_KEY)
            .fill(FillFacts.NONE)
            .migrations(List.of())
            .now(NOON);

    /** It was just applied. */
    public static VmScene applied() {
        return new VmScene();
    }

    /** It has its finalizer, its key and an epoch on host-a. */
    public static VmScene reserved(long epoch) {
        return applied().withFinalizer().withKey().onRecord("host-a", epoch).status(changed -> changed.vTPM(null));
    }

    /** Its first incarnation runs, and its EK is on record. */
    public static VmScene running() {
        return recorded(1).incarnation(1, DesiredState.Running, reported(Phase.Running));
    }

    /** Its EK is on record, and the epoch's incarnation is not there. */
    public static VmScene recorded(long epoch) {
        return reserved(epoch).onRecord("host-a", epoch);
    }

    public VmScene with(UnaryOperator<VmScene> change) {
        return change.apply(this);
    }

    public VmScene facts(UnaryOperator<VmFactsBuilder> change) {
        facts = change.apply(facts);
        return this;
    }

    public VmScene offers(UnaryOperator<VmOffersBuilder> change) {
        offers = change.apply(offers);
        return this;
    }

    public VmScene takeover(UnaryOperator<TakeoverFactsBuilder> change) {
        takeover = change.apply(takeover);
        return this;
    }

    public VmScene startHold(Optional<Duration> hold) {
        startHold = hold;
        return this;
    }

    public VmScene metadata(UnaryOperator<ObjectMetaBuilder> change) {
        metadata = change.apply(metadata);
        return this;
    }

    public VmScene withFinalizer() {
        return metadata(changed -> changed.withFinalizers(Api.FINALIZER));
    }

    /** Its annotation has this value; null: it has none. */
    public VmScene restartRequested(String value) {
        return metadata(changed -> changed.withAnnotations(value == null ? Map.of() : Map.of(Api.RESTARTED_AT, value)));
    }

    /** It was given to another node that long ago, because its node was dead. */
    public VmScene failedOver(Duration since) {
        return last(spec -> spec.lastFailover(NOON.minus(since).toString()));
    }

    public VmScene deleted() {
        return metadata(changed -> changed.withDeletionTimestamp("2026-01-01T00:00:00Z"));
    }

    public VmScene spec(UnaryOperator<TrustedLaunchVMSpecBuilder> change) {
        spec = change.apply(spec);
        return this;
    }

    public VmScene strategy(RunStrategy strategy) {
        return spec(changed -> changed.runStrategy(strategy));
    }

    public VmScene osDisk(String size) {
        return spec(changed -> changed.osDisk(new OsDisk(new Quantity(size))));
    }

    public VmScene approves(long epoch, long generation) {
        return approves(epoch, generation, null);
    }

    public VmScene approves(long epoch, long generation, Long afterEpoch) {
        return spec(changed -> changed.approveGuestState(new ApprovedGuestState(epoch, generation, "ada", afterEpoch)));
    }

    public VmScene approvesRestore(String backup) {
        return spec(changed -> changed.approveRestore(new ApprovedRestore(new ObjectRef(backup), "ada")));
    }

    /** VMQuota team holds in its namespace, of which other VMs take that. */
    public VmScene quota(UnaryOperator<QuotaAmountsBuilder> hard, UnaryOperator<UseBuilder> others) {
        limit = Optional.of(new QuotaLimit(
                "VMQuota team",
                "raise it",
                hard.apply(QuotaAmountsBuilder.builder()).build()));
        othersUse = others.apply(UseBuilder.builder()).build();
        return this;
    }

    /** An operator that had been succeeded has put what the VM counts for on record. */
    public VmScene countedLate() {
        countedLate = true;
        return this;
    }

    /** It counts for that. */
    public VmScene charged(Charge charge) {
        return status(changed -> changed.charged(charge));
    }

    public VmScene restore(RestoreFacts known) {
        restore = known;
        return this;
    }

    public VmScene escrow(EscrowFacts escrow) {
        return restore(RestoreFactsBuilder.builder(restore).escrow(escrow).build());
    }

    public VmScene retained() {
        return spec(changed -> changed.deletionPolicy(DeletionPolicy.Retain));
    }

    /** It is another VM object, which takes over the one in {@link Vms}. */
    public VmScene restoring() {
        return metadata(changed -> changed.withUid(OWN_UID))
                .spec(changed -> changed.restoreFrom(new RestoreFrom(new RestoreFrom.RetainedVM(Vms.UID))));
    }

    /** It has the label {@code app: db}, and keeps apart from others that have it. */
    public VmScene database() {
        return metadata(changed -> changed.withLabels(DATABASE))
                .spec(changed -> changed.affinity(Vms.apartFrom(DATABASE)));
    }

    public VmScene status(TrustedLaunchVMStatus changed) {
        status = changed;
        return this;
    }

    public VmScene status(UnaryOperator<TrustedLaunchVMStatusBuilder> change) {
        return status(change.apply(TrustedLaunchVMStatusBuilder.builder(status)).build());
    }

    /** Nothing else is. */
    public VmScene onRecord(String node, long epoch) {
        return status(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(1L)
                .nodeName(node)
                .epoch(epoch)
                .image(new RecordedImage(GuestImages.NAME, GuestImages.DIGEST, Provenance.None))
                .vTPM(new VTpm(Vms.EK, null))
                .build());
    }

    public VmScene floor(long epoch, long generation) {
        return status(changed -> changed.guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                .floor(new GuestStateVersion(epoch, generation))
                .build()));
    }

    /** What its step writes at noon is on record. */
    public VmScene written() {
        return status(newStatus());
    }

    /** Its state is on a node, and nothing of it is missing there if it is complete. */
    public VmScene home(String node, long epoch, boolean complete) {
        return status(changed -> changed.guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                .home(new TrustedLaunchVMStatus.Home("default", node, epoch, complete, Incarnations.CLUSTER))
                .build()));
    }

    /** Its state is complete on a node, and its TPM ran there with this libtpms. */
    public VmScene ranWith(String libtpms, String node, long epoch) {
        return status(changed -> changed.guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                .home(new TrustedLaunchVMStatus.Home("default", node, epoch, true, Incarnations.CLUSTER))
                .libtpms(libtpms)
                .build()));
    }

    public VmScene withKey() {
        return key(KeyFixture.held());
    }

    public VmScene key(KeyFacts key) {
        return facts(changed -> changed.key(key));
    }

    public VmScene image(ImageFacts image) {
        return offers(changed -> changed.image(image));
    }

    /** On host-a; its agent has not reported anything. */
    public VmScene incarnation(long epoch, DesiredState desired) {
        return incarnation(epoch, desired, (VMIncarnationStatus) null);
    }

    public VmScene incarnation(long epoch, DesiredState desired, VMIncarnationStatusBuilder reported) {
        return incarnation(epoch, desired, reported.build());
    }

    /** It replaces the incarnation of the same epoch, and has an envelope if it needs one. */
    private VmScene incarnation(long epoch, DesiredState desired, VMIncarnationStatus reported) {
        VMIncarnation resource = Incarnations.incarnation(
                Incarnations.spec(epoch)
                        .desiredState(desired)
                        .terminationGracePeriodSeconds(facts().vm().spec().terminationGracePeriodSeconds())
                        .machine(machine(epoch))
                        .build(),
                reported);
        Incarnation incarnation = new Incarnation(resource);
        incarnations.putLast(epoch, incarnation);
        return desired == DesiredState.Erased || incarnation.isOver() ? this : withEnvelope();
    }

    /** Of the spec as it is now, and the image as it was at first. */
    private Machine machine(long epoch) {
        MachineBuilder first = new MachineBuilder(applied().facts());
        return new MachineBuilder(facts()).machine(first.currentImage().orElseThrow(), epoch);
    }

    /** Its object is deleted. */
    public VmScene removed(long epoch) {
        incarnations.remove(epoch);
        return this;
    }

    public VmScene incarnation(long epoch, UnaryOperator<VMIncarnationSpecBuilder> change) {
        Incarnations.change(incarnations.get(epoch).resource(), change);
        return this;
    }

    /** The last incarnation was given an approval. */
    public VmScene given(long epoch, long generation) {
        return last(changed -> changed.approvedGuestState(new GuestStateVersion(epoch, generation)));
    }

    /** The last incarnation has one. */
    public VmScene withEnvelope() {
        return last(changed -> changed.envelope("c2VhbGVk"));
    }

    public VmScene withoutEnvelope() {
        return last(changed -> changed.envelope(null));
    }

    private VmScene last(UnaryOperator<VMIncarnationSpecBuilder> change) {
        return incarnation(incarnations.lastEntry().getKey(), change);
    }

    /** Its object. */
    public TrustedLaunchVM vm() {
        TrustedLaunchVM vm = Vms.vm(spec.build());
        vm.setMetadata(metadata.build());
        vm.setStatus(status);
        return vm;
    }

    public VmFacts facts() {
        VmObject vm = new VmObject(vm());
        return facts.incarnations(new VmIncarnations(
                        Incarnations.CLUSTER,
                        vm,
                        List.copyOf(incarnations.values()),
                        EkReport.of(vm, Optional.ofNullable(incarnations.get(vm.epoch())), Incarnations.LEADER),
                        startHold))
                .nodes(nodes())
                .offers(offers.build())
                .takeover(takeover.build())
                .restore(restore)
                .quota(new QuotaFacts(
                        countedLate
                                ? Use.NONE
                                : VmCharge.onRecord(vm.resource())
                                        .map(VmCharge::use)
                                        .orElse(Use.NONE),
                        othersUse,
                        countedLate,
                        limit.stream().toList()))
                .build();
    }

    public VmStep step() {
        return new VmPlanner(Incarnations.NAMESPACE, false, Pace.DEFAULT).plan(facts());
    }

    /** The step, which must be of this kind. */
    public <S extends VmStep> S step(Class<S> kind) {
        VmStep step = step();
        assertThat(step).isInstanceOf(kind);
        return kind.cast(step);
    }

    /** What the step writes at noon. */
    public TrustedLaunchVMStatus newStatus() {
        return VmStatus.of(facts(), step(), NOON).orElseThrow();
    }
}

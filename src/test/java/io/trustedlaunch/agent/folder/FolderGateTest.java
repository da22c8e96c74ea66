package io.trustedlaunch.agent.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.folder.Permit.Act;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.testkit.Vms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;

/** Epoch 3 of a VM, on host-a, because host-b and host-c are proved dead. */
class FolderGateTest {
    private static final VmFolder FOLDER = new VmFolder(Path.of("/srv/vms"), UUID.fromString(Vms.UID));
    private static final FolderRequest REQUEST = new FolderRequest(
            new VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, null), 3, FOLDER, false, Set.of("b-1", "c-1"));

    private static final String LOCATION = "default";

    private Ownership owner = vm(3, "host-a", "ek", false);
    private boolean dataIsCurrent = true;
    private final Map<String, Problem> fences = new HashMap<>();
    private final List<GuestStateVersion> home = new ArrayList<>(List.of(new GuestStateVersion(3L, 1L)));

    private FolderGate gate() {
        return gate(ref -> owner);
    }

    private FolderGate gate(Ownership.Reader owners) {
        return new FolderGate(
                owners,
                (fence, location) -> Optional.ofNullable(fences.get(fence)),
                () -> dataIsCurrent,
                folder -> home,
                "host-a");
    }

    private static Ownership vm(long epoch, String node, String ek, boolean deleting) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.getMetadata().setDeletionTimestamp(deleting ? "2026-01-01T00:00:00Z" : null);
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .epoch(epoch)
                .nodeName(node)
                .vTPM(ek == null ? null : new TrustedLaunchVMStatus.VTpm(ek, null))
                .build());
        return new Ownership.Found(vm);
    }

    /** What may only be done for the VM's own incarnation. */
    static List<Function<FolderGate, Entry>> acts() {
        return List.of(
                gate -> gate.toPrepare(REQUEST),
                gate -> gate.toClaim(REQUEST),
                gate -> gate.toResume(REQUEST, "ek"),
                gate -> gate.toRestore(REQUEST, found -> Optional.empty()));
    }

    private static Optional<Reason> refusal(Entry entry) {
        return switch (entry) {
            case Entry.Refused(Problem problem) -> Optional.of(problem.reason());
            case Entry.Superseded(Problem problem) -> Optional.of(problem.reason());
            case Entry.Granted granted -> Optional.empty();
            case Entry.Awaited awaited -> Optional.empty();
        };
    }

    @ParameterizedTest
    @MethodSource("acts")
    void eachFenceThatTheEpochReliesOnMustHoldNow(Function<FolderGate, Entry> act) {
        assertThat(act.apply(gate())).isInstanceOf(Entry.Granted.class);

        fences.put("c-1", new Problem(Reason.AwaitingFence, "host-c may still write"));

        assertThat(refusal(act.apply(gate()))).contains(Reason.AwaitingFence);
    }

    @ParameterizedTest
    @MethodSource("acts")
    void nothingIsDoneByDataThatMayBeFromABackup(Function<FolderGate, Entry> act) {
        dataIsCurrent = false;
        assertThat(act.apply(gate())).isInstanceOf(Entry.Awaited.class);
    }

    @ParameterizedTest
    @MethodSource("acts")
    void nothingIsDoneWhileALaterIncarnationIsAtHome(Function<FolderGate, Entry> act) {
        home.add(new GuestStateVersion(4L, 1L));
        assertThat(refusal(act.apply(gate()))).contains(Reason.GuestStateOfLaterEpoch);
    }

    @ParameterizedTest
    @MethodSource("acts")
    void nothingIsDoneForAVmThatIsGoneOrCannotBeRead(Function<FolderGate, Entry> act) {
        owner = new Ownership.Unread("connection refused");
        assertThat(refusal(act.apply(gate()))).contains(Reason.OwnershipUnread);
        owner = new Ownership.Absent();
        assertThat(refusal(act.apply(gate()))).contains(Reason.NotTheOwner);
        owner = vm(3, "host-a", "ek", true);
        assertThat(refusal(act.apply(gate()))).contains(Reason.NotTheOwner);
    }

    @Test
    void aGuestStartsOnlyAsTheIncarnationThatTheVmNames() {
        owner = vm(3, "host-b", "ek", false);
        assertThat(refusal(gate().toPrepare(REQUEST))).contains(Reason.NotTheOwner);
        owner = vm(4, "host-a", "ek", false);
        assertThat(gate().toResume(REQUEST, "ek")).isInstanceOf(Entry.Superseded.class);
    }

    @Test
    void aGuestRunsOnceTheVmNamesItsEndorsementKey() {
        owner = vm(3, "host-a", null, false);
        assertThat(gate().toResume(REQUEST, "ek")).isInstanceOf(Entry.Awaited.class);
        assertThat(gate().toClaim(REQUEST)).isInstanceOf(Entry.Granted.class);
        owner = vm(3, "host-a", "another", false);
        assertThat(refusal(gate().toResume(REQUEST, "ek"))).contains(Reason.EkMismatch);
    }

    /** The restore went on record while this host was said to be dead. */
    @ParameterizedTest
    @EnumSource(names = "Completed")
    @NullSource
    void anIncarnationDoesNotBeginOnceARestoreCameAfterIt(RestoreOutcome outcome) {
        owner = putBack(3, outcome);
        assertThat(refusal(gate().toPrepare(REQUEST))).contains(Reason.NotTheOwner);
        assertThat(refusal(gate().toClaim(REQUEST))).contains(Reason.NotTheOwner);
        assertThat(refusal(gate().toResume(REQUEST, "ek"))).contains(Reason.NotTheOwner);
        assertThat(gate().toContinue(REQUEST)).isInstanceOf(Entry.Granted.class);
    }

    @Test
    void anIncarnationBeginsFromWhatWasRestoredBeforeIt() {
        owner = putBack(2, RestoreOutcome.Completed);
        assertThat(gate().toPrepare(REQUEST)).isInstanceOf(Entry.Granted.class);
        owner = putBack(3, RestoreOutcome.Failed);
        assertThat(gate().toPrepare(REQUEST)).isInstanceOf(Entry.Granted.class);
    }

    private static Ownership putBack(long afterEpoch, RestoreOutcome outcome) {
        TrustedLaunchVM vm = ((Ownership.Found) vm(3, "host-a", "ek", false)).vm();
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder(vm.getStatus())
                .restore(TrustedLaunchVMStatusRestoreBuilder.builder()
                        .backup(new RecordedBackup("monday", null, null))
                        .afterEpoch(afterEpoch)
                        .outcome(outcome)
                        .build())
                .build());
        return new Ownership.Found(vm);
    }

    /** A fence is removed a day after its host is back. */
    @Test
    void aGuestThatHasRunGoesOnWithoutItsFences() {
        fences.put("b-1", new Problem(Reason.FenceContradicted, "it does not exist"));
        assertThat(gate().toContinue(REQUEST)).isInstanceOf(Entry.Granted.class);
    }

    @Test
    void aPersonMayAcceptSeveralWords() {
        fences.put("b-1", new Problem(Reason.PowerProofRequired, "nothing could contradict it"));
        fences.put("c-1", new Problem(Reason.PowerProofRequired, "nothing could contradict it"));
        owner = accepting("b-1");
        assertThat(refusal(gate().toPrepare(REQUEST))).contains(Reason.PowerProofRequired);
        owner = accepting("b-1, c-1");
        assertThat(gate().toPrepare(REQUEST)).isInstanceOf(Entry.Granted.class);

        fences.put("c-1", new Problem(Reason.FenceContradicted, "it was heard"));
        assertThat(refusal(gate().toPrepare(REQUEST))).contains(Reason.FenceContradicted);
    }

    private static Ownership accepting(String words) {
        TrustedLaunchVM vm = ((Ownership.Found) vm(3, "host-a", "ek", false)).vm();
        vm.getMetadata().setAnnotations(Map.of(Api.ACCEPTED_FENCE, words));
        return new Ownership.Found(vm);
    }

    @Nested
    class ErasingAFolder {
        @Test
        void isPermittedOfAVmThatIsBeingDeletedOrIsGone() {
            owner = vm(3, "host-a", "ek", true);
            assertThat(gate().toErase(REQUEST, version -> false)).isInstanceOf(Entry.Granted.class);
            owner = new Ownership.Absent();
            assertThat(gate().toErase(REQUEST, version -> false)).isInstanceOf(Entry.Granted.class);
        }

        @Test
        void isPermittedOfAFirstStartThatNeverRan() {
            owner = vm(3, "host-a", null, false);
            assertThat(gate().toErase(REQUEST, version -> false)).isInstanceOf(Entry.Granted.class);
        }

        @Test
        void isRefusedOfALivingVmWithATpm() {
            assertThat(refusal(gate().toErase(REQUEST, version -> false))).contains(Reason.NotTheOwner);
        }

        @Test
        void isOfAnotherClusterThatHasTheHome() {
            owner = new Ownership.Absent();
            assertThat(gate().toErase(REQUEST, version -> version.epoch() == 3)).isInstanceOf(Entry.Superseded.class);
        }

        /** Unless nobody else has the folder. */
        @Test
        void isRefusedWhileAnotherHostMayUseIt() {
            owner = new Ownership.Absent();
            fences.put("b-1", new Problem(Reason.AwaitingFence, "its beacon moves"));
            assertThat(refusal(gate().toErase(REQUEST, version -> false))).contains(Reason.AwaitingFence);
            fences.put("b-1", new Problem(Reason.PowerProofRequired, "it has another folder"));
            assertThat(gate().toErase(REQUEST, version -> false)).isInstanceOf(Entry.Granted.class);
        }

        /** The data and this host's disk were restored from the same night; the VM has run elsewhere since. */
        @Test
        void isRefusedWhileTheDataMayBeFromABackupAndThenSinceTheVmIsElsewhere() {
            owner = vm(3, "host-a", null, false);
            dataIsCurrent = false;
            assertThat(gate().toErase(REQUEST, version -> false)).isInstanceOf(Entry.Awaited.class);

            dataIsCurrent = true;
            owner = vm(4, "host-b", "ek", false);
            assertThat(gate().toErase(REQUEST, version -> false)).isInstanceOf(Entry.Superseded.class);
        }

        @Test
        void isRefusedWhileALaterIncarnationIsAtHome() {
            owner = vm(3, "host-a", null, false);
            home.add(new GuestStateVersion(4L, 1L));
            assertThat(refusal(gate().toErase(REQUEST, version -> false))).contains(Reason.HomeOfLaterEpoch);
        }

        /** Which is asked to erase the folder of both once this one has ended. */
        @Test
        void isLeftToALaterIncarnationThatTheVmNamesWhileItIsDeleted() {
            home.add(new GuestStateVersion(4L, 1L));
            owner = vm(3, "host-a", "ek", true);
            assertThat(gate().toErase(REQUEST, version -> false)).isInstanceOf(Entry.Refused.class);

            owner = vm(4, "host-b", "ek", true);
            assertThat(gate().toErase(REQUEST, version -> false)).isInstanceOf(Entry.Superseded.class);

            home.removeLast();
            assertThat(gate().toErase(REQUEST, version -> false)).isInstanceOf(Entry.Granted.class);
        }
    }

    @Nested
    class ClearingAFolder {
        @Test
        void isPermittedOnceTheVmHasGoneOnElsewhere() {
            owner = vm(4, "host-b", "ek", false);
            assertThat(gate().toClear(REQUEST, LOCATION)).isInstanceOf(Entry.Granted.class);
        }

        @Test
        void isRefusedWhileTheVmsRecordSaysThatItsGuestIsHere() {
            assertThat(refusal(gate().toClear(REQUEST, LOCATION))).contains(Reason.NotTheOwner);
        }

        /** From what an approval names, before it has claimed it. */
        @Test
        void isRefusedOnceALaterIncarnationIsToStartThere() {
            owner = vm(5, "host-a", "ek", false);
            assertThat(refusal(gate().toClear(REQUEST, LOCATION))).contains(Reason.NotTheOwner);
            assertThat(gate().toClear(REQUEST, "another")).isInstanceOf(Entry.Granted.class);
        }

        @Test
        void isRefusedWhileTheVmIsRestoredThere() {
            owner = restored("host-a", 4, null);
            assertThat(gate().toClear(REQUEST, LOCATION)).isInstanceOf(Entry.Refused.class);
            owner = restored("host-a", 4, RestoreOutcome.Failed);
            assertThat(gate().toClear(REQUEST, LOCATION)).isInstanceOf(Entry.Granted.class);
        }

        /** Also of a VM that is to be retained as it was restored. */
        @Test
        void isOverOnceTheVmIsRestoredThere() {
            owner = restored("host-a", 4, RestoreOutcome.Completed);
            assertThat(gate().toClear(REQUEST, LOCATION)).isInstanceOf(Entry.Superseded.class);
            assertThat(gate().toClear(REQUEST, "another")).isInstanceOf(Entry.Granted.class);
            ((Ownership.Found) owner).vm().getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
            assertThat(gate().toClear(REQUEST, LOCATION)).isInstanceOf(Entry.Superseded.class);
        }

        @Test
        void isPermittedIfTheVmWasRestoredElsewhereOrBefore() {
            owner = restored("host-b", 4, RestoreOutcome.Completed);
            assertThat(gate().toClear(REQUEST, LOCATION)).isInstanceOf(Entry.Granted.class);
            owner = restored("host-a", 2, RestoreOutcome.Completed);
            assertThat(gate().toClear(REQUEST, LOCATION)).isInstanceOf(Entry.Granted.class);
        }

        private Ownership restored(String node, long afterEpoch, RestoreOutcome outcome) {
            Ownership.Found found = (Ownership.Found) vm(4, "host-b", "ek", false);
            found.vm()
                    .setStatus(TrustedLaunchVMStatusBuilder.builder(found.vm().getStatus())
                            .restore(TrustedLaunchVMStatusRestoreBuilder.builder()
                                    .nodeName(node)
                                    .storageLocation(LOCATION)
                                    .afterEpoch(afterEpoch)
                                    .outcome(outcome)
                                    .build())
                            .build());
            return found;
        }
    }

    /** The next pass has to look again, since the world may have changed. */
    @Test
    void aPermitThatWasKeptIsRefused() {
        Permit kept;
        try (Permit permit = ((Entry.Granted) gate().toPrepare(REQUEST)).permit()) {
            assertThat(permit.folder(Act.PREPARE)).isEqualTo(FOLDER);
            kept = permit;
        }
        owner = vm(4, "host-b", "ek", false);

        assertThatThrownBy(() -> kept.folder(Act.PREPARE)).isInstanceOf(IllegalStateException.class);
    }

    /** Otherwise a restore that goes on record after the look of a clearing would lose its files. */
    @Test
    void aFolderHasOneActAtATimeFromItsLookToItsEnd() {
        owner = vm(4, "host-b", "ek", false);
        List<Entry> duringTheLook = new ArrayList<>();
        FolderGate[] gate = new FolderGate[1];
        gate[0] = gate(ref -> {
            if (duringTheLook.isEmpty()) {
                duringTheLook.add(new Entry.Awaited());
                duringTheLook.set(0, restore(gate[0]));
            }
            return owner;
        });

        try (Permit clearing = ((Entry.Granted) gate[0].toClear(REQUEST, LOCATION)).permit()) {
            assertThat(duringTheLook).allMatch(Entry.Awaited.class::isInstance);
            assertThat(restore(gate[0])).isInstanceOf(Entry.Awaited.class);
            assertThat(clearing.folder(Act.CLEAR)).isEqualTo(FOLDER);
        }
        assertThat(restore(gate[0])).isInstanceOf(Entry.Granted.class);
    }

    @Test
    void aLookThatPermitsNothingHoldsUpNoOther() {
        FolderGate gate = gate();
        assertThat(refusal(gate.toClear(REQUEST, LOCATION))).contains(Reason.NotTheOwner);
        owner = new Ownership.Absent();
        assertThat(gate.toErase(REQUEST, version -> version.epoch() == 3)).isInstanceOf(Entry.Superseded.class);
        owner = vm(3, "host-a", "ek", false);

        assertThat(restore(gate)).isInstanceOf(Entry.Granted.class);
    }

    private static Entry restore(FolderGate gate) {
        return gate.toRestore(REQUEST, found -> Optional.empty());
    }

    @Test
    void aPermitIsForOneAct() {
        Permit permit = ((Entry.Granted) gate().toClaim(REQUEST)).permit();
        assertThatThrownBy(() -> permit.folder(Act.RESUME)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> permit.folder(Act.ERASE)).isInstanceOf(IllegalStateException.class);
    }
}

package io.trustedlaunch.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.agent.tpm.VtpmBlobs;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.testkit.OwnThread;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The contract of hypervisors, for the fake and the real one. */
public abstract class HypervisorContract {
    protected static final TpmSecret SECRET = TpmSecret.of(
            "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".getBytes(StandardCharsets.US_ASCII));

    private static final MigrationOptions MANNER = new MigrationOptions(8, Duration.ofMillis(300), false);

    private static final Machine NO_MORE_DISKS =
            VMIncarnationSpecMachineBuilder.builder().osType(OsType.Linux).build();

    protected abstract Hypervisor hypervisor();

    /** A startable spec of a new VM with the given epoch. */
    protected abstract DomainSpec spec(UUID vm, long epoch);

    /** Makes the VM's TPM, as a first start does. */
    protected abstract void manufactureTpm(UUID vm);

    /** Stops the process of the VM's TPM, as SIGSTOP does. */
    protected abstract void stopVtpm(UUID vm);

    protected abstract void continueVtpm(UUID vm);

    protected abstract void killVtpm(UUID vm);

    private final UUID vm = UUID.randomUUID();

    @Test
    void anUnknownVmIsNotFound() {
        assertThat(hypervisor().find(vm)).isEmpty();
        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.ABSENT);
        assertThat(hypervisor().addresses(vm)).isEmpty();
        assertThat(hypervisor().guestInfo(vm)).isEmpty();
    }

    /** GuestInfoE2E has guests with one. */
    @Test
    void aGuestWithoutAGuestAgentSaysNothingOfItself() {
        started(1);
        assertThat(hypervisor().guestInfo(vm)).isEmpty();

        hypervisor().resume(vm);
        assertThat(hypervisor().guestInfo(vm)).isEmpty();
    }

    @Test
    void aCreatedDomainIsPausedAndCarriesItsIdentity() {
        DomainSpec spec = started(1);

        DomainInfo domain = hypervisor().find(vm).orElseThrow();

        assertThat(domain.identity()).isEqualTo(spec.identity());
        assertThat(domain.state()).isInstanceOf(Paused.class);
        assertThat(hypervisor().domains()).extracting(DomainInfo::identity).contains(spec.identity());
    }

    @Test
    void creatingTheSameEpochAgainIsSuccessAndChangesNothing() {
        DomainSpec spec = started(1);
        hypervisor().resume(vm);

        hypervisor().createPaused(spec, SECRET);

        assertThat(hypervisor().find(vm).orElseThrow().state()).isInstanceOf(Running.class);
    }

    @Test
    void anotherEpochIsRefusedWhileOneIsHere() {
        started(1);

        assertThat(failure(() -> hypervisor().createPaused(spec(vm, 2), SECRET)))
                .isEqualTo(new HypervisorFailure.OtherEpoch(vm, 1));
        assertThat(hypervisor().find(vm).orElseThrow().epoch()).isEqualTo(1);
    }

    /** Also of the root ports, by which the guest counts its buses. */
    @Test
    void aDomainThatIsMadeAgainHasItsDevicesWhereTheyWere() {
        started(1);
        List<DevicePlace> places = hypervisor().places(vm, NO_MORE_DISKS);
        assertThat(hypervisor().nested(vm)).contains(NestedVirtualization.None);
        assertThat(places)
                .extracting(DevicePlace::device)
                .contains("disk/os", "rng", "virtio-serial", "root-port/1", "root-port/2", "root-port/3");
        hypervisor().destroy(vm);
        assertThat(hypervisor().places(vm, NO_MORE_DISKS)).isEmpty();
        assertThat(hypervisor().nested(vm)).isEmpty();

        hypervisor()
                .createPaused(
                        DomainSpecBuilder.builder(spec(vm, 2)).places(places).build(), SECRET);

        assertThat(hypervisor().places(vm, NO_MORE_DISKS)).containsExactlyInAnyOrderElementsOf(places);
    }

    @Test
    void resumingTwiceIsSuccess() {
        started(1);

        hypervisor().resume(vm);
        hypervisor().resume(vm);

        assertThat(hypervisor().find(vm).orElseThrow().state()).isInstanceOf(Running.class);
    }

    @Test
    void theStatisticsOfADomainSayWhetherItRuns() {
        assertThat(statistics()).isEmpty();

        DomainSpec spec = started(1);
        // What QEMU must be asked for is missing as long as one QEMU of the host does not answer in time.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(statistics()).hasValueSatisfying(paused -> {
                    assertThat(paused.running()).isFalse();
                    assertThat(paused.memoryBytes()).hasValue(spec.memoryBytes());
                    assertThat(paused.residentBytes().orElse(0)).isPositive();
                    assertThat(paused.disks()).isNotEmpty();
                    assertThat(paused.cards()).hasSameSizeAs(spec.nics());
                }));

        hypervisor().resume(vm);
        assertThat(statistics()).hasValueSatisfying(running -> {
            assertThat(running.running()).isTrue();
            assertThat(running.processorTime()).isPositive();
        });
        // The firmware looks for what to boot.
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(statistics().orElseThrow().disks())
                        .anySatisfy(disk -> {
                            assertThat(disk.reads().requests()).isPositive();
                            assertThat(disk.reads().bytes()).isPositive();
                            assertThat(disk.reads().time()).isPositive();
                        }));

        hypervisor().destroy(vm);
        assertThat(statistics()).isEmpty();
    }

    private Optional<GuestStatistics> statistics() {
        return hypervisor().statistics().stream()
                .filter(guest -> guest.vm().equals(vm))
                .findFirst();
    }

    @Test
    void resumingAMissingDomainFails() {
        assertThat(failure(() -> hypervisor().resume(vm))).isEqualTo(new HypervisorFailure.DomainMissing(vm));
    }

    @Test
    void aMissingDomainCannotMigrate() {
        MigrationTarget target = new MigrationTarget(2, "host-z", "192.0.2.1", Path.of("/run/no-such-socket"));

        assertThat(failure(() -> hypervisor().migrate(vm, target, MANNER)))
                .isEqualTo(new HypervisorFailure.DomainMissing(vm));
        assertThat(hypervisor().migration(vm)).isEmpty();
        assertThatCode(() -> hypervisor().allowPause(vm, Duration.ofSeconds(1))).doesNotThrowAnyException();
        assertThatCode(() -> hypervisor().abortMigration(vm)).doesNotThrowAnyException();
        assertThatCode(() -> hypervisor().severMigration(vm, "192.0.2.1")).doesNotThrowAnyException();
        assertThatCode(() -> hypervisor().severMigration(vm, "2001:db8::1")).doesNotThrowAnyException();
    }

    @Test
    void aDomainWhoseMigrationFailsStaysUnchanged() {
        started(1);
        hypervisor().resume(vm);
        MigrationTarget target = new MigrationTarget(2, "host-z", "192.0.2.1", Path.of("/run/no-such-socket"));

        assertThat(failure(() -> hypervisor().migrate(vm, target, MANNER)))
                .isInstanceOf(HypervisorFailure.OperationFailed.class);
        assertThat(hypervisor().find(vm).orElseThrow().state()).isInstanceOf(Running.class);
        assertThat(hypervisor().find(vm).orElseThrow().epoch()).isEqualTo(1);
        assertThat(hypervisor().migration(vm)).isEmpty();
        hypervisor().allowPause(vm, Duration.ofSeconds(1));
        hypervisor().abortMigration(vm);
        assertThat(hypervisor().find(vm).orElseThrow().state()).isInstanceOf(Running.class);
    }

    @Test
    void variablesAreCompletedOnlyForAPausedDomain() {
        assertThat(failure(() -> hypervisor().completeVariables(vm, new byte[] {1})))
                .isEqualTo(new HypervisorFailure.DomainMissing(vm));
        started(1);

        hypervisor().completeVariables(vm, new byte[] {1, 2, 3});

        assertThat(hypervisor().workingCopy(vm).variables()).hasBinaryContent(new byte[] {1, 2, 3});
        hypervisor().resume(vm);
        assertThat(failure(() -> hypervisor().completeVariables(vm, new byte[] {4})))
                .isEqualTo(new HypervisorFailure.DomainMissing(vm));
    }

    @Test
    void theConsoleOfAMissingDomainOrAnotherIncarnationDoesNotOpen() {
        assertThat(failure(() -> hypervisor().openConsole(vm, 1))).isEqualTo(new HypervisorFailure.DomainMissing(vm));
        started(1);
        assertThat(failure(() -> hypervisor().openConsole(vm, 2))).isEqualTo(new HypervisorFailure.OtherEpoch(vm, 1));
    }

    @Test
    void aConsoleEndsWhenItIsClosedTakenOverOrItsDomainGone() throws Exception {
        started(1);
        hypervisor().resume(vm);

        GuestConsole closed = hypervisor().openConsole(vm, 1);
        assertThat(closed.write(new byte[] {'a'}, 1)).isTrue();
        CompletableFuture<Void> afterClosed = readToItsEnd(closed);
        closed.close();
        afterClosed.get(10, TimeUnit.SECONDS);
        assertThat(closed.write(new byte[] {'a'}, 1)).isFalse();

        GuestConsole taken = hypervisor().openConsole(vm, 1);
        CompletableFuture<Void> afterTaken = readToItsEnd(taken);
        GuestConsole taker = hypervisor().openConsole(vm, 1);
        afterTaken.get(10, TimeUnit.SECONDS);

        CompletableFuture<Void> afterGone = readToItsEnd(taker);
        hypervisor().destroy(vm);
        afterGone.get(10, TimeUnit.SECONDS);
        taken.close();
        taker.close();
    }

    @Test
    void theScreenOfAMissingDomainOrAnotherIncarnationOrAMachineWithoutOneDoesNotOpen() {
        assertThat(failure(() -> hypervisor().openScreen(vm, 1))).isEqualTo(new HypervisorFailure.DomainMissing(vm));
        started(1);
        assertThat(failure(() -> hypervisor().openScreen(vm, 2))).isEqualTo(new HypervisorFailure.OtherEpoch(vm, 1));
        assertThat(failure(() -> hypervisor().openScreen(vm, 1))).isEqualTo(new HypervisorFailure.ScreenMissing(vm));
    }

    /** Two connections share it, and each ends alone, or with the domain. */
    @Test
    void aScreenEndsWhenItIsClosedOrItsDomainGone() throws Exception {
        hypervisor().prepareVariables(spec(vm, 1));
        manufactureTpm(vm);
        hypervisor()
                .createPaused(
                        DomainSpecBuilder.builder(spec(vm, 1))
                                .screen(ScreenModel.VGA)
                                .build(),
                        SECRET);
        hypervisor().resume(vm);

        GuestConsole closed = hypervisor().openScreen(vm, 1);
        GuestConsole other = hypervisor().openScreen(vm, 1);
        for (GuestConsole each : List.of(closed, other)) {
            byte[] version = new byte[12];
            assertThat(each.read(version)).isEqualTo(12);
            assertThat(new String(version, StandardCharsets.US_ASCII)).isEqualTo("RFB 003.008\n");
        }
        CompletableFuture<Void> afterClosed = readToItsEnd(closed);
        closed.close();
        afterClosed.get(10, TimeUnit.SECONDS);
        assertThat(closed.write(new byte[] {'R'}, 1)).isFalse();

        assertThat(other.write(new byte[] {'R'}, 1)).isTrue();
        CompletableFuture<Void> afterGone = readToItsEnd(other);
        hypervisor().destroy(vm);
        afterGone.get(10, TimeUnit.SECONDS);
        other.close();
    }

    private static CompletableFuture<Void> readToItsEnd(GuestConsole console) {
        return OwnThread.run(() -> {
            byte[] buffer = new byte[16 * 1024];
            try {
                while (console.read(buffer) != GuestConsole.ENDED) {
                    assertThat(buffer).isNotEmpty();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void destroyKeepsTheWorkingCopyAndIsTheStopReason() {
        started(1);

        hypervisor().destroy(vm);
        hypervisor().destroy(vm);

        assertThat(hypervisor().find(vm)).isEmpty();
        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.PRESENT);
        await().atMost(Duration.ofSeconds(5)).until(() -> hypervisor().lastStop(vm) == StopReason.DESTROYED);
    }

    @Test
    void aStoppedVmStartsAgainInItsNextEpoch() {
        started(1);
        hypervisor().destroy(vm);

        hypervisor().createPaused(spec(vm, 2), SECRET);

        assertThat(hypervisor().find(vm).orElseThrow().epoch()).isEqualTo(2);
    }

    @Test
    void pressingThePowerButtonOfAMissingDomainIsSuccess() {
        assertThatCode(() -> hypervisor().requestShutdown(vm)).doesNotThrowAnyException();
    }

    @Test
    void placedVariablesReplaceExistingOnes() throws IOException {
        prepared();

        hypervisor().placeVariables(vm, new byte[] {1, 2, 3});

        assertThat(hypervisor().workingCopy(vm).variables()).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @Test
    void nothingIsReplacedOrSetAsideWhileADomainExists() {
        started(1);

        assertThat(failure(() -> hypervisor().placeVariables(vm, new byte[] {1})))
                .isEqualTo(new HypervisorFailure.StillThere(vm));
        assertThat(failure(() -> hypervisor().setStateAside(vm))).isEqualTo(new HypervisorFailure.StillThere(vm));
    }

    @Test
    void stateSetAsideIsKeptAndIsNoWorkingCopy() throws IOException {
        prepared();
        WorkingCopy copy = hypervisor().workingCopy(vm);
        byte[] variables = Files.readAllBytes(copy.variables());

        hypervisor().setStateAside(vm);
        hypervisor().setStateAside(vm);

        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.ABSENT);
        Path aside =
                copy.variables().resolveSibling(".rejected-" + copy.variables().getFileName() + "-1");
        assertThat(aside).hasBinaryContent(variables);
        Files.delete(aside);
    }

    @Test
    void withoutATpmNothingStartsAndNothingIsMade() {
        hypervisor().prepareVariables(spec(vm, 1));

        assertThat(failure(() -> hypervisor().createPaused(spec(vm, 1), SECRET)))
                .isInstanceOf(HypervisorFailure.TpmStateMissing.class);
        assertThat(hypervisor().find(vm)).isEmpty();
        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.ABSENT);
    }

    @Test
    void aTpmWhoseFileWasRemovedIsDamagedAndDoesNotStart() throws IOException {
        prepared();
        Files.delete(hypervisor().workingCopy(vm).tpmState());

        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.DAMAGED);
        assertThat(failure(() -> hypervisor().createPaused(spec(vm, 1), SECRET)))
                .isInstanceOf(HypervisorFailure.TpmStateMissing.class);
        assertThat(hypervisor().workingCopy(vm).tpmState()).doesNotExist();
    }

    @Test
    void aTpmWhoseFileWasEmptiedIsDamagedAndDoesNotStart() throws IOException {
        prepared();
        Files.write(hypervisor().workingCopy(vm).tpmState(), new byte[0]);

        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.DAMAGED);
        assertThat(failure(() -> hypervisor().createPaused(spec(vm, 1), SECRET)))
                .isInstanceOf(HypervisorFailure.TpmStateMissing.class);
        assertThat(hypervisor().workingCopy(vm).tpmState()).isEmptyFile();
    }

    @Test
    void lostVariablesAreNotReplacedAndPreventAStart() throws IOException {
        prepared();
        Files.delete(hypervisor().workingCopy(vm).variables());

        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.DAMAGED);
        assertThat(failure(() -> hypervisor().createPaused(spec(vm, 1), SECRET)))
                .isInstanceOf(HypervisorFailure.VariablesMissing.class);
        assertThat(failure(() -> hypervisor().prepareVariables(spec(vm, 1))))
                .isInstanceOf(HypervisorFailure.VariablesMissing.class);
        assertThat(hypervisor().workingCopy(vm).variables()).doesNotExist();
    }

    @Test
    void preparingVariablesTwiceKeepsTheFirst() throws IOException {
        hypervisor().prepareVariables(spec(vm, 1));
        byte[] first = Files.readAllBytes(hypervisor().workingCopy(vm).variables());
        first[first.length - 1] ^= 1;
        Files.write(hypervisor().workingCopy(vm).variables(), first);

        hypervisor().prepareVariables(spec(vm, 1));

        assertThat(hypervisor().workingCopy(vm).variables()).hasBinaryContent(first);
    }

    @Test
    void stateIsErasedOnlyWhenTheDomainIsGone() {
        started(1);

        assertThat(failure(() -> hypervisor().eraseState(vm))).isEqualTo(new HypervisorFailure.StillThere(vm));
        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.PRESENT);

        hypervisor().destroy(vm);
        hypervisor().eraseState(vm);
        hypervisor().eraseState(vm);

        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.ABSENT);
        assertThat(hypervisor().workingCopy(vm).variables()).doesNotExist();
    }

    @Test
    void aNetworkThatTheHostDoesNotHaveIsNamed() {
        prepared();

        assertThat(failure(() -> hypervisor().createPaused(withCard(spec(vm, 1), card("no-such-net", "None")), SECRET)))
                .isEqualTo(new HypervisorFailure.NetworkMissing("no-such-net"));
    }

    @Test
    void aNetworkFilterThatTheHostDoesNotHaveIsNamed() {
        prepared();
        String network = hypervisor().host().networks().iterator().next();

        assertThat(failure(() ->
                        hypervisor().createPaused(withCard(spec(vm, 1), card(network, "no-such-filter")), SECRET)))
                .isEqualTo(new HypervisorFailure.NetworkFilterMissing("no-such-filter"));
    }

    @Test
    void theSecretCanBeStoredAtAnyTime() {
        assertThatCode(() -> {
                    hypervisor().ensureSecret(vm, SECRET);
                    hypervisor().ensureSecret(vm, SECRET);
                })
                .doesNotThrowAnyException();
        hypervisor().eraseState(vm);
    }

    @Test
    void aListenerIsCalledForEveryChange() {
        Set<UUID> heard = ConcurrentHashMap.newKeySet();
        try (Hypervisor.Subscription subscription = hypervisor().onLifecycle(heard::add)) {
            started(1);
            await().atMost(Duration.ofSeconds(5)).until(() -> heard.contains(vm));
            heard.clear();
            hypervisor().resume(vm);
            await().atMost(Duration.ofSeconds(5)).until(() -> heard.contains(vm));
            heard.clear();
            hypervisor().destroy(vm);
            await().atMost(Duration.ofSeconds(5)).until(() -> heard.contains(vm));
        }
    }

    @Test
    void aTpmThatIsStoppedContinuedOrKilledIsObservedAndItsGuestRunsOn() {
        started(1);
        hypervisor().resume(vm);
        awaitVtpm(VtpmState.Responding.class);
        Set<UUID> heard = ConcurrentHashMap.newKeySet();
        try (Hypervisor.Subscription subscription = hypervisor().onLifecycle(heard::add)) {
            stopVtpm(vm);
            awaitVtpm(VtpmState.Stopped.class);
            await().atMost(Duration.ofSeconds(5)).until(() -> heard.contains(vm));

            continueVtpm(vm);
            awaitVtpm(VtpmState.Responding.class);

            heard.clear();
            killVtpm(vm);
            awaitVtpm(VtpmState.Ended.class);
            await().atMost(Duration.ofSeconds(5)).until(() -> heard.contains(vm));
        }
        assertThat(hypervisor().find(vm).orElseThrow().state()).isInstanceOf(Running.class);
        assertThat(hypervisor().workingCopy(vm).state()).isEqualTo(WorkingCopy.State.PRESENT);

        hypervisor().destroy(vm);
        hypervisor().createPaused(spec(vm, 2), SECRET);

        assertThat(hypervisor().find(vm).orElseThrow().vtpm()).isNotInstanceOf(VtpmState.Ended.class);
        awaitVtpm(VtpmState.Responding.class);
    }

    @Test
    void theStateOfATpmIsReadAndItsGuestStaysAsItIs() {
        assertThat(failure(() -> hypervisor().vtpmBlobs(vm))).isEqualTo(new HypervisorFailure.DomainMissing(vm));
        started(1);
        requireVtpmBlobs();
        assertThat(hypervisor().find(vm).orElseThrow().state()).isInstanceOf(Paused.class);

        hypervisor().resume(vm);
        requireVtpmBlobs();
        requireVtpmBlobs();
        assertThat(hypervisor().find(vm).orElseThrow().state()).isInstanceOf(Running.class);
    }

    @Test
    void theStateOfATpmThatIsStoppedIsNotWaitedFor() {
        started(1);
        hypervisor().resume(vm);
        awaitVtpm(VtpmState.Responding.class);
        stopVtpm(vm);

        assertThat(failure(() -> hypervisor().vtpmBlobs(vm))).isEqualTo(new HypervisorFailure.NoAnswer(vm));

        continueVtpm(vm);
        await().atMost(Duration.ofSeconds(15)).untilAsserted(this::requireVtpmBlobs);
        await().atMost(Duration.ofSeconds(5))
                .until(() -> hypervisor().find(vm).orElseThrow().state(), Running.class::isInstance);
    }

    private void requireVtpmBlobs() {
        try (VtpmBlobs blobs = hypervisor().vtpmBlobs(vm)) {
            assertThat(blobs.permanent().content()).isNotEmpty();
        }
    }

    private void awaitVtpm(Class<? extends VtpmState> state) {
        await().atMost(Duration.ofSeconds(15))
                .until(() -> hypervisor().find(vm).orElseThrow().vtpm(), state::isInstance);
    }

    @Test
    void aDiskThatIsWholeIsNotFilled() {
        DomainSpec spec = started(1);

        assertThat(hypervisor().unfilled(vm)).isEmpty();
        hypervisor().pull(vm, spec.osDisk().path());
        assertThat(hypervisor().unfilled(vm)).isEmpty();
    }

    @Test
    void withoutADomainNothingIsFilled() {
        hypervisor().pull(vm, Path.of("/var/lib/trusted-launch/none.qcow2"));

        assertThat(hypervisor().unfilled(vm)).isEmpty();
    }

    @Test
    void theHostHasTheRequiredCapabilities() {
        HostFacts facts = hypervisor().host();

        assertThat(facts.secureBootFirmware()).isTrue();
        assertThat(facts.cores()).isPositive();
        assertThat(facts.memoryBytes()).isGreaterThan(1L << 29);
        assertThat(facts.libvirtVersion()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(facts.qemuVersion()).matches("\\d+\\.\\d+\\.\\d+");
        assertThat(facts.virtualization().offers().isPresent())
                .isEqualTo(facts.nested().isPresent());
        assertThat(facts.virtualization().message()).isNotBlank();
    }

    private DomainSpec prepared() {
        DomainSpec spec = spec(vm, 1);
        hypervisor().prepareVariables(spec);
        manufactureTpm(vm);
        return spec;
    }

    private DomainSpec started(long epoch) {
        prepared();
        DomainSpec spec = spec(vm, epoch);
        hypervisor().createPaused(spec, SECRET);
        return spec;
    }

    /** The VM of the running test, for cleanup by an implementation. */
    protected UUID vm() {
        return vm;
    }

    private static HypervisorFailure failure(ThrowingCallable call) {
        HypervisorException thrown = catchThrowableOfType(HypervisorException.class, call);
        assertThat(thrown).as("a HypervisorException").isNotNull();
        return thrown.failure();
    }

    private static Nic card(String network, String filter) {
        return new Nic("nic0", network, "52:54:00:12:34:56", filter);
    }

    private static DomainSpec withCard(DomainSpec spec, Nic card) {
        return DomainSpecBuilder.builder(spec)
                .identity(new DomainIdentity(
                        spec.vm(),
                        spec.identity().epoch(),
                        spec.identity().namespace(),
                        spec.identity().name()))
                .nics(List.of(card))
                .build();
    }
}

package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.plan.MacAddresses.Claim;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MacAddressesTest {
    private static final String MAC = "52:54:00:ab:cd:ef";
    private static final String OTHER_MAC = "52:54:00:12:34:5a";
    private static final NetworkInterface CARD = new NetworkInterface("nic0", "default", null);

    private final TrustedLaunchVM older = vm("2026-01-01T00:00:00Z");
    private final TrustedLaunchVM younger = vm("2026-01-02T00:00:00Z");

    @Test
    void aDerivedAddressIsLocallyAdministeredAndOneCards() {
        Set<String> addresses = new HashSet<>();
        IntStream.range(0, 1000)
                .mapToObj(i -> MacAddresses.of(new UUID(i, i).toString(), CARD))
                .forEach(addresses::add);
        assertThat(addresses).hasSize(1000).allMatch(mac -> mac.matches("[0-9a-f][26ae](:[0-9a-f]{2}){5}"));
        assertThat(MacAddresses.of(Vms.UID, CARD))
                .isEqualTo(MacAddresses.of(Vms.UID, CARD))
                .isNotEqualTo(MacAddresses.of(Vms.UID, new NetworkInterface("nic1", "default", null)));
    }

    @Test
    void anAddressHasOneWritingHoweverTheSpecWritesIt() {
        assertThat(MacAddresses.of(Vms.UID, new NetworkInterface("nic0", "default", "52:54:00:AB:CD:EF")))
                .isEqualTo("52:54:00:ab:cd:ef");
    }

    @Test
    void theVmThatWasCreatedFirstKeepsTheAddress() {
        assertFirst(older, younger);
    }

    @Test
    void theVmThatStartedKeepsItEvenFromAnOlderOneThatDidNot() {
        younger.setStatus(TrustedLaunchVMStatusBuilder.builder().epoch(1L).build());
        assertFirst(younger, older);
    }

    @Test
    void aVmWithATpmKeepsItFromOneThatStartedWithout() {
        older.setStatus(TrustedLaunchVMStatusBuilder.builder().epoch(9L).build());
        withTpm(younger);
        assertFirst(younger, older);
    }

    /** The older one names the address by an edit. */
    @Test
    void aVmWhoseGuestHadItKeepsItFromAnOlderOneWhoseGuestHadNot() {
        withTpm(older);
        withTpm(younger);
        assertFirst(younger, having(Optional.of(MAC)), older, having(Optional.of(OTHER_MAC)));
        assertFirst(younger, having(Optional.of(MAC)), older, having(Optional.empty()));
        assertFirst(older, having(Optional.of(MAC)), younger, having(Optional.of(MAC)));
    }

    /** It was asked for, and no guest had it. */
    @Test
    void anIncarnationThatNeverRanDoesNotGiveIt() {
        withTpm(older);
        withTpm(younger);
        assertFirst(younger, having(Optional.of(MAC)), older, reported(Optional.of(MAC), neverRan()));
    }

    /** For example, it was recovered in this cluster: it may have had it. */
    @Test
    void aVmWithoutAnIncarnationKeepsItFromOneThatNamesItByAnEdit() {
        withTpm(older);
        withTpm(younger);
        assertFirst(younger, Optional.empty(), older, having(Optional.of(OTHER_MAC)));
    }

    @Test
    void aNewVmIsCreatedWithItWhateverAnotherWithATpmNamesByAnEdit() {
        withTpm(older);
        assertFirst(younger, Optional.empty(), older, having(Optional.of(OTHER_MAC)));
    }

    @Test
    void aVmIsNotInItsOwnWay() {
        assertThat(claim(older, Optional.empty()).comesBefore(claim(older, Optional.empty())))
                .isFalse();
    }

    private static void withTpm(TrustedLaunchVM vm) {
        vm.setStatus(VmScene.running().vm().getStatus());
    }

    private static Optional<Incarnation> having(Optional<String> mac) {
        return reported(mac, Incarnations.ended(Exit.Shutdown));
    }

    private static Optional<Incarnation> reported(Optional<String> mac, VMIncarnationStatusBuilder status) {
        List<Nic> cards =
                mac.map(own -> new Nic("nic0", "default", own, null)).stream().toList();
        return Optional.of(new Incarnation(Incarnations.incarnation(
                Incarnations.spec(1)
                        .machine(Incarnations.machine().nics(cards).build())
                        .build(),
                status.build())));
    }

    private static void assertFirst(TrustedLaunchVM first, TrustedLaunchVM second) {
        assertFirst(first, Optional.empty(), second, Optional.empty());
    }

    private static void assertFirst(
            TrustedLaunchVM first,
            Optional<Incarnation> lastOfFirst,
            TrustedLaunchVM second,
            Optional<Incarnation> lastOfSecond) {
        assertThat(claim(first, lastOfFirst).comesBefore(claim(second, lastOfSecond)))
                .isTrue();
        assertThat(claim(second, lastOfSecond).comesBefore(claim(first, lastOfFirst)))
                .isFalse();
    }

    private static Claim claim(TrustedLaunchVM vm, Optional<Incarnation> last) {
        return new Claim(vm, last, "default", MAC);
    }

    private static TrustedLaunchVM vm(String created) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setMetadata(new ObjectMetaBuilder(vm.getMetadata())
                .withUid(UUID.nameUUIDFromBytes(created.getBytes(UTF_8)).toString())
                .withCreationTimestamp(created)
                .build());
        return vm;
    }
}

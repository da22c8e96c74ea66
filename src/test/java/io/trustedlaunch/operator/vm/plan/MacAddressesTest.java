package io.trustedlaunch.operator.vm.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.testkit.Vms;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MacAddressesTest {
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

    /** Until then a tenant may still set another's address. */
    @Test
    void aVmWhoseCardsAreFixedKeepsItFromOneThatStartedAndCanStillChangeThem() {
        older.setStatus(TrustedLaunchVMStatusBuilder.builder().epoch(9L).build());
        younger.setStatus(VmScene.running().vm().getStatus());
        assertFirst(younger, older);
    }

    @Test
    void aVmIsNotInItsOwnWay() {
        assertThat(MacAddresses.hadItFirst(older, older)).isFalse();
    }

    private static void assertFirst(TrustedLaunchVM first, TrustedLaunchVM second) {
        assertThat(MacAddresses.hadItFirst(first, second)).isTrue();
        assertThat(MacAddresses.hadItFirst(second, first)).isFalse();
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

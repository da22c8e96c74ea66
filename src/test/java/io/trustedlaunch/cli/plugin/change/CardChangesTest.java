package io.trustedlaunch.cli.plugin.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.change.VmChange.Effect;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands make of a VM's network cards, and what they refuse. */
class CardChangesTest {
    private static final String SPEC = """
            networkInterfaces:
            - {name: nic0, network: vlan-42}
            - {name: nic1, network: vlan-43, macAddress: '52:54:00:AA:00:01'}
            - {name: nic2, network: vlan-42, linkState: Down}
            """;

    private static final String STATUS = """
            networkInterfaces:
            - {name: nic0, macAddress: '52:54:00:aa:00:00'}
            - {name: gone, macAddress: '52:54:00:aa:00:02'}
            """;

    @Test
    void theFirstCardOfAVmMakesTheList() {
        assertThat(DiskChangesTest.json(
                        new CardChanges(DiskChangesTest.vm("{}\n", "{}\n")).add("nic0", "vlan-42", Optional.empty())))
                .isEqualTo("[{\"op\":\"add\",\"path\":\"/spec/networkInterfaces\","
                        + "\"value\":[{\"name\":\"nic0\",\"network\":\"vlan-42\"}]}]");
    }

    @Test
    void aFurtherCardLeavesTheOthersAsTheyAre() {
        VmChange change = change(cards -> cards.add("nic3", "vlan-42", Optional.of("52:54:00:aa:00:02")));

        assertThat(DiskChangesTest.json(change))
                .isEqualTo(
                        "[{\"op\":\"add\",\"path\":\"/spec/networkInterfaces/-\","
                                + "\"value\":{\"name\":\"nic3\",\"network\":\"vlan-42\",\"macAddress\":\"52:54:00:aa:00:02\"}}]");
        assertThat(change.text()).isEqualTo("network card nic3 on network vlan-42 added");
        assertThat(change.effect()).isEqualTo(Effect.RUNNING);
    }

    @Test
    void aCardIsRemovedByItsName() {
        VmChange change = change(cards -> cards.remove("nic1"));

        assertThat(DiskChangesTest.json(change)).isEqualTo("""
                [{"op":"remove","path":"/spec/networkInterfaces/1"}]""");
        assertThat(change.text()).isEqualTo("network card nic1 removed");
    }

    /** Derived addresses are in the status alone. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nic1 | 52:54:00:aa:00:09 | TrustedLaunchVM finance/payroll has a network card nic1 already: choose another"
                        + " name",
                "nic3 | 52:54:00:aa:00:01 | network card nic1 of TrustedLaunchVM finance/payroll has MAC address"
                        + " 52:54:00:aa:00:01 already: choose another one, or omit --mac",
                "nic3 | 52:54:00:AA:00:00 | network card nic0 of TrustedLaunchVM finance/payroll has MAC address"
                        + " 52:54:00:AA:00:00 already: choose another one, or omit --mac",
            })
    void noCardIsAddedThatCannotBe(String name, String macAddress, String refusal) {
        refused(cards -> cards.add(name, "vlan-42", Optional.of(macAddress)), refusal);
    }

    @Test
    void aCardThatIsNotThereIsNotRemoved() {
        refused(
                cards -> cards.remove("nic7"),
                "TrustedLaunchVM finance/payroll has no network card nic7: it has these: nic0, nic1, nic2");
    }

    @Test
    void aCableIsPulledAndPluggedIn() {
        VmChange pulled = change(cards -> cards.disconnect("nic1"));
        assertThat(DiskChangesTest.json(pulled)).isEqualTo("""
                [{"op":"add","path":"/spec/networkInterfaces/1/linkState","value":"Down"}]""");
        assertThat(pulled.text()).isEqualTo("network card nic1 disconnected");

        VmChange plugged = change(cards -> cards.connect("nic2", Optional.empty()));
        assertThat(DiskChangesTest.json(plugged)).isEqualTo("""
                [{"op":"add","path":"/spec/networkInterfaces/2/linkState","value":"Up"}]""");
        assertThat(plugged.text()).isEqualTo("network card nic2 connected to network vlan-42");
    }

    @Test
    void aCardMovesToAnotherNetwork() {
        VmChange moved = change(cards -> cards.connect("nic0", Optional.of("vlan-43")));
        assertThat(DiskChangesTest.json(moved)).isEqualTo("""
                [{"op":"replace","path":"/spec/networkInterfaces/0/network","value":"vlan-43"}]""");
        assertThat(moved.text()).isEqualTo("network card nic0 connected to network vlan-43");

        assertThat(DiskChangesTest.json(change(cards -> cards.connect("nic2", Optional.of("vlan-43")))))
                .isEqualTo("[{\"op\":\"add\",\"path\":\"/spec/networkInterfaces/2/linkState\",\"value\":\"Up\"},"
                        + "{\"op\":\"replace\",\"path\":\"/spec/networkInterfaces/2/network\",\"value\":\"vlan-43\"}]");
    }

    @Test
    void whatIsSoAlreadyIsSaid() {
        refused(
                cards -> cards.connect("nic0", Optional.of("vlan-42")),
                "network card nic0 of TrustedLaunchVM finance/payroll is connected to network vlan-42 already; to connect it"
                        + " to another one: --network NETWORK");
        refused(
                cards -> cards.disconnect("nic2"),
                "network card nic2 of TrustedLaunchVM finance/payroll is disconnected already");
        refused(
                cards -> cards.disconnect("nic7"),
                "TrustedLaunchVM finance/payroll has no network card nic7: it has these: nic0, nic1, nic2");
    }

    private static void refused(Function<CardChanges, VmChange> command, String message) {
        assertThatThrownBy(() -> change(command))
                .isInstanceOf(CommandException.class)
                .hasMessage(message);
    }

    private static VmChange change(Function<CardChanges, VmChange> command) {
        return command.apply(new CardChanges(DiskChangesTest.vm(SPEC, STATUS)));
    }
}
